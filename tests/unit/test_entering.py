"""
One check for calendar entries, whether they stand in the settings file or come from a form.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.calendar import CENTRES, LeadTimeCalendar, WorkingCalendar
from tracker.calendar.entering import check_leaves_open_days, entered_exception
from tracker.model import CalendarException, CarrierName, UsageError
from tracker.planning.deadlines import Deadlines
from tracker.settings import Settings

DAY = date(2026, 12, 24)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({"first": "24.12.2026"}, "from '24.12.2026' is not a day: write 2026-11-11"),
        ({"last": "soon"}, "to 'soon' is not a day"),
        ({"last": "2026-12-23"}, "to (2026-12-23) lies before from (2026-12-24)"),
        ({"first": "0001-01-01"}, "from 0001-01-01 is not a day between 2000 and 2199"),
        ({"last": "9999-12-31"}, "to 9999-12-31 is not a day between 2000 and 2199"),
        ({"closed": False}, "set exactly one of closed, open, cutoff, extra_working_days"),
        ({"open_": True}, "set exactly one of closed, open, cutoff, extra_working_days"),
        ({"closed": False, "cutoff": "4 pm"}, "the cut-off '4 pm' is not an hour"),
        ({"closed": False, "cutoff": ""}, "the cut-off '' is not an hour"),
        ({"closed": False, "cutoff": "16:00+08:00"}, "is not an hour"),
        ({"closed": False, "extra_working_days": -1}, "extra_working_days must be from 1 to 30"),
        ({"closed": False, "extra_working_days": 31}, "extra_working_days must be from 1 to 30"),
        ({"centre": "Shenzen"}, "Did you mean shenzhen?"),
    ],
)
def test_what_cannot_be_used_is_refused(told: dict[str, Any], complaint: str) -> None:
    """
    One sentence says what is wrong.
    """
    known: dict[str, Any] = {"first": "2026-12-24", "closed": True}
    with pytest.raises(UsageError) as refused:
        entered_exception(**(known | told))
    assert complaint in str(refused.value)


def test_what_can_be_used_is_made_plain() -> None:
    """
    Blanks around, the centre's spelling and a missing last day.
    """
    made = entered_exception(first=" 2026-12-24 ", centre="Hong-Kong", cutoff="9:00".zfill(5))
    assert made == CalendarException(first=DAY, last=DAY, centre="hongkong", cutoff="09:00")


def closure(first: date, days: int, **facts: Any) -> CalendarException:
    """
    A closure of so many days.
    """
    return CalendarException(
        first=first, last=first + timedelta(days=days - 1), closed=True, **facts
    )


@given(
    days=st.integers(1, 160),
    gap=st.integers(-30, 30),
    more=st.integers(1, 160),
    centre=st.sampled_from([None, "shenzhen", "hongkong", "clevy"]),
    carrier=st.sampled_from([None, *CarrierName]),
)
def test_what_is_let_in_leaves_days_to_count_with(
    days: int, gap: int, more: int, centre: str | None, carrier: CarrierName | None
) -> None:
    """
    Either it is refused, or every calendar finds its next open day from wherever it starts.
    """
    known = closure(DAY, days)
    new = closure(DAY + timedelta(days=days + gap), more, centre=centre, carrier=carrier)
    try:
        check_leaves_open_days((), known)
        check_leaves_open_days((known,), new)
    except UsageError:
        return  # how it is worded: tests/flow/test_entered_closures.py
    for name in CENTRES:
        works = WorkingCalendar(name, carrier=carrier, exceptions=(known, new))
        leads = LeadTimeCalendar(centre=name, carrier=carrier, exceptions=(known, new))
        for start in (known.first, new.first, new.last):
            works.next_open_day(start)
            deadline = works.deadline(start, 1)
            leads.subtract_days(leads.auto_cancel_at(deadline.at, 5), 2)


def test_entries_of_the_store_count_only_where_they_were_followed() -> None:
    """
    Each thread counts with what it read; the file's entries count everywhere.
    """
    deadlines = Deadlines(Settings())
    before = deadlines.fingerprint()
    assert deadlines.calendar("yiwu", None).is_open(DAY)
    deadlines.counting([closure(DAY, 1, centre="yiwu")])
    assert not deadlines.calendar("yiwu", None).is_open(DAY)
    assert deadlines.calendar("ningbo", None).is_open(DAY)
    assert deadlines.fingerprint() == before
    assert not Deadlines(Settings()).exceptions


@pytest.mark.parametrize(
    ("entry", "centre", "carrier", "concerned"),
    [
        ({}, None, None, True),
        ({"centre": "shenzhen"}, None, None, True),  # where a parcel without a centre is counted
        ({"centre": "shenzhen"}, None, CarrierName.CLEVY, False),
        ({"centre": "clevy"}, None, CarrierName.CLEVY, True),
        ({"carrier": CarrierName.SEKO}, "yiwu", None, True),
        ({"carrier": CarrierName.CLEVY}, "yiwu", CarrierName.SEKO, False),
        ({"centre": "yiwu", "carrier": CarrierName.SEKO}, "ningbo", CarrierName.SEKO, False),
    ],
)
def test_whom_an_entry_concerns(
    entry: dict[str, Any], centre: str | None, carrier: CarrierName | None, *, concerned: bool
) -> None:
    """
    Exactly those whose calendar it changes.
    """
    deadlines = Deadlines(Settings())
    one = closure(DAY, 1, **entry)
    assert deadlines.concerns(one, centre, carrier) is concerned
    counted = deadlines.counting([one]).calendar(centre, carrier)
    assert counted.is_open(DAY) is not concerned
