"""
Somebody wants another look: it is due at once, or there is a reason why not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.builders import CLEVY, NOON, SEKO, add_parcel, after, report
from tracker.acting.looking import Granted, look_again
from tracker.store.parcels import Plan

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.store import Store

LATER = Plan(look_at=after(hours=5), carrier=SEKO, decide_at=None)


def granted(store: Store, parcel_id: int) -> tuple[Granted, datetime | None]:
    """
    What came of the wish, and when the parcel is looked at next.
    """
    with store.begin() as tx:
        record = tx.parcels.get(parcel_id, NOON)
        assert record is not None
        answer = look_again(tx, record, NOON)
        planned = tx.parcels.get(parcel_id, NOON)
    assert planned is not None
    return answer, planned.parcel.next_look_at


def test_a_wish_makes_the_look_due(store: Store) -> None:
    """
    Whatever was planned; a parcel that nobody looks at stays so.
    """
    watched, unwatched, gone = (add_parcel(store, index) for index in (1, 2, 3))
    with store.begin() as tx:
        for one in (watched, gone):
            tx.parcels.plan({one: LATER})
        tx.parcels.archive(gone, NOON)
    assert granted(store, watched) == (Granted.DUE, NOON)
    assert granted(store, unwatched) == (Granted.UNWATCHED, None)
    assert granted(store, gone)[0] is Granted.UNWATCHED


def test_a_portal_is_not_asked_twice_in_a_moment(store: Store) -> None:
    """
    Not within ten minutes of the last look.
    """
    parcel_id = add_parcel(store, 1)
    for minutes, answer in ((-9, Granted.TOO_SOON), (0, Granted.TOO_SOON)):
        with store.begin() as tx:
            tx.looks.record(parcel_id, report(looked_at=after(minutes=minutes)))
            tx.parcels.plan({parcel_id: LATER})
        assert granted(store, parcel_id) == (answer, after(hours=5))


def test_a_resting_portal_stays_unasked(store: Store) -> None:
    """
    The look is due and waits for the end of the rest; of two portals the other one is asked.
    """
    single, double = add_parcel(store, 1), add_parcel(store, 2, second_carrier=CLEVY)
    with store.begin() as tx:
        tx.health.cool_down(SEKO, NOON, after(hours=1), "429")
        for one in (single, double):
            tx.parcels.plan({one: LATER})
    assert granted(store, single) == (Granted.RESTING, NOON)
    assert granted(store, double) == (Granted.DUE, NOON)
