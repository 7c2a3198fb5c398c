"""
Order, grouping and the limit of twenty (promises.md R15).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from alerts.messages import Letter, Line, compose
from alerts.messages.sections import Tone, parcels, sections, worst_first
from tracker.model import AlertKind

MakeLine = Callable[..., Line]
MakeLetter = Callable[..., Letter]
DEADLINE = datetime(2026, 10, 13, 16, tzinfo=UTC)


def test_fewest_days_left_then_oldest_deadline(make_line: MakeLine) -> None:
    """
    Unknown days left come after known ones; equal ones are told by deadline.
    """
    lines = (
        make_line(delivery_id=1, working_days_left=None),
        make_line(delivery_id=2, working_days_left=2),
        make_line(delivery_id=3, working_days_left=0, deadline=DEADLINE),
        make_line(delivery_id=4, working_days_left=0, deadline=DEADLINE - timedelta(days=1)),
        make_line(delivery_id=5, working_days_left=0, deadline=None),
    )
    assert [line.delivery_id for line in worst_first(lines)] == [4, 3, 5, 2, 1]


def test_settled_parcels_come_last(make_line: MakeLine) -> None:
    """
    However little time it had left, a settled parcel stands after every open one.
    """
    lines = (
        make_line(delivery_id=1, notice="resolved", working_days_left=0),
        make_line(delivery_id=2, notice="withdrawn", working_days_left=0),
        make_line(delivery_id=3, notice="reminder-2026-10-14", working_days_left=1),
        make_line(delivery_id=4, notice="first", working_days_left=4),
    )
    tones = [section.tone for section in sections(lines)]
    assert tones == [Tone.AGAIN, Tone.NEW, Tone.WITHDRAWN, Tone.RESOLVED]


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (20, 20), (21, 20), (300, 20)])
def test_twenty_parcels_are_shown_and_all_are_attached(
    make_line: MakeLine, make_letter: MakeLetter, count: int, shown: int
) -> None:
    """
    The text shows twenty at most and says how many more; the table holds every one.
    """
    numbers = [f"JG-NJS-{319365000 + n}-5711" for n in range(count)]
    lines = [make_line(delivery_id=n, tracking_number=t) for n, t in enumerate(numbers)]
    message = compose(make_letter(*lines))
    assert message.text.count("[alert 12]") == shown
    assert (f"and {count - shown} more" in message.text) == (count > shown)
    if count > shown:
        rows = list(csv.DictReader(io.StringIO(message.csv)))
        assert sorted(row["Tracking number"] for row in rows) == numbers
    else:
        assert message.csv is None


def test_an_operators_list_is_cut_and_attached(
    make_line: MakeLine, make_letter: MakeLetter
) -> None:
    """
    What one operator's alert covers counts parcel by parcel, in the text and in the table.
    """
    numbers = tuple(f"JG-NJS-{319365000 + n}-5711" for n in range(50))
    line = make_line(kind=AlertKind.UNVERIFIED, tracking_number=None, covered=numbers)
    message = compose(make_letter(line, shop=None))
    assert parcels((line,)) == 50
    assert sum(number in message.text for number in numbers) == 20
    assert "and 30 more" in message.text
    assert message.subject == "50 parcels not checked"
    assert all(number in (message.csv or "") for number in numbers)


def test_a_hidden_section_still_has_its_heading(
    make_line: MakeLine, make_letter: MakeLetter
) -> None:
    """
    A kind whose parcels are all beyond the twenty is named with their number.
    """
    urgent = [make_line(delivery_id=n, working_days_left=0) for n in range(20)]
    later = make_line(delivery_id=99, kind=AlertKind.RAISE_CLAIM, working_days_left=5)
    text = compose(make_letter(*urgent, later)).text
    assert "Raise a claim: 1 parcel not scanned in time\n" in text
    assert "and 1 more" in text
