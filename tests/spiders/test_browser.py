"""
Finding the browser.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tracker import browser
from tracker.browser import BrowserMissing, find_browser

if TYPE_CHECKING:
    from pathlib import Path


def program(path: Path) -> Path:
    """
    An executable file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    A machine without any browser.
    """
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "registry"))
    return tmp_path


def test_the_configured_one_comes_first(empty_machine: Path) -> None:
    """
    A configured program is taken as it is.
    """
    program(empty_machine / "bin" / "chromium")
    own = program(empty_machine / "mine" / "browser")
    assert find_browser(str(own)) == own


def test_a_wrong_configuration_is_told(empty_machine: Path) -> None:
    """
    A configured program that is not there is an error, even if another browser is.
    """
    program(empty_machine / "bin" / "chromium")
    with pytest.raises(BrowserMissing, match=r"browser\.executable names '/nowhere/browser'"):
        find_browser("/nowhere/browser")


def test_playwrights_own_comes_before_the_path(empty_machine: Path) -> None:
    """
    The revision that the installed Playwright wants is found in its registry.
    """
    program(empty_machine / "bin" / "chromium")
    package = browser._playwright_package()
    assert package is not None
    listing = json.loads((package / "browsers.json").read_text())["browsers"]
    revision = next(i["revision"] for i in listing if i["name"] == "chromium-headless-shell")
    home = empty_machine / "registry" / f"chromium_headless_shell-{revision}"
    own = program(home / "chrome-headless-shell-linux64" / "chrome-headless-shell")
    assert find_browser() == empty_machine / "bin" / "chromium"  # not completely fetched yet
    (home / "INSTALLATION_COMPLETE").touch()
    assert find_browser() == own


@pytest.mark.parametrize("name", browser.ON_PATH)
def test_one_on_the_path_is_found(name: str, empty_machine: Path) -> None:
    """
    Each of the known programs on PATH will do.
    """
    expected = program(empty_machine / "bin" / name)
    assert find_browser() == expected


def test_none_is_one_clear_sentence(empty_machine: Path) -> None:
    """
    Without any browser the error says how to get one.
    """
    with pytest.raises(BrowserMissing, match="apt-get install chromium-headless-shell"):
        find_browser()
