"""
One running crawl process and its two pipes: a question in, its reports out.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from typing import IO, TYPE_CHECKING, Any

from tracker.clock import utc_now
from tracker.crawl.access import access_to_json
from tracker.processes import FOLDER_PREFIX, kill_tree, remove_folder
from tracker.wire import ReportReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tracker.crawl.access import CarrierAccess
    from tracker.model import LookReport

    #: The seconds until one more slot of the shared pace, within so many; ``None``: refused.
    Further = Callable[[float], float | None]

log = logging.getLogger(__name__)

_CLOSE_SECONDS = 5.0


class ChildFailed(Exception):  # noqa: N818 - never leaves this package
    """
    The child gave no more answers; the text says why.
    """


class ChildDied(ChildFailed):
    """
    The child is gone.
    """

    def __init__(self) -> None:
        super().__init__("the crawl process died")


class Child:
    """
    One running crawl process and its two pipes.
    """

    def __init__(self) -> None:
        self.crawls = 0
        # Browsers leave profile folders behind when they are killed: they get a place of their
        # own, which goes with the child.
        self._temp = tempfile.mkdtemp(prefix=FOLDER_PREFIX)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tracker.crawler"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_child_environment(self._temp),
            start_new_session=True,  # Ctrl-C is the daemon's; the group can be killed as one
        )
        self._reports = ReportReader()
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """
        The child's process id, also that of its group.
        """
        return self._process.pid

    @property
    def alive(self) -> bool:
        """
        True until the child has ended.
        """
        return self._process.poll() is None

    def ask(self, access: CarrierAccess, numbers: Sequence[str], deadline: float) -> None:
        """
        The child has read the question and begins to ask the carrier.
        """
        self.crawls += 1
        asked_at = utc_now().timestamp()
        told = {"access": access_to_json(access), "numbers": numbers, "asked_at": asked_at}
        self._tell({"crawl": self.crawls, **told})
        if "begun" not in self._next_line(deadline):
            raise ChildFailed("the crawl process answered before it was asked")

    def answers(self, deadline: float, further: Further) -> Iterator[LookReport]:
        """
        The reports of the crawl just asked, as they come, until it is done.

        ``further`` is asked for each slot of the shared pace that the crawl wants in between.
        """
        while True:
            line = self._next_line(deadline)
            if line.get("crawl") != self.crawls:
                raise ChildFailed("the crawl process answered another question")
            if "reports" in line:
                yield from map(self._read_report, line["reports"])
            elif "slot" in line:
                within = line["slot"]
                self._tell({"slot": further(math.inf if within is None else within)})
            elif line.get("error"):
                raise ChildFailed(f"the crawl failed: {line['error']}")
            else:
                return

    def _tell(self, line: dict[str, Any]) -> None:
        pipe = self._pipe(self._process.stdin)
        try:
            pipe.write(json.dumps(line).encode() + b"\n")
            pipe.flush()
        except OSError as error:
            raise ChildDied from error

    def _read_report(self, told: Any) -> LookReport:
        try:
            return self._reports.read(told)
        except (KeyError, TypeError, ValueError) as error:
            raise ChildFailed("the crawl process told a report that cannot be read") from error

    def kill(self) -> None:
        """
        The child and its browser are told to die at once.
        """
        kill_tree(self._process.pid, folder=self._temp)

    def end(self, *, gently: bool) -> None:
        """
        The child, its browser and its files are gone.
        """
        with contextlib.suppress(OSError):
            self._pipe(self._process.stdin).close()  # the child ends by itself at end of input
        if gently:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_CLOSE_SECONDS)
        self.kill()
        self._process.wait()
        self._reader.join(_CLOSE_SECONDS)
        self._pipe(self._process.stdout).close()
        remove_folder(self._temp)

    def _next_line(self, deadline: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty as error:
            raise ChildFailed("the crawl overran its time limit and was ended") from error
        if line is None:
            raise ChildDied
        return line

    def _read(self) -> None:
        """
        Every protocol line is in the queue, and a last ``None`` when the child is gone.
        """
        for line in self._pipe(self._process.stdout):
            try:
                told = json.loads(line)
            except ValueError:
                told = None
            if isinstance(told, dict):
                self._lines.put(told)
            else:
                log.warning("the crawl process wrote a line that is not of the protocol")
        self._lines.put(None)

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise RuntimeError("the child was started without its pipes")
        return pipe


def _child_environment(temp: str) -> dict[str, str]:
    """
    Our environment without our own settings: no secret reaches the browser's processes.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    return {**ours, "TMPDIR": temp, "PYTHONUNBUFFERED": "1"}
