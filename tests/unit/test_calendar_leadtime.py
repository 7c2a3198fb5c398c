"""
The lead-time calendar of automatic cancellation (contract.md, ``auto_cancel_at``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tracker.calendar import LeadTimeCalendar
from tracker.model import CalendarException, CarrierName, UsageError

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = LeadTimeCalendar()


def at(text: str) -> datetime:
    """
    The instant at which Shanghai's clock shows ``text``.
    """
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("created", "days", "end"),
    [
        ("2026-11-18T10:00", 5, "2026-11-25T10:00"),
        ("2026-11-18T10:00", 6, "2026-11-26T10:00"),
        ("2026-11-20T10:00", 1, "2026-11-23T10:00"),
        ("2026-10-08T10:00", 5, "2026-10-15T10:00"),  # make-up Saturday 10 October is skipped
        ("2026-10-10T10:00", 5, "2026-10-17T00:00"),  # created on it: Monday 00:00 + 5 days
        ("2026-11-21T10:00", 5, "2026-11-28T00:00"),  # Saturday: Monday 00:00 + 5 days
        ("2026-11-23T00:00", 5, "2026-11-28T00:00"),
        ("2026-11-19T00:00", 5, "2026-11-26T00:00"),
        ("2026-09-29T10:00", 5, "2026-10-13T10:00"),
        ("2026-11-18T10:00", 0, "2026-11-18T10:00"),
    ],
)
def test_auto_cancel_at(created: str, days: int, end: str) -> None:
    """
    N x 24 hours over counting days; a whole number of days ends at the first midnight it can.
    """
    cancelled = PLAIN.auto_cancel_at(at(created), days)

    assert cancelled == at(end)
    assert cancelled.tzinfo is UTC


def test_instant_is_read_on_shanghais_clock() -> None:
    """
    Friday 17:00 UTC is Saturday in Shanghai, so the count starts on Monday 00:00 there.
    """
    created = datetime(2026, 11, 20, 17, tzinfo=UTC)

    assert PLAIN.auto_cancel_at(created, 1) == at("2026-11-24T00:00")


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        ("2026-11-18", True),
        ("2026-11-21", False),
        ("2026-10-10", False),
        ("2026-10-01", False),
        ("2026-10-08", True),
    ],
)
def test_what_counts(day: str, *, counts: bool) -> None:
    """
    Mondays to Fridays count, statutory days and every weekend day do not, made up or not.
    """
    assert PLAIN.counts(date.fromisoformat(day)) is counts


def test_entered_closure_does_not_count_and_entered_open_day_neither() -> None:
    """
    A closure stops the count; an extra open Saturday at the centre does not add to it.
    """
    closed = CalendarException(first=date(2026, 11, 19), last=date(2026, 11, 20), closed=True)
    opened = CalendarException(first=date(2026, 11, 21), last=date(2026, 11, 21), open=True)
    calendar = LeadTimeCalendar(exceptions=[closed, opened])

    assert calendar.auto_cancel_at(at("2026-11-18T10:00"), 1) == at("2026-11-23T10:00")


def test_closure_of_another_centre_or_carrier_counts_on() -> None:
    """
    Only closures of the parcel's own centre and carrier stop its count.
    """
    day = date(2026, 11, 19)
    yiwu = CalendarException(first=day, last=day, centre="yiwu", closed=True)
    clevy = CalendarException(first=day, last=day, carrier=CarrierName.CLEVY, closed=True)

    assert LeadTimeCalendar(exceptions=[yiwu, clevy], centre="shenzhen").counts(day)
    assert not LeadTimeCalendar(exceptions=[yiwu], centre="Yiwu").counts(day)
    assert not LeadTimeCalendar(exceptions=[clevy], carrier=CarrierName.CLEVY).counts(day)


@pytest.mark.parametrize(
    ("now", "until", "left"),
    [
        ("2026-11-18T10:00", "2026-11-25T10:00", 5),
        ("2026-11-18T10:01", "2026-11-25T10:00", 4),
        ("2026-11-21T12:00", "2026-11-25T10:00", 2),
        ("2026-11-26T12:00", "2026-11-25T10:00", 0),
    ],
)
def test_working_days_left(now: str, until: str, left: int) -> None:
    """
    Whole counting days are counted; none is left once the end is past.
    """
    assert PLAIN.working_days_left(at(now), at(until)) == left


@pytest.mark.parametrize(
    ("instant", "days", "earlier"),
    [
        ("2026-11-25T10:00", 2, "2026-11-23T10:00"),
        ("2026-11-24T10:00", 2, "2026-11-20T10:00"),
        ("2026-11-28T00:00", 2, "2026-11-26T00:00"),
        ("2026-10-09T10:00", 2, "2026-09-30T10:00"),
        ("2026-11-25T10:00", 0, "2026-11-25T10:00"),
    ],
)
def test_subtract_days(instant: str, days: int, earlier: str) -> None:
    """
    Going back passes over the days that do not count.
    """
    assert PLAIN.subtract_days(at(instant), days) == at(earlier)


def test_count_that_touches_an_unpublished_year_is_estimated() -> None:
    """
    An order of late December 2026 has an estimated cancellation, one of November has not.
    """
    assert PLAIN.is_estimated(at("2026-12-29T10:00"), 5)
    assert not PLAIN.is_estimated(at("2026-11-18T10:00"), 5)


def test_endless_closure_is_one_clear_sentence() -> None:
    """
    Exceptions that leave no counting day are a usage error that names them.
    """
    closed = CalendarException(first=date(2026, 1, 1), last=date(2026, 12, 31), closed=True)

    with pytest.raises(UsageError, match="2026-01-01 to 2026-12-31"):
        LeadTimeCalendar(exceptions=[closed]).auto_cancel_at(at("2026-02-02T10:00"), 5)
