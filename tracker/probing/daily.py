"""
The daily check of a portal as the daemon makes it: ``carriers check`` in a process of its own.

The daemon loads neither Scrapy nor Playwright, and a check that hangs must not hold it up.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.crawl import wall_clock_seconds
from tracker.polling.pace import PATIENCE
from tracker.processes import FOLDER_PREFIX, kill_tree, processes_in, remove_folder

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.crawl import CarrierAccess
    from tracker.model import CarrierName
    from tracker.store import Store

log = logging.getLogger(__name__)

EVERY = timedelta(hours=24)
#: A failed check is made again so soon: a passing trouble must not stand for a day.
AGAIN = timedelta(hours=1)
_QUESTIONS = 2  # a number that nobody has, and the canary
_WAY_SECONDS = 60.0  # names, connections and certificates before the look


class PortalCheck:
    """
    Runs checks, one at a time; ``close`` ends a running one with its browser.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def run(self, access: CarrierAccess, *, seconds: float | None = None) -> str | None:
        """
        The step that failed and why, in one line; ``None`` when all is well.

        Raises :class:`CheckEnded` when it was closed meanwhile: then nothing is known.
        """
        asking = wall_clock_seconds(access, _QUESTIONS) + PATIENCE
        limit = seconds or _WAY_SECONDS + asking
        folder = tempfile.mkdtemp(prefix=FOLDER_PREFIX)
        try:
            told = self._outcome(self._started(access.carrier, folder), folder, limit)
        finally:
            remove_folder(folder)
        if self._closed:
            raise CheckEnded
        return told

    def close(self) -> None:
        """
        No check runs any more, and none begins.
        """
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None and process.poll() is None:
            kill_tree(process.pid, folder=None)

    def _started(self, carrier: CarrierName, folder: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tracker", "carriers", "check", "--json"]
        with self._lock:
            if self._closed:
                raise CheckEnded
            self._process = subprocess.Popen(  # noqa: S603 - our own program and our own words
                [*command, "--carrier", carrier.value],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                # A killed browser's files go with the folder.
                env={**os.environ, "TMPDIR": folder, "PYTHONUTF8": "1"},
                start_new_session=True,
            )
            return self._process

    def _outcome(self, process: subprocess.Popen[str], folder: str, limit: float) -> str | None:
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return f"the whole check: it overran its {limit:.0f} s and was ended."
        finally:
            _end(process, folder)
        return failure_in(out, err, process.returncode)


def _end(process: subprocess.Popen[str], folder: str) -> None:
    """
    The check, its browser and its pipes are gone.

    Once it has ended its number may be another's: then only what names its folder is ended.
    """
    if process.poll() is None:
        kill_tree(process.pid, folder=folder)
        process.communicate()
    for pid in processes_in(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class CheckEnded(Exception):  # noqa: N818 - the field's name, and not an error of ours
    """
    The check was ended before it knew anything.
    """


def failure_in(out: str, err: str, code: int) -> str | None:
    """
    What a check's JSON lines, its standard error and its exit code say went wrong.
    """
    steps = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    failed = next((step for step in steps if step["ok"] is False), None)
    if failed is not None:
        return f"{failed['step']}: {failed['detail']}"
    if code == 0 and steps:
        return None
    last = (err.strip().splitlines() or [f"it ended with exit code {code}"])[-1]
    return f"the check itself: {last.removeprefix('tracker: ')}"


def check_if_due(store: Store, access: CarrierAccess, now: datetime, check: PortalCheck) -> bool:
    """
    True when the carrier was due for its check and the result is on record.

    It is due a day after the last one (an hour after a failed one), while something is watched
    there and the carrier is not cooling down (promises.md R22).
    """
    carrier = access.carrier
    with store.begin() as tx:
        known = tx.health.carrier(carrier)
        if tx.health.is_cooling(carrier, now) or not tx.parcels.is_watched(carrier):
            return False
        before = now - (EVERY if known.check_failure is None else AGAIN)
        if not tx.health.claim_check(carrier, now, before):
            return False
    failure = check.run(access)
    if failure is not None:
        log.warning("%s: the check of the portal failed at %s", carrier, failure)
    with store.begin() as tx:
        tx.health.checked(carrier, now, failure)
    return True
