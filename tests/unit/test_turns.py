"""
At whose portal a parcel is looked at next: two cadences, and who waits for whom.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import CLEVY, NOON, SEKO, after, draft
from tracker.calendar import WorkingCalendar
from tracker.model import CarrierName, Outcome, Parcel, ParcelState, SellerStatus
from tracker.planning.cadence import DEFAULT, next_look_at
from tracker.planning.turns import next_turn, watch_of
from tracker.store.marks import CarrierMark
from tracker.store.records import WatchRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CALENDAR = WorkingCalendar("shenzhen")
LATER = after(minutes=1)


def record(**facts: Any) -> WatchRecord:
    """
    A parcel of two portals, due since midnight, known for three days.
    """
    given = draft(second_carrier=CLEVY, **facts)
    known = {
        name: getattr(given, name) for name in Parcel.__slots__ if name in type(given).__slots__
    }
    learned: dict[str, Any] = {
        "id": 1,
        "state": ParcelState.OVERDUE,
        "stage": None,
        "first_scan_at": None,
        "scanned": False,
        "first_seen_at": after(days=-3),
        "last_look_at": None,
        "last_outcome": None,
        "last_good_look_at": None,
        "next_look_at": None,
    }
    rest = dict.fromkeys(WatchRecord.__slots__)
    return WatchRecord(**(rest | {"parcel": Parcel(**(known | learned)), "failures": 0}))


def mark(at: datetime = NOON, outcome: Outcome = Outcome.NO_EVENTS, **facts: Any) -> CarrierMark:
    """
    A portal that was looked at then.
    """
    good = at if outcome.is_good else None
    return CarrierMark(last_look_at=at, last_outcome=outcome, last_good_look_at=good, **facts)


def turn(
    marks: Mapping[CarrierName, CarrierMark],
    now: datetime = NOON,
    closed: Mapping[CarrierName, datetime] | None = None,
    **facts: Any,
) -> tuple[datetime | None, CarrierName | None]:
    """
    The next turn of the parcel.
    """
    return next_turn(record(**facts), now, CALENDAR, DEFAULT, marks=marks, closed=closed or {})


def test_the_parcels_own_portal_is_asked_first() -> None:
    """
    Never looked at: due, at the parcel's own carrier.
    """
    assert turn({}) == (after(days=-3), SEKO)


def test_the_second_follows_the_first_at_once() -> None:
    """
    After a good look at the first the second is due, whenever it was asked before.
    """
    assert turn({SEKO: mark(LATER), CLEVY: mark(NOON)}, LATER) == (LATER, CLEVY)


def test_after_both_the_cadence_decides() -> None:
    """
    Nobody is due once both were asked, and the parcel's own portal is the next.
    """
    at, carrier = turn({SEKO: mark(NOON), CLEVY: mark(NOON)})
    assert carrier is SEKO
    assert at is not None
    assert timedelta(hours=1) < at - NOON < timedelta(hours=4)


@pytest.mark.parametrize("failing", [SEKO, CLEVY])
def test_a_failing_portal_waits_out_its_own_pause(failing: CarrierName) -> None:
    """
    Five failures pause a portal for hours, although the other one has just answered.
    """
    other = CLEVY if failing is SEKO else SEKO
    marks = {failing: mark(NOON, Outcome.UNREADABLE, failures=5), other: mark(LATER)}
    at, _ = turn(marks, LATER)
    assert at is not None
    assert at - NOON > timedelta(hours=2)


@pytest.mark.parametrize("closed", [SEKO, CLEVY])
def test_a_closed_portal_passes_its_turn(closed: CarrierName) -> None:
    """
    A portal that must not be asked is not planned for before its instant.
    """
    until = after(days=2)
    for marks in ({}, {SEKO: mark(), CLEVY: mark()}, {SEKO: mark(LATER), CLEVY: mark()}):
        at, carrier = turn(marks, LATER, {closed: until})
        assert carrier is not closed
        assert at is not None
        assert at < until
    soon = after(minutes=20)
    back = turn({SEKO: mark(), CLEVY: mark()}, NOON, {closed: soon})
    assert back[0] is not None
    assert back[0] > soon


def test_after_a_scan_only_the_portal_that_shows_it_is_asked() -> None:
    """
    Whose parcel it is, is known then.
    """
    _, carrier = turn({SEKO: mark(after(days=-1)), CLEVY: mark(showed_scan=True)})
    assert carrier is CLEVY


def test_an_ended_parcel_is_looked_at_nowhere() -> None:
    """
    A delivered order ends the watch at both portals.
    """
    assert turn({}, seller_status=SellerStatus.DELIVERED) == (None, SEKO)


def test_one_portal_is_the_plain_cadence() -> None:
    """
    Without a second portal nothing changes.
    """
    one = record()
    single = replace(one, parcel=replace(one.parcel, second_carrier=None))
    plain = next_look_at(watch_of(single), NOON, CALENDAR)
    planned = next_turn(single, NOON, CALENDAR, DEFAULT, marks={}, closed={})
    assert planned == (plain, SEKO)


MARKS = st.builds(
    mark,
    st.integers(0, 600).map(lambda minutes: after(minutes=-minutes)),
    st.sampled_from([Outcome.NO_EVENTS, Outcome.UNREADABLE, Outcome.BLOCKED]),
    failures=st.integers(1, 9),
)


@given(marks=st.fixed_dictionaries({}, optional={SEKO: MARKS, CLEVY: MARKS}))
def test_no_history_makes_a_loop(marks: dict[CarrierName, CarrierMark]) -> None:
    """
    However looking went, after at most two looks at one instant nothing is due at that instant.
    """
    asked = []
    while (planned := turn(marks))[0] is not None and planned[0] <= NOON:
        assert planned[1] is not None
        asked.append(planned[1])
        marks = marks | {planned[1]: mark()}
        assert len(asked) <= 2
    assert len(set(asked)) == len(asked)
