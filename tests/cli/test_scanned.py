"""
``tracker orders scanned``: what people tell, from the command line and from a filled list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.world import ds_number, postal_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cli import Ended

    Tracker = Callable[..., Ended]

NUMBER = ds_number(319365323)
POSTAL = postal_number(47312482)
EXPORT = f"""Order Number;Order Item Id;Tracking Code;Created at;Status
319365323;1;{NUMBER};2026-11-16 10:00:00;ready_to_ship
319365324;2;{POSTAL};2026-11-16 11:00:00;ready_to_ship
"""
TOLD = ("--at", "2026-11-18T16:00", "--source", "Seko's chat")


@pytest.fixture(autouse=True)
def watched(tracker: Tracker, workplace: Path) -> None:
    """
    Two orders are on the watch list.
    """
    (workplace / "export.csv").write_text(EXPORT)
    tracker("orders", "import", "export.csv")


def test_a_told_scan_is_shown_apart_from_events(tracker: Tracker) -> None:
    """
    The parcel is scanned; ``show`` has the telling and no event.
    """
    ended = tracker("orders", "scanned", NUMBER, *TOLD, "--json")
    assert (ended.code, ended.one["state"]) == (0, "scanned")
    shown = tracker("orders", "show", NUMBER, "--json").one
    assert shown["first_scan_at"] == "2026-11-18T08:00:00Z"
    assert shown["events"] == []
    (told,) = shown["sightings"]
    assert set(told) == {"scanned_at", "source", "told_at"}
    assert (told["scanned_at"], told["source"]) == ("2026-11-18T08:00:00Z", "Seko's chat")
    assert "Told by people" in tracker("orders", "show", NUMBER).out


def test_one_unknown_number_of_two(tracker: Tracker) -> None:
    """
    Exit 1, a sentence about the unknown one, and the other is told.
    """
    ended = tracker("orders", "scanned", ds_number(77), NUMBER, *TOLD, "--json")
    assert (ended.code, len(ended.lines)) == (1, 1)
    assert ended.one["tracking_number"] == NUMBER
    assert ds_number(77) in ended.err


def test_a_filled_list(tracker: Tracker, workplace: Path) -> None:
    """
    A row with a time is told, one without is skipped: still not scanned.
    """
    text = f"tracking number,time,source\n{NUMBER},2026-11-18 16:00,looked by hand\n{POSTAL},,\n"
    (workplace / "list.csv").write_text(text)
    ended = tracker("orders", "scanned", "--from", "list.csv", "--json")
    assert (ended.code, ended.one["tracking_number"]) == (0, NUMBER)
    assert "1 numbers without a time" in ended.err
    assert tracker("orders", "show", POSTAL, "--json").one["sightings"] == []


def test_rows_that_say_half_are_refused_and_the_others_go_in(
    tracker: Tracker, workplace: Path
) -> None:
    """
    A time without a source, a source without a time and a time to come: each its sentence.
    """
    rows = (f"{NUMBER},2026-11-18 16:00,", f"{POSTAL},,chat", f"{POSTAL},2036-11-18 16:00,chat")
    (workplace / "list.csv").write_text("\n".join(("number,time,source", *rows)))
    ended = tracker("orders", "scanned", "--from", "list.csv", "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "line 2" in ended.err
    assert "no source" in ended.err
    assert "no time" in ended.err
    assert "future" in ended.err
    again = tracker("orders", "scanned", "--from", "list.csv", "--source", "by hand", "--json")
    assert (again.code, len(again.lines)) == (1, 1)


def test_taken_back(tracker: Tracker) -> None:
    """
    The parcel is unscanned again; nothing to take back is exit 1.
    """
    tracker("orders", "scanned", NUMBER, *TOLD)
    ended = tracker("orders", "scanned", NUMBER, "--withdraw", "--json")
    assert (ended.code, ended.one["first_scan_at"], ended.one["sightings"]) == (0, None, [])
    again = tracker("orders", "scanned", NUMBER, "--withdraw")
    assert again.code == 1
    assert "nothing to take back" in again.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (NUMBER,),
        (NUMBER, "--at", "2026-11-18"),
        (NUMBER, "--at", "2026-11-18", "--source", " "),
        (NUMBER, "--at", "soon", "--source", "chat"),
        (NUMBER, "--from", "export.csv"),
        ("--from", "export.csv", "--at", "2026-11-18"),
        ("--from", "nowhere.csv"),
        ("--withdraw",),
        (NUMBER, "--withdraw", "--at", "2026-11-18"),
    ],
)
def test_wrong_usage_changes_nothing(tracker: Tracker, arguments: tuple[str, ...]) -> None:
    """
    Exit 2 and one sentence.
    """
    ended = tracker("orders", "scanned", *arguments, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("tracker: ")
