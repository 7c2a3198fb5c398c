"""
Recording and learning from portals that are built quite differently, through the real spider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.lookalikes.forms import FORMS
from tests.lookalikes.scripts import SCRIPTS
from tests.lookalikes.serving import ENTRY, Lookalike, Portal
from tests.lookalikes.story import ALONE, TOGETHER
from tests.support.cli import run_tracker
from tracker.clock import utc_now
from tracker.model import Outcome
from tracker.stages import load_tables
from tracker.teaching.case import load_case, reading
from tracker.teaching.learning import Learned
from tracker.teaching.lessons import profile_text

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (
    "one_number_get", "many_lines_post", "xhr_tables", "timeline_zh", "iframe_details",
    "paged_xhr", "webforms", "jsonp",
)  # fmt: skip
CHOSEN = [one for one in (*FORMS, *SCRIPTS) if one.name in NAMES]


def test_the_chosen_portals_are_there() -> None:
    """
    A look-alike that was renamed is not left out in silence.
    """
    assert sorted(one.name for one in CHOSEN) == sorted(NAMES)


@pytest.mark.parametrize("lookalike", CHOSEN, ids=lambda one: one.name)
def test_a_recorded_portal_reads_the_same_and_its_profile_works(
    lookalike: Lookalike, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The case reads as the look did, scrubbed or not; what it teaches gives the same live look.
    """
    monkeypatch.chdir(tmp_path)
    parcels = TOGETHER if lookalike.takes > 1 else ALONE[:1]
    numbers = [one.number for one in parcels]
    with Portal(lookalike) as portal:
        monkeypatch.setenv("TRACKER_CARRIERS__SEKO__URL", portal.url + ENTRY)
        monkeypatch.setenv("TRACKER_CARRIERS__SEKO__REQUESTS_PER_MINUTE", "600")
        live = recorded(numbers)
        folder = tmp_path / live["cases"][0]["folder"]
        now, tables = utc_now(), load_tables()
        case = load_case(folder)
        assert [case["changed_by_scrub"] for case in live["cases"]] == [[]]
        assert reading(case.read(now)) == case.expected
        assert [line["outcome"] for line in case.expected] == outcomes(live)
        learned = Learned(case, case.read(now, tables), ())
        profile = profile_text(learned, "x", now=now, tables=tables)
        assert profile is not None
        (tmp_path / "seko.toml").write_text(profile, "utf-8")
        monkeypatch.setenv("TRACKER_CARRIERS__SEKO__PROFILE", str(tmp_path / "seko.toml"))
        again = recorded(numbers)
    assert events(again) == events(live)
    assert any(Outcome(one).is_good for one in outcomes(again))


def recorded(numbers: list[str]) -> dict[str, Any]:
    """
    What ``carriers record`` prints.
    """
    return run_tracker("carriers", "record", *numbers, "--carrier", "seko", "--json").one


def outcomes(told: dict[str, Any]) -> list[str]:
    """
    The outcome of each number.
    """
    return [line["outcome"] for line in told["readings"]]


def events(told: dict[str, Any]) -> list[tuple[str, bool, list[str]]]:
    """
    What was seen of each number.
    """
    return [
        (line["outcome"], line["scanned"], [event["text"] for event in line["events"]])
        for line in told["readings"]
    ]
