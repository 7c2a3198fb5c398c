"""
docs/portals.md says what the code does: its examples load and mean what they say.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from tracker.model import CarrierName, Outcome, Stage
from tracker.pages.capture import Answer, PageCapture
from tracker.pages.portal import read_portal
from tracker.profiles import known_keys, load_profile
from tracker.stages import load_tables

TEXT = (Path(__file__).parents[2] / "docs" / "portals.md").read_text(encoding="utf-8")
NUMBER = "JG-NJS-319365323-5711"


def example(marker: str) -> str:
    """
    The TOML behind a marker.
    """
    return TEXT.partition(f"<!-- {marker} -->")[2].partition("```toml\n")[2].partition("```")[0]


def test_the_profile_loads_and_reads_an_answer_of_its_form(tmp_path: Path) -> None:
    """
    Every line of it is accepted, and an answer as it describes is read by it.
    """
    file = tmp_path / "seko.toml"
    file.write_text(example("example"), encoding="utf-8")
    profile = load_profile(CarrierName.SEKO, file)
    assert not profile.assumed
    assert (profile.ask.field, profile.ask.button) == ("textarea#trackNo", "button.query")
    assert (profile.ask.separator, profile.ask.batch_size) == ("\n", 5)
    event = {
        "eventTime": "2026-11-19 10:11",
        "eventDesc": "Parcel received and accepted",
        "location": {"city": "SHENZHEN"},
    }
    told = {"data": {"list": [{"trackNo": NUMBER, "events": [event]}]}}
    url = "https://portal.example/mercuryhub/api/query"
    capture = PageCapture(
        url=url,
        status=200,
        html_before=None,
        html="<html><body></body></html>",
        answers=(Answer(url=url, status=200, content_type="", body=json.dumps(told)),),
    )
    now = datetime(2026, 11, 22, tzinfo=UTC)
    (report,) = read_portal(
        capture, [NUMBER], carrier=CarrierName.SEKO, looked_at=now, profile=profile.read
    )
    assert (report.outcome, report.scanned) == (Outcome.EVENTS, True)
    (seen,) = report.events
    assert (seen.location, seen.zone) == ("SHENZHEN", "Asia/Hong_Kong")


def test_the_wording_lines_load(tmp_path: Path) -> None:
    """
    The text of the example means what its stage says.
    """
    file = tmp_path / "wordings.toml"
    file.write_text(example("wordings"), encoding="utf-8")
    meaning = load_tables(file).classify(CarrierName.SEKO, "Parcel regraded at bay seven", None)
    assert (meaning.stage, meaning.is_scan) == (Stage.RECEIVED, True)


def test_every_key_of_a_profile_stands_in_the_table() -> None:
    """
    No key is left without a sentence.
    """
    named = set(re.findall(r"^\| `([\w.]+)` \|", TEXT, re.MULTILINE))
    assert set(known_keys()) <= named


def test_every_command_it_names_is_there() -> None:
    """
    ``tracker carriers ...`` as written exists.
    """
    named = set(re.findall(r"tracker carriers (\w+)", TEXT))
    commands = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert named == {"check", "classify", "confirm", "record", "learn", "wordings"}
    assert [name for name in named if f"`tracker carriers {name}" not in commands] == []
