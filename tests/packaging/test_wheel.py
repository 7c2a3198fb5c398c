"""
The built distribution: everything in it that the installed tool needs.
"""

from __future__ import annotations

import email.parser
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hatchling import build

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """
    The wheel as the build backend makes it from this tree, without network.
    """
    folder = tmp_path_factory.mktemp("wheel")
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        name = build.build_wheel(str(folder))
    finally:
        os.chdir(before)
    return zipfile.ZipFile(folder / name)


def metadata(wheel: zipfile.ZipFile) -> Message:
    """
    What the wheel says about itself.
    """
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return email.parser.Parser().parsestr(wheel.read(name).decode())


def files_of_the_tree() -> set[str]:
    """
    Every file of the two packages, caches aside.
    """
    found = [*ROOT.glob("tracker/**/*"), *ROOT.glob("alerts/**/*")]
    return {
        path.relative_to(ROOT).as_posix()
        for path in found
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_file_of_the_packages_is_in(wheel: zipfile.ZipFile) -> None:
    """
    Code and data alike: stage tables, templates, practice pages, page scripts, migrations.
    """
    expected = files_of_the_tree()
    kinds = {Path(name).suffix for name in expected}
    assert {".toml", ".j2", ".html", ".js", ".mako", ".typed"} <= kinds
    assert expected - set(wheel.namelist()) == set()


def test_nothing_else_is_in(wheel: zipfile.ZipFile) -> None:
    """
    Neither tests nor scripts nor a database of somebody's.
    """
    packaged = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packaged == files_of_the_tree()


def test_console_commands(wheel: zipfile.ZipFile) -> None:
    """
    The commands are ``tracker`` and ``track``.
    """
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert wheel.read(name).decode().split() == [
        "[console_scripts]",
        "track",
        "=",
        "tracker.cli:track_main",
        "tracker",
        "=",
        "tracker.cli:main",
    ]


def test_name_licence_and_python(wheel: zipfile.ZipFile) -> None:
    """
    ``scan-tracker``, MIT, Python 3.11 or newer; the licence's text travels along.
    """
    told = metadata(wheel)
    assert (told["Name"], told["License-Expression"]) == ("scan-tracker", "MIT")
    assert told["Requires-Python"] == ">=3.11"
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
