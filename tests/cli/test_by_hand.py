"""
``tracker orders by-hand``: what a person has to look up now, and the file to fill in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.world import SHOP, ds_number
from tracker.settings import load_settings
from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cli import Ended

    Tracker = Callable[..., Ended]

NUMBER, CHECKED, DOUBTFUL = (ds_number(319365323 + index) for index in range(3))
EXPORT = f"""Order Number;Tracking Code;Created at;Service
319365323;{NUMBER};2026-11-16 10:00:00;
319365324;{CHECKED};2026-11-16 10:00:00;
319365325;{DOUBTFUL};2026-11-16 10:00:00;Economy Shipping
"""


@pytest.fixture(autouse=True)
def unverified(tracker: Tracker, workplace: Path) -> None:
    """
    Three parcels, two of which could not be checked; the portal of one of these is in doubt.
    """
    (workplace / "export.csv").write_text(EXPORT)
    tracker("orders", "import", "export.csv")
    store, now = open_store(load_settings().database_url), datetime(2026, 11, 20, 2, tzinfo=UTC)
    with store.begin() as tx:
        for number in (NUMBER, DOUBTFUL):
            record = tx.parcels.live(number, now)
            assert record is not None
            tx.parcels.mark_unverified([record.parcel.id], now)
    store.close()


def test_one_line_for_each_number_and_portal(tracker: Tracker) -> None:
    """
    Number, shop, portal, link and since when; a doubtful parcel at both portals.
    """
    ended = tracker("orders", "by-hand", "--json")
    assert ended.code == 0
    assert [(one["tracking_number"], one["carrier"]) for one in ended.lines] == [
        (DOUBTFUL, "clevy"),
        (DOUBTFUL, "seko"),
        (NUMBER, "seko"),
    ]
    last = ended.lines[-1]
    assert list(last) == [
        "tracking_number",
        "order_number",
        "shop",
        "carrier",
        "url",
        "unverified_since",
        "scan_deadline",
    ]
    assert (last["shop"], last["unverified_since"]) == (SHOP, "2026-11-20T02:00:00Z")
    assert last["url"] == load_settings().carriers.seko.url
    assert tracker("orders", "by-hand", "--shop", "Nobody", "--json").lines == []


def test_the_file_comes_back(tracker: Tracker, workplace: Path) -> None:
    """
    Written, filled in for one number and told: that one is scanned, the other still on the list.
    """
    assert tracker("orders", "by-hand", "--shop", SHOP, "--out", "list.csv").code == 0
    rows = (workplace / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    filled = [row.replace(f"{NUMBER},,,", f"{NUMBER},2026-11-18 16:00,by hand,") for row in rows]
    (workplace / "list.csv").write_text("\n".join(filled))
    ended = tracker("orders", "scanned", "--from", "list.csv", "--json")
    assert (ended.code, [one["tracking_number"] for one in ended.lines]) == (0, [NUMBER])
    left = tracker("orders", "by-hand", "--json").lines
    assert {one["tracking_number"] for one in left} == {DOUBTFUL}


def test_no_file_is_overwritten(tracker: Tracker, workplace: Path) -> None:
    """
    A file that exists may be half filled in: exit 2, and it stays as it is.
    """
    (workplace / "list.csv").write_text("mine")
    ended = tracker("orders", "by-hand", "--out", "list.csv", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert (workplace / "list.csv").read_text() == "mine"
