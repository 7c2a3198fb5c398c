"""
Breaks of three days or more, and whether somebody has entered their closures.
"""

from __future__ import annotations

from datetime import date

import pytest

from tracker.calendar.breaks import breaks_ahead, is_entered
from tracker.model import CalendarException

MID_AUTUMN = ("2026-09-25", "2026-09-27")
NATIONAL_DAY = ("2026-10-01", "2026-10-07")


def ahead(today: str, centre: str = "shenzhen") -> list[tuple[str, str]]:
    """
    (first, last) of the breaks of the next 14 days.
    """
    found = breaks_ahead(date.fromisoformat(today), 14, centre=centre)
    return [(one.first.isoformat(), one.last.isoformat()) for one in found]


@pytest.mark.parametrize(
    ("today", "breaks"),
    [
        ("2026-09-10", []),
        ("2026-09-11", [MID_AUTUMN]),
        ("2026-09-17", [MID_AUTUMN, NATIONAL_DAY]),
        ("2026-09-24", [MID_AUTUMN, NATIONAL_DAY]),
        ("2026-09-25", [NATIONAL_DAY]),
        ("2026-09-26", [NATIONAL_DAY]),
        ("2026-10-01", []),
        ("2026-02-01", [("2026-02-15", "2026-02-23")]),
        ("2026-01-31", []),
        ("2026-11-10", []),
    ],
)
def test_breaks_ahead_in_mainland_china(today: str, breaks: list[tuple[str, str]]) -> None:
    """
    From 14 days before until the day before; one that has begun is over, a weekend is none.
    """
    assert ahead(today) == breaks


def test_hong_kong_has_breaks_of_its_own() -> None:
    """
    Christmas 2026 is three days off there with its Sunday, and none in mainland China.
    """
    assert ahead("2026-12-15", "hongkong") == [("2026-12-25", "2026-12-27")]
    assert ahead("2026-12-15", "yiwu") == []


def test_a_year_that_is_not_published_is_called_estimated() -> None:
    """
    Make-up days that nobody has published may still move a break.
    """
    (found,) = breaks_ahead(date(2029, 9, 25), 14, centre="shenzhen")
    assert found.estimated


@pytest.mark.parametrize(
    ("exception", "entered"),
    [
        (CalendarException(first=date(2026, 9, 30), last=date(2026, 10, 8), closed=True), True),
        (CalendarException(first=date(2026, 10, 9), last=date(2026, 10, 9), closed=True), True),
        (CalendarException(first=date(2026, 11, 1), last=date(2026, 11, 1), closed=True), False),
        (CalendarException(first=date(2026, 10, 1), last=date(2026, 10, 7), cutoff="12:00"), False),
    ],
)
def test_a_closure_that_touches_the_break_counts_as_entered(
    exception: CalendarException, *, entered: bool
) -> None:
    """
    Announced closures begin before a break or end after it; a cut-off alone is no closure.
    """
    (found,) = breaks_ahead(date(2026, 9, 28), 14, centre="shenzhen")
    assert is_entered(found, [exception]) is entered
