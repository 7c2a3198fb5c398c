"""
``track`` against the practice portals: exit codes, order of lines and JSON shape of contract.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_tracker
from tests.support.portals import ds, postal
from tests.support.world import ds_number
from tracker.practice.server import PracticeServer, start_practice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = [
    "tracking_number",
    "carrier",
    "outcome",
    "scanned",
    "first_scan_at",
    "stage",
    "looked_at",
    "detail",
    "events",
]
EVENT_KEYS = [
    "occurred_at",
    "zone",
    "zone_assumed",
    "stage",
    "is_scan",
    "code",
    "text",
    "location",
]


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PracticeServer]:
    """
    The practice portals, the environment that points at them, and an empty working directory.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRACKER_CONFIG", raising=False)
    with start_practice() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


def test_one_line_for_each_asked_number_in_the_asked_order(
    portal: PracticeServer, tmp_path: Path
) -> None:
    """
    Good outcomes are exit 0, unscanned and not found too; no database appears.
    """
    asked = [postal(name) for name in ("not-found", "scanned-today", "pre-advice", "nothing-yet")]
    ended = run_tracker("track", *(number.lower() for number in asked), asked[0], "--json")
    assert ended.code == 0
    assert [line["tracking_number"] for line in ended.lines] == [*asked, asked[0]]
    assert [list(line) for line in ended.lines] == [KEYS] * 5
    seen = [(line["outcome"], line["scanned"], line["stage"]) for line in ended.lines]
    assert seen == [
        ("not_found", False, None),
        ("events", True, "received"),
        ("events", False, "announced"),
        ("no_events", False, None),
        ("not_found", False, None),
    ]
    assert [list(event) for event in ended.lines[1]["events"]] == [EVENT_KEYS] * 2
    assert list(tmp_path.iterdir()) == []


def test_a_failed_look_or_no_carrier_is_exit_1(portal: PracticeServer) -> None:
    """
    What could not be looked at has no events, no verdict and a reason.
    """
    ended = run_tracker("track", postal("unreadable"), "WHAT-IS-THIS", "--json")
    assert ended.code == 1
    assert [line["outcome"] for line in ended.lines] == ["unreadable", "no_carrier"]
    for line in ended.lines:
        assert (line["scanned"], line["stage"], line["events"]) == (None, None, [])
        assert line["detail"]


def test_both_carriers_at_once(portal: PracticeServer) -> None:
    """
    One DS number goes through a real browser, one postal number through the API.
    """
    ended = run_tracker("track", ds("scanned-earlier"), postal("scanned-earlier"), "--json")
    assert ended.code == 0
    seen = [(line["carrier"], line["outcome"], line["scanned"]) for line in ended.lines]
    assert seen == [("seko", "events", True), ("clevy", "events", True)]


def test_numbers_from_standard_input_or_a_file(portal: PracticeServer, tmp_path: Path) -> None:
    """
    ``--from -`` reads standard input, comments left out.
    """
    ended = run_tracker("track", "--from", "-", "--json", stdin=f"# mine\n{postal('not-found')}\n")
    assert (ended.code, ended.one["outcome"]) == (0, "not_found")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--from", "nowhere.txt"),
        ("--carrier", "dhl", "X"),
    ],
)
def test_wrong_usage_is_exit_2(portal: PracticeServer, arguments: tuple[str, ...]) -> None:
    """
    No number, no such file, no such carrier: exit 2 and nothing was asked.
    """
    ended = run_tracker("track", *arguments, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert portal.requests == []


def test_a_missing_browser_is_exit_2(
    portal: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Seko's page needs a browser: without one ``track`` says so at once.
    """
    monkeypatch.setenv("TRACKER_BROWSER__EXECUTABLE", "/nowhere/chromium")
    ended = run_tracker("track", ds_number(1), "--json")
    assert (ended.code, ended.out) == (2, "")
    assert "browser" in ended.err


def test_saved_looks_open_no_alert(portal: PracticeServer) -> None:
    """
    ``--save`` records the look of an unwatched number without an order, and nothing comes of it.
    """
    number = postal("nothing-yet")
    assert run_tracker("track", number, "--save", "--json").code == 0
    shown = run_tracker("orders", "show", number, "--json").one
    assert shown["order_number"] is None
    assert [look["outcome"] for look in shown["looks"]] == ["no_events"]
    assert shown["next_look_at"] is None
    assert shown["alerts"] == []
