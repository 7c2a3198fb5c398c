"""
Canaries as rows: their latest answers, the parcels that serve as such, what was shown before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.support.builders import (
    CLEVY,
    NOON,
    SEKO,
    add_parcel,
    after,
    announced,
    event,
    number,
    report,
)
from tracker.model import Outcome
from tracker.store.canaries import CanaryLook, Expected, Shown

if TYPE_CHECKING:
    from tracker.store import Store, Transaction

LEASE = timedelta(minutes=5)
TEN_DAYS_AGO = after(days=-10)


def answer(index: int = 1, *, right: bool | None = True, hours: float = 0) -> CanaryLook:
    """
    What the portal said of a canary.
    """
    return CanaryLook(
        tracking_number=number(index),
        expected=Expected.SCANNED,
        looked_at=after(hours=hours),
        outcome=Outcome.EVENTS if right else Outcome.NOT_FOUND,
        right=right,
        detail=None if right else "it is\0 gone",
    )


def scanned(store: Store, index: int, *, days: float = -1) -> int:
    """
    A stored parcel that Seko scanned so many days from noon.
    """
    parcel_id = add_parcel(store, index, created_at=after(days=-30))
    with store.begin() as tx:
        shown = event(occurred_at=after(days=days))
        tx.looks.record(parcel_id, report(shown, tracking_number=number(index)))
    return parcel_id


def lease(tx: Transaction, limit: int = 1, *, wrong_too: bool = False) -> list[str]:
    """
    The numbers that are leased as canaries now.
    """
    found = tx.canaries.lease_scanned(
        SEKO,
        NOON,
        since=TEN_DAYS_AGO,
        limit=limit,
        owner="a",
        lease=LEASE,
        wrong_too=wrong_too,
    )
    return list(found)


def test_only_the_latest_answer_of_each_canary_is_kept(store: Store) -> None:
    """
    One row for each carrier and number, the latest first; another carrier's are its own.
    """
    with store.begin() as tx:
        tx.canaries.keep(SEKO, [answer(1, right=False), answer(2, hours=1)])
        tx.canaries.keep(SEKO, [answer(1, hours=2)])
        tx.canaries.keep(CLEVY, [answer(3, right=None)])
        assert tx.canaries.of(SEKO) == (answer(1, hours=2), answer(2, hours=1))
        assert [one.right for one in tx.canaries.of(CLEVY)] == [None]


def test_what_cannot_be_stored_is_left_out_of_a_canarys_detail(store: Store) -> None:
    """
    A portal's NUL stops no round.
    """
    with store.begin() as tx:
        tx.canaries.keep(SEKO, [answer(right=False)])
        assert tx.canaries.of(SEKO)[0].detail == "it is gone"


def test_a_canary_that_is_not_asked_any_more_is_forgotten(store: Store) -> None:
    """
    After a fortnight its last answer does not stand in the status any longer.
    """
    with store.begin() as tx:
        tx.canaries.keep(SEKO, [answer(1)])
        tx.canaries.keep(SEKO, [answer(2, hours=24 * 15)])
        assert [one.tracking_number for one in tx.canaries.of(SEKO)] == [number(2)]


def test_the_latest_scanned_parcel_serves_as_canary(store: Store) -> None:
    """
    Not one scanned too long ago, not an unscanned one, and only a free one.
    """
    for index, days in ((1, -3), (2, -1), (3, -11)):
        scanned(store, index, days=days)
    add_parcel(store, 4)
    with store.begin() as tx:
        assert lease(tx) == [number(2)]
        assert lease(tx, 5) == [number(1)]
        assert lease(tx, 5) == []
    with store.read() as tx:
        held = {one.tracking_number for one in tx.parcels.matching(NOON) if one.scanned}
    assert held == {number(1), number(2), number(3)}


def test_another_carriers_scan_makes_no_canary(store: Store) -> None:
    """
    Seko is tested by what Seko showed.
    """
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        tx.looks.record(parcel_id, report(event(), carrier=CLEVY))
        assert lease(tx) == []


def test_a_canary_that_answered_wrongly_is_passed_over(store: Store) -> None:
    """
    Unless a doubt is being tested: then it is asked too.
    """
    for index in (1, 2):
        scanned(store, index, days=-index)
    with store.begin() as tx:
        tx.canaries.keep(SEKO, [answer(1, right=False), answer(2, right=None)])
    with store.begin(dry_run=True) as tx:
        assert lease(tx, 2) == [number(2)]
    with store.begin(dry_run=True) as tx:
        assert lease(tx, 2, wrong_too=True) == [number(1), number(2)]


def test_known_events_are_the_carriers_own(store: Store) -> None:
    """
    Neither another carrier's, nor an earlier parcel's with the same number.
    """
    first, second = (add_parcel(store, index) for index in (1, 2))
    with store.begin() as tx:
        foreign = event(occurred_at=after(days=-99))
        tx.looks.record(first, report(announced(), foreign))
        tx.looks.record(second, report(event(), carrier=CLEVY, tracking_number=number(2)))
        shown = tx.canaries.known_events(SEKO, [first, second])
    assert shown == {first: (Shown.of(announced()),)}
