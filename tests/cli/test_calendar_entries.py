"""
``tracker calendar enter``, ``entries`` and ``withdraw``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cli import Ended

    Tracker = Callable[..., Ended]

DAYS = ("--from", "2026-12-24", "--to", "2026-12-26")


def test_an_entry_is_listed_counted_and_taken_back(tracker: Tracker, workplace: Path) -> None:
    """
    With its origin and author; the arithmetic honours it until it is withdrawn.
    """
    config = workplace / "tracker.toml"
    filed = '[[calendar.exceptions]]\nfrom = "2026-12-30"\nclosed = true\nnote = "filed"\n'
    config.write_text(config.read_text() + filed)
    made = tracker(
        *("calendar", "enter", "--centre", "Yiwu", *DAYS, "--closed"),
        *("--note", "stock-taking", "--by", "Li", "--json"),
    ).one
    assert (made["id"], made["origin"], made["centre"]) == (1, "store", "yiwu")
    assert (made["effect"], made["value"], made["author"]) == ("closed", None, "Li")
    assert (made["deadlines_moved"], made["alerts_withdrawn"]) == (0, 0)
    listed = tracker("calendar", "entries", "--json").lines
    assert [(one["origin"], one["id"], one["note"]) for one in listed] == [
        ("file", None, "filed"),
        ("store", 1, "stock-taking"),
    ]
    shown = tracker("calendar", "show", "--month", "2026-12", "--centre", "yiwu", "--json").lines
    assert [day["why"] for day in shown if day["date"] == "2026-12-24"] == ["closure: stock-taking"]
    handed_over = ("calendar", "deadline", "--handed-over", "2026-12-24", "--centre", "yiwu")
    assert tracker(*handed_over, "--json").one["deadline"] == "2026-12-29T16:00:00Z"
    back = tracker("calendar", "withdraw", "1", "--by", "Wang", "--json").one
    assert (back["withdrawn_by"], back["withdrawn_at"] is None) == ("Wang", False)
    assert tracker(*handed_over, "--json").one["deadline"] == "2026-12-25T16:00:00Z"
    assert len(tracker("calendar", "entries", "--json").lines) == 1
    assert "Wang" in tracker("calendar", "entries", "--all").out


def test_a_dry_run_enters_nothing(tracker: Tracker) -> None:
    """
    It says what it would move, and the list stays empty.
    """
    ended = tracker("calendar", "enter", *DAYS, "--cutoff", "16:00", "--dry-run")
    assert (ended.code, "would move 0 deadlines, would withdraw 0 alerts" in ended.out) == (0, True)
    assert "every centre, 2026-12-24 to 2026-12-26: cut-off 16:00" in ended.out
    assert tracker("calendar", "entries", "--json").lines == []


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (("--from", "Friday", "--closed"), "Nothing was entered: from 'Friday' is not a day"),
        (DAYS, "Nothing was entered: set exactly one of closed, open, cutoff"),
        ((*DAYS, "--open", "--centre", "Shenzen"), "Did you mean shenzhen?"),
        (("--from", "2026-12-24", "--to", "2027-06-01", "--closed"), "no open day within 120 days"),
    ],
)
def test_what_cannot_be_entered_is_refused(
    tracker: Tracker, told: tuple[str, ...], complaint: str
) -> None:
    """
    Exit code 2, one sentence, nothing entered.
    """
    ended = tracker("calendar", "enter", *told)
    assert (ended.code, ended.out) == (2, "")
    assert complaint in ended.err
    assert tracker("calendar", "entries", "--json").lines == []


def test_an_unknown_id_is_named(tracker: Tracker) -> None:
    """
    Nothing to withdraw.
    """
    ended = tracker("calendar", "withdraw", "7")
    assert (ended.code, "No calendar entry has the id 7" in ended.err) == (2, True)


def test_the_arithmetic_needs_no_database(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, workplace: Path
) -> None:
    """
    Without one, and with a server out of reach, the days are counted; the latter is said.
    """
    monkeypatch.setenv("TRACKER_DATABASE_URL", "sqlite:///none.db")
    asked = ("calendar", "deadline", "--handed-over", "2026-12-24", "--json")
    assert tracker(*asked).one["deadline"] == "2026-12-25T16:00:00Z"
    assert not (workplace / "none.db").exists()
    monkeypatch.setenv("TRACKER_DATABASE_URL", "postgresql+psycopg://a:secret@127.0.0.1:1/b")
    ended = tracker(*asked)
    assert ended.one["deadline"] == "2026-12-25T16:00:00Z"
    assert "Without what was entered" in ended.err
    assert "secret" not in ended.err
