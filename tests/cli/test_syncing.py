"""
``tracker orders sync``, and what ``run --once`` and ``status`` make of inbox and sync.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.vendorcenter import CLIENT, SEED, VendorCenterServer, item, order
from tests.support.world import SHOP, ds_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.cli import Ended

    Tracker = Callable[..., Ended]

NUMBER = ds_number(319365301)
ENDED = "Order Number;Tracking Code;Status\n319365301;JG-NJS-319365301-5711;delivered\n"


@pytest.fixture
def server() -> Iterator[VendorCenterServer]:
    """
    The API with one delivered order, which no portal is asked about.
    """
    with VendorCenterServer() as running:
        running.orders = [order("319365301", item(NUMBER, status="DELIVERED"))]
        yield running


@pytest.fixture
def linked(workplace: Path, server: VendorCenterServer) -> Path:
    """
    The working directory's shop has access to the API.
    """
    config = workplace / "tracker.toml"
    access = f'vendor_center = {{ client_id = "{CLIENT}", refresh_token = "{SEED}" }}'
    shop = f'name = "{SHOP}"'
    config.write_text(config.read_text().replace(shop, f"{shop}\n{access}") + server.config())
    return workplace


@pytest.fixture
def all_orders(server: VendorCenterServer) -> None:
    """
    The API gives its orders whatever range is asked: the command's clock is the real one.
    """
    heads = [{k: v for k, v in one.items() if k != "items"} for one in server.orders]
    page = {"orders": heads, "nextToken": None, "isLastPage": True}
    server.faults["/orders"] = [
        lambda exchange: (
            exchange.answer(200, page)
            if exchange.bearer in server.access
            else exchange.answer(401, {})
        )
    ] * 10


def test_sync_counts_and_json(tracker: Tracker, linked: Path, all_orders: None) -> None:
    """
    One JSON line per account with the counts, exit 0; again: nothing new.
    """
    first = tracker("orders", "sync", "--json")
    assert first.code == 0, first.err
    assert first.one == {
        "shops": [SHOP],
        "orders": 2,  # the range of 95 days is asked in two parts, and this API gives it twice
        "added": 1,
        "updated": 0,
        "unchanged": 1,
        "refused": 0,
        "no_number": 0,
        "warnings": 0,
        "by_jumia": 0,
        "other_shops": 0,
        "problem": None,
    }
    again = tracker("orders", "sync", "--shop", SHOP)
    assert (again.code, "1 unchanged" in again.out) == (0, True)


def test_sync_without_access_is_wrong_usage(tracker: Tracker, workplace: Path) -> None:
    """
    Exit 2 when no shop, or not this shop, has access; nothing was asked.
    """
    assert tracker("orders", "sync").code == 2
    unknown = tracker("orders", "sync", "--shop", "Nobody")
    assert (unknown.code, "'Nobody' is not configured" in unknown.err) == (2, True)
    assert "has no vendor_center settings" in tracker("orders", "sync", "--shop", SHOP).err


def test_a_dead_token_is_exit_1_and_red_status(
    tracker: Tracker, linked: Path, server: VendorCenterServer
) -> None:
    """
    The sentence on stderr, in the JSON line and in ``status``; the token is in none of them.
    """
    server.living = "ANOTHER"
    ended = tracker("orders", "sync", "--json")
    status = tracker("status", "--json")
    assert (ended.code, status.code) == (1, 1)
    assert "is not valid any more" in ended.one["problem"]
    assert "is not valid any more" in ended.err
    assert any("is not valid any more" in problem for problem in status.one["problems"])
    assert SEED not in ended.out + ended.err + status.out + status.err


def test_a_dry_run_takes_no_order(tracker: Tracker, linked: Path, all_orders: None) -> None:
    """
    The counts as they would be, and an empty watch list.
    """
    ended = tracker("orders", "sync", "--dry-run")
    assert (ended.code, "would be 2 added" in ended.out) == (0, True)
    assert tracker("orders", "list", "--json").out == ""


def test_left_out_items_are_listed(
    tracker: Tracker, linked: Path, server: VendorCenterServer, all_orders: None
) -> None:
    """
    One JSON line each as of a refused row, exit 1, and a warning about an unknown status.
    """
    server.orders[0]["items"] = "none"
    ended = tracker("orders", "sync", "--json")
    *refused, counts = ended.lines
    assert (ended.code, counts["refused"]) == (1, 2)
    assert refused[0] == {
        "file": f"Vendor Center ({SHOP})",
        "line": 1,
        "reason": "order 319365301: the API gave no items for it",
    }


def test_run_once_syncs_and_imports(
    tracker: Tracker, linked: Path, server: VendorCenterServer, all_orders: None
) -> None:
    """
    A single round takes the inbox and asks the API when its time is due, once.
    """
    inbox = linked / "inbox"
    inbox.mkdir()
    (inbox / "orders.csv").write_text(ENDED)
    os.utime(inbox / "orders.csv", (1, 1))
    config = linked / "tracker.toml"
    config.write_text(config.read_text() + '[inbox]\nfolder = "inbox"\n')
    first = tracker("run", "--once", "--json")
    again = tracker("run", "--once", "--json")
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert first.one["problems"] == []
    assert (inbox / "done" / "orders.csv").exists()
    assert len(server.asked("/orders")) == 2
    assert [one["tracking_number"] for one in tracker("orders", "list", "--json").lines] == [NUMBER]
    beats = tracker("status", "--json").one["heartbeats"]
    assert beats["inbox"]["ok"]
    assert beats["sync"]["ok"]


def test_run_once_tells_a_failed_file(tracker: Tracker, workplace: Path) -> None:
    """
    Exit 1, a problem in the round and in ``status``, until the file is taken away.
    """
    inbox = workplace / "inbox"
    inbox.mkdir()
    (inbox / "bad.csv").write_text("Colour;Size\nred;5\n")
    os.utime(inbox / "bad.csv", (1, 1))
    config = workplace / "tracker.toml"
    config.write_text(config.read_text() + '[inbox]\nfolder = "inbox"\n')
    ended = tracker("run", "--once", "--json")
    status = tracker("status", "--json")
    assert (ended.code, status.code) == (1, 1)
    assert "bad.csv" in ended.one["problems"][0]
    assert "bad.csv" in status.one["problems"][0]
    (inbox / "failed" / "bad.csv").unlink()
    assert tracker("run", "--once", "--json").code == 0
    assert tracker("status", "--json").one["problems"] == []


def test_a_step_that_is_configured_no_more_is_not_missed(
    tracker: Tracker, linked: Path, all_orders: None
) -> None:
    """
    Its heartbeat goes with its settings, so that status does not turn red for it.
    """
    config = linked / "tracker.toml"
    before = config.read_text()
    tracker("run", "--once", "--json")
    config.write_text(before.replace("vendor_center = {", "# {"))
    tracker("run", "--once", "--json")
    assert "sync" not in tracker("status", "--json").one["heartbeats"]
