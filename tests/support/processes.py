"""
A process and all that it has started, as Linux tells of them in ``/proc``.
"""

from __future__ import annotations

import os
from pathlib import Path

from tracker.processes import descendants

_PAGE = os.sysconf("SC_PAGE_SIZE")


def family(pid: int) -> list[int]:
    """
    The process and its descendants that still live.
    """
    return [pid, *descendants(pid)]


def command(pid: int) -> list[str]:
    """
    The command line of a process; empty when it is gone.
    """
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return []


def megabytes(pid: int) -> float:
    """
    The resident memory of a process and its descendants together, shared pages counted by each.
    """
    pages = 0
    for one in family(pid):
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * _PAGE / 1e6


def browser_of(pid: int) -> int:
    """
    The browser that a crawl process has started: itself, not a script that wraps it.
    """
    found = [one for one in family(pid) if _is_browser(command(one))]
    assert found, "no browser lives"
    return found[-1]


def _is_browser(words: list[str]) -> bool:
    """
    True for a browser's main process; its helpers name their type.
    """
    return any(word.startswith("--user-data-dir") for word in words) and not any(
        word.startswith("--type=") for word in words
    )
