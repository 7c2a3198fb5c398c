"""
``tracker calendar``: the arithmetic as scripts read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.cli import Ended

    Tracker = Callable[..., Ended]


def deadline(tracker: Tracker, at: str, *more: str) -> Ended:
    """
    ``calendar deadline`` for one hand-over.
    """
    return tracker("calendar", "deadline", "--handed-over", at, *more, "--json")


def test_deadline_over_national_day(tracker: Tracker) -> None:
    """
    Handed over before the holiday after the cut-off: due at the end of 9 October, day by day.
    """
    ended = deadline(tracker, "2026-09-30T18:00")
    shape = ended.one
    assert ended.code == 0
    assert list(shape) == ["deadline", "effective_handover_day", "centre", "estimated", "days"]
    assert shape["deadline"] == "2026-10-09T16:00:00Z"
    assert shape["effective_handover_day"] == "2026-10-08"
    assert shape["centre"] == "shenzhen"
    assert shape["estimated"] is False
    assert [day["date"] for day in shape["days"]][:: len(shape["days"]) - 1] == [
        "2026-09-30",
        "2026-10-09",
    ]
    assert [day["open"] for day in shape["days"]] == [True] + [False] * 7 + [True] * 2
    assert all(set(day) == {"date", "open", "why"} for day in shape["days"])


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-10-09T17:30", "2026-10-10T16:00:00Z"),  # sharp is in time; Saturday is made up
        ("2026-10-09T17:31", "2026-10-12T16:00:00Z"),
        ("2026-10-09", "2026-10-10T16:00:00Z"),
        ("2026-10-09T09:30Z", "2026-10-10T16:00:00Z"),
    ],
)
def test_cut_off_and_make_up_saturday(tracker: Tracker, at: str, due: str) -> None:
    """
    17:30 sharp and a bare date are in time, and a make-up Saturday is a working day.
    """
    assert deadline(tracker, at).one["deadline"] == due


def test_an_unpublished_year_is_estimated(tracker: Tracker) -> None:
    """
    A deadline in a year whose make-up days are not published says so.
    """
    assert deadline(tracker, "2028-03-01").one["estimated"] is True


@pytest.mark.parametrize("name", ["Hong Kong", "hongkong", "HONG-KONG"])
def test_centres_in_any_spelling(tracker: Tracker, name: str) -> None:
    """
    Case, blanks and hyphens do not matter.
    """
    assert deadline(tracker, "2026-11-18", "--centre", name).one["centre"] == "hongkong"


def test_the_service_does_not_matter_to_a_named_centre(tracker: Tracker) -> None:
    """
    ``--service postal`` counts with Clevy's exceptions.
    """
    ended = deadline(tracker, "2026-11-18", "--service", "postal", "--centre", "clevy")
    assert (ended.code, ended.one["centre"]) == (0, "clevy")


@pytest.mark.parametrize(
    "arguments",
    [
        ("deadline", "--handed-over", "2026-11-18", "--centre", "Atlantis"),
        ("deadline", "--handed-over", "yesterday"),
        ("deadline", "--handed-over", "2026-11-18", "--service", "air"),
        ("deadline",),
        ("show", "--month", "2026-13"),
        ("show", "--month", "2026-10", "--centre", "Atlantis"),
    ],
)
def test_wrong_usage_is_exit_2(tracker: Tracker, arguments: tuple[str, ...]) -> None:
    """
    An unknown centre, a strange time, month or service: exit 2 and nothing on standard output.
    """
    ended = tracker("calendar", *arguments)
    assert (ended.code, ended.out) == (2, "")


def test_a_month_day_by_day(tracker: Tracker) -> None:
    """
    October 2026: one line a day, the holiday closed and the make-up Saturday open.
    """
    ended = tracker("calendar", "show", "--month", "2026-10", "--json")
    days = {line["date"]: line for line in ended.lines}
    assert (ended.code, len(days)) == (0, 31)
    assert not any(days[f"2026-10-0{day}"]["open"] for day in range(1, 8))
    assert days["2026-10-10"]["open"]
    assert not days["2026-10-11"]["open"]
