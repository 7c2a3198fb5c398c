"""
The set-up script's answers where set-up is not possible; that it works is seen by every run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """
    What the script reads of a checkout, without ``.venv``.
    """
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def set_up(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """
    A run of the script with the given variables added.
    """
    return subprocess.run(
        [checkout / "scripts" / "setup"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def program(folder: Path, name: str, text: str) -> Path:
    """
    An executable shell script.
    """
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_chosen_python_that_is_too_old_is_named(checkout: Path) -> None:
    """
    ``PYTHON=`` is obeyed or refused by name, and nothing is left behind.
    """
    old = program(checkout / "old", "python", "exit 1")
    done = set_up(checkout, PYTHON=str(old))
    assert done.returncode == 1
    assert f"setup: PYTHON={old} is not a Python 3.11 or newer: choose another." in done.stderr
    assert not (checkout / ".venv").exists()


def test_no_python_that_is_new_enough(checkout: Path) -> None:
    """
    Without a usable interpreter one sentence says what to install.
    """
    names = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")
    for name in names:
        program(checkout / "old", name, "exit 1")
    done = set_up(checkout, PATH=f"{checkout / 'old'}:{os.environ['PATH']}", PYTHON="")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no Python 3.11 or newer is on PATH: install one" in done.stderr


def test_python_that_cannot_make_environments(checkout: Path) -> None:
    """
    Debian's Python without its venv package is named, with the package to install.
    """
    tools = checkout / "tools"
    program(tools, "apt-get", "exit 100")
    python = program(
        tools,
        "python",
        'case "$2" in *ensurepip*) exit 1;; *venv*) echo python3.11-venv;; esac',
    )
    done = set_up(checkout, PYTHON=str(python), PATH=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "cannot make virtual environments: run 'apt-get install python3.11-venv'" in done.stderr
