"""
Parcels of two portals in the store: what each portal came to, whose turn it is, what lacks proof.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders import (
    CLEVY,
    NOON,
    SEKO,
    add_parcel,
    after,
    announced,
    draft,
    event,
    plan_look,
    report,
)
from tracker.model import CarrierName, LookReport, Outcome
from tracker.store.marks import CarrierMark
from tracker.store.parcels import Plan

if TYPE_CHECKING:
    from tracker.store import Store

LEASE = timedelta(minutes=10)


def _doubtful(store: Store, index: int = 1, **facts: Any) -> int:
    return add_parcel(store, index, second_carrier=CLEVY, **facts)


def _record(store: Store, parcel_id: int, *looks: LookReport) -> None:
    for look in looks:
        with store.begin() as tx:
            tx.looks.record(parcel_id, look)


def _plan(store: Store, parcel_id: int, carrier: CarrierName) -> None:
    with store.begin() as tx:
        plan_look(tx, parcel_id, NOON, carrier)


def _claimed(store: Store, carrier: CarrierName) -> list[int]:
    with store.begin(dry_run=True) as tx:
        leased = tx.parcels.claim_due(carrier, NOON, limit=9, owner="a", lease=LEASE)
    return [one.parcel_id for one in leased]


def test_each_portals_looks_are_counted_apart(store: Store) -> None:
    """
    The latest look, the last good one, the failures since and the scan are the portal's own.
    """
    parcel_id = _doubtful(store)
    _record(
        store,
        parcel_id,
        report(announced(), looked_at=after(hours=-3)),
        report(event(), carrier=CLEVY, looked_at=after(hours=-2)),
        report(outcome=Outcome.BLOCKED, looked_at=after(hours=-2)),
        report(outcome=Outcome.MISSING, looked_at=after(hours=-1)),
    )
    with store.read() as tx:
        marks = tx.looks.marks([parcel_id, 999])
    assert marks == {
        parcel_id: {
            SEKO: CarrierMark(
                last_look_at=after(hours=-1),
                last_outcome=Outcome.MISSING,
                last_good_look_at=after(hours=-3),
                failures=2,
            ),
            CLEVY: CarrierMark(
                last_look_at=after(hours=-2),
                last_outcome=Outcome.EVENTS,
                last_good_look_at=after(hours=-2),
                showed_scan=True,
            ),
        }
    }


def test_the_last_good_look_and_first_attempt_of_one_portal(store: Store) -> None:
    """
    Asked for one carrier, the other one's looks are no answer.
    """
    parcel_id = _doubtful(store)
    bad = report(outcome=Outcome.BLOCKED, carrier=CLEVY, looked_at=after(hours=1))
    _record(store, parcel_id, report(), bad)
    with store.read() as tx:
        assert tx.looks.last_good([parcel_id], CLEVY) == {}
        assert tx.looks.last_good([parcel_id], SEKO)[parcel_id].looked_at == NOON
        attempts = tx.looks.first_attempts_since([parcel_id], NOON)
        assert attempts == {(parcel_id, SEKO): NOON, (parcel_id, CLEVY): after(hours=1)}


@pytest.mark.parametrize("seen", [(), (SEKO,), (CLEVY,), (SEKO, CLEVY)])
def test_proof_is_lacking_until_both_portals_were_seen(
    store: Store, seen: tuple[CarrierName, ...]
) -> None:
    """
    A late parcel of two portals awaits its verdict until a good look since at each.
    """
    parcel_id = _doubtful(store)
    _plan(store, parcel_id, SEKO)
    _record(store, parcel_id, *(report(carrier=one) for one in seen))
    with store.read() as tx:
        lacking = tx.parcels.overdue_without_good_look(NOON)
        waits = tx.parcels.awaits_verdict("Lagos Lights", NOON)
    assert (lacking == (parcel_id,)) is waits is (len(seen) < 2)


def test_a_look_at_a_portal_that_is_not_the_parcels_proves_nothing(store: Store) -> None:
    """
    After its carrier was corrected a parcel needs a look at the right portal.
    """
    parcel_id = add_parcel(store)
    _plan(store, parcel_id, SEKO)
    _record(store, parcel_id, report(carrier=CLEVY))
    with store.read() as tx:
        assert tx.parcels.overdue_without_good_look(NOON) == (parcel_id,)


def test_only_the_portal_whose_turn_it_is_gets_the_parcel(store: Store) -> None:
    """
    A parcel is leased for the planned portal, and both of its portals count as watched.
    """
    parcel_id = _doubtful(store)
    _plan(store, parcel_id, CLEVY)
    assert (_claimed(store, SEKO), _claimed(store, CLEVY)) == ([], [parcel_id])
    with store.read() as tx:
        assert tx.parcels.is_watched(SEKO)
        assert tx.parcels.is_watched(CLEVY)


def test_a_change_of_the_order_keeps_whose_turn_it_is(store: Store) -> None:
    """
    An import in the middle of a pair of looks does not ask the first portal again.
    """
    parcel_id = _doubtful(store)
    _plan(store, parcel_id, CLEVY)
    with store.begin() as tx:
        tx.parcels.change(parcel_id, draft(second_carrier=CLEVY, courier="SF"))
    assert _claimed(store, CLEVY) == [parcel_id]
    with store.begin() as tx:
        tx.parcels.change(parcel_id, draft())
    assert _claimed(store, SEKO) == [parcel_id]


def test_what_is_due_at_one_of_two_portals(store: Store) -> None:
    """
    Only free parcels of two portals whose turn is at this one can pass their turn.
    """
    doubtful, leased, single = _doubtful(store), _doubtful(store, 2), add_parcel(store, 3)
    for parcel_id in (doubtful, leased, single):
        _plan(store, parcel_id, SEKO)
    with store.begin() as tx:
        plan_look(tx, leased, after(hours=-1))
        tx.parcels.claim_due(SEKO, after(minutes=-30), limit=1, owner="a", lease=LEASE * 9)
    with store.begin() as tx:
        assert tx.parcels.due_of_two(SEKO, NOON) == (doubtful,)
        assert tx.parcels.due_of_two(CLEVY, NOON) == ()


@pytest.mark.parametrize("seen", [SEKO, CLEVY])
def test_proof_can_be_asked_for_at_one_portal(store: Store, seen: CarrierName) -> None:
    """
    A parcel that one portal has answered for lacks proof at the other one only.
    """
    parcel_id = _doubtful(store)
    _plan(store, parcel_id, SEKO)
    _record(store, parcel_id, report(carrier=seen))
    with store.read() as tx:
        lacking = {one for one in CarrierName if tx.parcels.overdue_without_good_look(NOON, one)}
    assert lacking == set(CarrierName) - {seen}


def test_a_carrier_that_is_trusted_again_is_asked_first(store: Store) -> None:
    """
    Its late parcels are decided at once, and the look that lacks is due at its own portal.
    """
    doubtful, seen, other = _doubtful(store), _doubtful(store, 2), add_parcel(store, 3)
    for parcel_id in (doubtful, seen, other):
        with store.begin() as tx:
            plan = Plan(look_at=after(hours=3), carrier=SEKO, decide_at=None)
            tx.parcels.plan({parcel_id: plan})
    _record(store, seen, report(carrier=CLEVY))
    with store.begin() as tx:
        tx.parcels.reconsider(CLEVY, NOON)
        assert set(tx.parcels.to_decide(NOON, 9)) == {doubtful, seen}
    assert (_claimed(store, CLEVY), _claimed(store, SEKO)) == ([doubtful], [])
