"""
What holds for every deadline, whatever the hand-over, the centre and the exceptions.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.calendar import CENTRES, LeadTimeCalendar, WorkingCalendar
from tracker.model import CalendarException

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = ("UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")

instants = st.datetimes(
    min_value=datetime(2021, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2027, 12, 31),  # noqa: DTZ001 - hypothesis wants naive bounds
    timezones=st.just(UTC),
)
centres = st.sampled_from(sorted(CENTRES))
counts = st.integers(min_value=0, max_value=6)
days = st.dates(min_value=date(2021, 1, 1), max_value=date(2027, 12, 31))
lengths = st.integers(min_value=0, max_value=12)


@st.composite
def closures(draw: st.DrawFn) -> CalendarException:
    """
    A closure of up to two weeks.
    """
    first = draw(days)
    return CalendarException(first=first, last=first + timedelta(days=draw(lengths)), closed=True)


@st.composite
def other_exceptions(draw: st.DrawFn) -> CalendarException:
    """
    An extra open day, another cut-off or a peak.
    """
    first = draw(days)
    last = first + timedelta(days=draw(lengths))
    return draw(
        st.sampled_from(
            [
                CalendarException(first=first, last=last, open=True),
                CalendarException(first=first, last=last, cutoff="12:00"),
                CalendarException(first=first, last=last, extra_working_days=3),
            ]
        )
    )


@st.composite
def near(draw: st.DrawFn) -> tuple[datetime, CalendarException, CalendarException]:
    """
    A hand-over with a closure and another exception around it, so that they matter to each other.
    """
    instant = draw(instants)

    def moved(entry: CalendarException) -> CalendarException:
        first = instant.date() + timedelta(days=draw(st.integers(-10, 10)))
        return CalendarException(
            first=first,
            last=first + (entry.last - entry.first),
            closed=entry.closed,
            open=entry.open,
            cutoff=entry.cutoff,
            extra_working_days=entry.extra_working_days,
        )

    return instant, moved(draw(closures())), moved(draw(other_exceptions()))


@contextmanager
def process_zone(name: str) -> Iterator[None]:
    """
    The process lives in another zone for the time being.
    """
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


@given(instants, centres, counts)
def test_deadline_follows_the_hand_over_and_an_open_day(
    handed_over: datetime, centre: str, count: int
) -> None:
    """
    The last day in time is open, the deadline is its end, and it lies after the hand-over.
    """
    calendar = WorkingCalendar(centre)

    deadline = calendar.deadline(handed_over, count)
    last = deadline.at.astimezone(calendar.zone) - timedelta(days=1)

    assert deadline.at > handed_over
    assert calendar.is_open(last.date())
    assert calendar.is_open(deadline.effective_day)
    assert (last.hour, last.minute, last.second) == (0, 0, 0)
    assert deadline.days[-1].date == last.date()
    assert deadline.days[0].date == handed_over.astimezone(calendar.zone).date()
    assert sum(day.open and day.date > deadline.effective_day for day in deadline.days) == count


@given(near(), st.timedeltas(timedelta(0), timedelta(days=20)), counts)
def test_deadline_is_monotone(
    case: tuple[datetime, CalendarException, CalendarException], later: timedelta, count: int
) -> None:
    """
    A later hand-over never has an earlier deadline, whatever was entered.
    """
    handed_over, closed, other = case
    calendar = WorkingCalendar("shenzhen", exceptions=[closed, other])

    first = calendar.deadline(handed_over, count)
    second = calendar.deadline(handed_over + later, count)

    assert second.at >= first.at
    assert second.effective_day >= first.effective_day


@given(near(), counts)
def test_closure_never_makes_a_deadline_earlier(
    case: tuple[datetime, CalendarException, CalendarException], count: int
) -> None:
    """
    Adding a closure never moves a deadline to an earlier instant, inside a peak as well.
    """
    handed_over, closed, other = case
    without = WorkingCalendar("shenzhen", exceptions=[other])
    added = WorkingCalendar("shenzhen", exceptions=[other, closed])

    assert added.deadline(handed_over, count).at >= without.deadline(handed_over, count).at


@given(instants, centres, counts)
@settings(max_examples=50)
def test_process_zone_plays_no_part(handed_over: datetime, centre: str, count: int) -> None:
    """
    Deadline and cancellation are the same in whatever zone the process runs.
    """
    answers = set()
    for zone in ZONES:
        with process_zone(zone):
            deadline = WorkingCalendar(centre).deadline(handed_over, count)
            answers.add((deadline, LeadTimeCalendar().auto_cancel_at(handed_over, count)))

    assert len(answers) == 1


@given(instants, st.integers(min_value=1, max_value=10))
def test_cancellation_comes_after_exactly_the_counting_hours(created: datetime, count: int) -> None:
    """
    Between order and cancellation lie exactly N whole counting days, and one less a second before.
    """
    calendar = LeadTimeCalendar()

    end = calendar.auto_cancel_at(created, count)

    assert calendar.working_days_left(created, end) == count
    assert calendar.working_days_left(created, end - timedelta(seconds=1)) == count - 1


@given(instants, st.integers(min_value=1, max_value=8))
def test_subtracting_days_leaves_exactly_these(instant: datetime, count: int) -> None:
    """
    From the instant N lead-time days earlier, N days are left, and not from a second later.
    """
    calendar = LeadTimeCalendar()

    earlier = calendar.subtract_days(instant, count)

    assert calendar.working_days_left(earlier, instant) == count
    assert calendar.working_days_left(earlier + timedelta(seconds=1), instant) == count - 1
