"""
The hours in which messages go out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.calendar import SendWindow, WorkingCalendar
from tracker.model import UsageError

SHENZHEN = WorkingCalendar("shenzhen")
WINDOW = SendWindow.parse("08:30-20:00")
ALWAYS = SendWindow.parse("always")


def at(text: str) -> datetime:
    """
    The instant at which Shenzhen's clock shows ``text``.
    """
    return datetime.fromisoformat(text).replace(tzinfo=SHENZHEN.zone)


instants = st.integers(0, 60 * 24 * 40).map(lambda m: at("2026-09-10T00:00") + timedelta(minutes=m))


@pytest.mark.parametrize("text", ["8:30-20:00", " 08:30 – 20:00 ", "08:30-20:00"])
def test_spellings_of_a_window(text: str) -> None:
    """
    Blanks, an en dash and a missing zero do not matter.
    """
    assert SendWindow.parse(text) == WINDOW


@pytest.mark.parametrize(
    "text", ["", "never", "20:00-08:30", "08:30-08:30", "08:60-20:00", "08:30-24:01", "8-20"]
)
def test_unreadable_window_is_refused(text: str) -> None:
    """
    A window that cannot be read is a usage error that shows it and how to write one.
    """
    with pytest.raises(UsageError, match="08:30-20:00") as caught:
        SendWindow.parse(text)

    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("2026-11-18T08:29:59", "2026-11-18T08:30"),
        ("2026-11-18T08:30", "2026-11-18T08:30"),
        ("2026-11-18T12:00", "2026-11-18T12:00"),
        ("2026-11-18T20:00", "2026-11-19T08:30"),
        ("2026-11-20T20:00", "2026-11-23T08:30"),
        ("2026-11-21T12:00", "2026-11-23T08:30"),
        ("2026-10-10T12:00", "2026-10-10T12:00"),
        ("2026-09-30T21:00", "2026-10-08T08:30"),
    ],
)
def test_next_open(instant: str, opens: str) -> None:
    """
    The window opens at 08:30 and is closed from 20:00 sharp, on open days only.
    """
    assert WINDOW.next_open(at(instant), SHENZHEN) == at(opens)
    assert WINDOW.is_open(at(instant), SHENZHEN) is (instant == opens)


def test_next_opening_is_after_the_instant() -> None:
    """
    An opening is a later instant even from inside the window or from the opening itself.
    """
    assert WINDOW.next_opening(at("2026-11-18T08:30"), SHENZHEN) == at("2026-11-19T08:30")
    assert WINDOW.next_opening(at("2026-11-18T08:00"), SHENZHEN) == at("2026-11-18T08:30")
    assert ALWAYS.next_opening(at("2026-11-18T08:00"), SHENZHEN) is None


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-18T00:00", 120, "2026-11-18T10:30"),
        ("2026-11-18T19:00", 120, "2026-11-19T09:30"),
        ("2026-11-18T19:00", 60, "2026-11-18T20:00"),
        ("2026-11-20T19:00", 120, "2026-11-23T09:30"),
        ("2026-11-21T19:00", 0, "2026-11-21T19:00"),
        ("2026-11-18T08:30", 690 + 690 + 1, "2026-11-20T08:31"),
    ],
)
def test_after_minutes_inside(start: str, minutes: float, end: str) -> None:
    """
    Only minutes inside the window pass.
    """
    assert WINDOW.after_minutes_inside(at(start), minutes, SHENZHEN) == at(end)


@given(instants, st.integers(0, 36 * 60))
@settings(max_examples=25)
def test_minutes_inside_are_the_minutes_that_are_open(start: datetime, span: int) -> None:
    """
    The count equals that of the single minutes which the window itself calls open.
    """
    minutes = (start + timedelta(minutes=step) for step in range(span))
    counted = sum(WINDOW.is_open(minute, SHENZHEN) for minute in minutes)

    assert WINDOW.minutes_inside(start, start + timedelta(minutes=span), SHENZHEN) == counted


@given(instants, st.integers(1, 3000))
def test_passing_minutes_and_counting_them_agree(start: datetime, minutes: int) -> None:
    """
    Once the asked minutes have passed, exactly these are counted, and fewer just before.
    """
    end = WINDOW.after_minutes_inside(start, minutes, SHENZHEN)

    assert WINDOW.minutes_inside(start, end, SHENZHEN) == pytest.approx(minutes)
    assert WINDOW.minutes_inside(start, end - timedelta(seconds=1), SHENZHEN) < minutes


def test_always_is_every_instant() -> None:
    """
    ``always`` is open on a Sunday night and counts every minute.
    """
    night = at("2026-11-22T03:00")

    assert ALWAYS.is_open(night, SHENZHEN)
    assert ALWAYS.minutes_inside(night, night + timedelta(days=2), SHENZHEN) == 2 * 24 * 60
    assert ALWAYS.after_minutes_inside(night, 90, SHENZHEN) == night + timedelta(minutes=90)


def test_nothing_lies_inside_when_the_end_is_earlier() -> None:
    """
    A span that ends before it starts holds no minutes.
    """
    noon = at("2026-11-18T12:00")

    assert WINDOW.minutes_inside(noon, noon - timedelta(hours=2), SHENZHEN) == 0
    assert ALWAYS.minutes_inside(noon, noon - timedelta(hours=2), SHENZHEN) == 0
