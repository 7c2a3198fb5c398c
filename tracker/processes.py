"""
Ending a process together with everything it started.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def descendants(pid: int) -> list[int]:
    """
    The processes below ``pid``, children before grandchildren; empty where /proc is not there.

    A browser leaves its parent's process group, so killing the group alone would orphan it.
    """
    children: dict[int, list[int]] = {}
    for entry in _entries():
        parent = _parent_of(entry)
        if parent is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


#: How the private temporary folder of one crawl process begins.
FOLDER_PREFIX = "scan-tracker-crawl-"
_ENDING_SECONDS = 1.0


def processes_in(folder: str) -> list[int]:
    """
    The processes whose command line names a crawl process's own folder: finds orphaned browsers.

    Raises ``ValueError`` for any other folder: strangers name those too.
    """
    if not Path(folder).name.startswith(FOLDER_PREFIX):
        raise ValueError(f"{folder} is not the folder of one crawl process")
    wanted = folder.encode()
    return [int(entry.name) for entry in _entries() if wanted in _command_line(entry)]


def kill_below(leader: int, *, folder: str | None) -> None:
    """
    All that a process started and all that works in ``folder`` gets SIGKILL, not the process.
    """
    orphans = processes_in(folder) if folder else []
    for pid in [*descendants(leader), *orphans]:
        if pid != leader:
            _kill(pid)


def kill_tree(leader: int, *, folder: str | None) -> None:
    """
    A group leader, its group, its descendants and what works in ``folder`` get SIGKILL.

    It works after the leader's own death too: its group and its folder outlive it. The leader goes
    last: it may be the one that calls, and a browser is not of its group.
    """
    kill_below(leader, folder=folder)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    _kill(leader)


def remove_folder(folder: str) -> None:
    """
    The folder is gone, though the killed processes that wrote into it may take a moment to end.

    What cannot be removed within a second is left.
    """
    end = time.monotonic() + _ENDING_SECONDS
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        if not Path(folder).exists() or time.monotonic() > end:
            return
        time.sleep(0.02)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _entries() -> Iterator[Path]:
    return Path("/proc").glob("[0-9]*")


def _parent_of(entry: Path) -> int | None:
    try:
        stat = (entry / "stat").read_text("ascii", "replace")
    except OSError:
        return None  # it ended while we were looking
    return int(stat.rpartition(")")[2].split()[1])


def _command_line(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""  # it ended while we were looking
