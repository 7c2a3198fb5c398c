"""
The documentation says what the code does: settings, commands, and an example that loads.
"""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from tracker.model import Service
from tracker.settings import CalendarSection, ExceptionEntry, Shop, load_settings

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "docs" / "settings.md"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    """
    The program that writes the tables.
    """
    return runpy.run_path(str(ROOT / "scripts" / "tables.py"))


@pytest.mark.parametrize("name", ["settings.md", "commands.md", "portals.md"])
def test_table_is_up_to_date(name: str, script: dict[str, Any]) -> None:
    """
    Every setting, command and profile key is documented; ``make tables`` brings it up to date.
    """
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert text == script["with_table"](text, script["tables"]()[name]), "run `make tables`"


def test_table_without_its_place_is_an_error(script: dict[str, Any]) -> None:
    """
    A document that lost its markers is not silently left alone.
    """
    with pytest.raises(ValueError, match="are missing"):
        script["with_table"]("# Settings", "| table |")


def test_every_command_says_what_it_does(script: dict[str, Any]) -> None:
    """
    No command stands in the table without a sentence.
    """
    rows = script["tables"]()["commands.md"].splitlines()[2:]
    assert [line for line in rows if re.search(r"`tracker [^|]*\|\s*\|", line)] == []


@pytest.mark.parametrize("model", [Shop, ExceptionEntry])
def test_every_key_of_the_lists_of_tables_is_explained(model: type[Shop | ExceptionEntry]) -> None:
    """
    What is documented by hand, ``[[shops]]`` and ``[[calendar.exceptions]]``, is complete.
    """
    text = SETTINGS.read_text(encoding="utf-8").partition("## `[[shops]]`")[2]
    names = [name.rstrip("_") for name in model.model_fields]
    assert [name for name in names if not re.search(rf"^\|.*`{name}\b", text, re.MULTILINE)] == []
    assert "exceptions" in CalendarSection.model_fields


def test_example_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The documented example is accepted and means what its comments say.
    """
    text = SETTINGS.read_text(encoding="utf-8").partition("<!-- example -->")[2]
    example = text.partition("```toml\n")[2].partition("```")[0]
    for name in re.findall(r'_file = "([^"]+)"', example):
        secret = "smtp://u:p@mail.example:587" if name.startswith("smtp") else "https://x.example"
        (tmp_path / name).write_text(secret, encoding="utf-8")
    (tmp_path / "tracker.toml").write_text(example, encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRACKER_CONFIG", str(tmp_path / "tracker.toml"))
    settings = load_settings()
    assert [shop.name for shop in settings.shops] == ["Lagos Lights", "Nairobi Home"]
    assert settings.shops[1].service is Service.POSTAL
    assert len(settings.recipients_of("Lagos Lights")) == 3
    assert settings.recipients_of("Nairobi Home") == settings.operator_recipients
    first, noon, closed = settings.calendar_exceptions
    assert (first.extra_working_days, noon.cutoff, closed.closed) == (2, "12:00", True)
