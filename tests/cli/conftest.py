"""
The command line inside this process, on a configuration file and a database of the test's own.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Ended
from tests.support.inboxes import Inboxes
from tests.support.world import config_text, memory_folder
from tracker import cli
from tracker.clock import utc_now
from tracker.logs import OURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Tracker = Callable[..., Ended]


@pytest.fixture
def inboxes() -> Iterator[Inboxes]:
    """
    A mail server and a webhook.
    """
    with Inboxes(utc_now) as running:
        yield running


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inboxes: Inboxes) -> Iterator[Path]:
    """
    The working directory: ``tracker.toml`` with one shop and an operator.
    """
    with memory_folder() as fast:
        text = config_text(f"sqlite:///{fast / 'tracker.db'}", inboxes)
        (tmp_path / "tracker.toml").write_text(text)
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("TRACKER_CONFIG", raising=False)
        yield tmp_path


@pytest.fixture
def own_log() -> Iterator[None]:
    """
    What a command does to the log of its process is undone: the process is the tests'.
    """
    loggers = [logging.getLogger(name) for name in ("", *OURS)]
    kept = [(one, one.level, one.handlers[:]) for one in loggers]
    yield
    for one, level, handlers in kept:
        one.setLevel(level)
        one.handlers[:] = handlers


@pytest.fixture
def tracker(
    workplace: Path,
    own_log: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Tracker:
    """
    ``tracker("orders", "list")`` runs the command and gives exit code and output.
    """

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["tracker", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    return run
