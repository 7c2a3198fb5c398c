"""
``tracker orders picked-up``: exit codes and what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.world import ds_number, order
from tracker.clock import utc_now
from tracker.model import SellerStatus
from tracker.orders.importing import Importer
from tracker.planning.deadlines import Deadlines
from tracker.settings import load_settings
from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cli import Ended

    Tracker = Callable[..., Ended]

NUMBER = ds_number(319365323)
UNDERWAY = ds_number(319365324)


@pytest.fixture
def watched(workplace: Path) -> None:
    """
    One parcel on the watch list, which came back.
    """
    settings = load_settings()
    store = open_store(settings.database_url)
    now = utc_now()
    with store.begin() as tx:
        importer = Importer(tx=tx, deadlines=Deadlines(settings), now=now, observed_at=now)
        importer.take(
            "orders.csv",
            [
                order(NUMBER, status=SellerStatus.RETURNED),
                order(UNDERWAY, status=SellerStatus.READY_TO_SHIP),
            ],
        )
    store.close()


def test_a_return_has_five_working_days(tracker: Tracker, watched: None) -> None:
    """
    Picked up on a Monday: the claim is taken until the next one.
    """
    ended = tracker("orders", "picked-up", NUMBER, "--at", "2026-11-16T10:00", "--json")
    assert ended.code == 0
    assert ended.one == {
        "tracking_number": NUMBER,
        "picked_up_at": "2026-11-16T02:00:00Z",
        "claim_until": "2026-11-23T02:00:00Z",
    }


def test_an_unknown_number_is_named(tracker: Tracker, watched: None) -> None:
    """
    Exit 1, and the others are taken.
    """
    ended = tracker("orders", "picked-up", NUMBER, ds_number(1), "--at", "2026-11-16", "--json")
    assert ended.code == 1
    assert ended.one["tracking_number"] == NUMBER
    assert "not on the watch list" in ended.err


def test_a_parcel_that_nobody_returned_is_refused(tracker: Tracker, watched: None) -> None:
    """
    Exit 1 with the order's status; ``--force`` takes it all the same.
    """
    ended = tracker("orders", "picked-up", UNDERWAY, NUMBER, "--at", "2026-11-16", "--json")
    assert (ended.code, ended.one["tracking_number"]) == (1, NUMBER)
    assert "nothing known says that it came back (its order is READY_TO_SHIP)" in ended.err
    forced = tracker("orders", "picked-up", UNDERWAY, "--at", "2026-11-16", "--force", "--json")
    assert (forced.code, forced.one["tracking_number"]) == (0, UNDERWAY)


def test_a_pick_up_lies_in_the_past(tracker: Tracker, watched: None) -> None:
    """
    Exit 2 and nothing changed.
    """
    ended = tracker("orders", "picked-up", NUMBER, "--at", "2999-01-01T10:00")
    assert ended.code == 2
    assert "future" in ended.err
