"""
The daemon's child: it is asked over standard input and reports over standard output, in JSON lines.

The end of the input ends it, browser and all.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
import threading
from collections import deque
from dataclasses import replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tracker.clock import utc_now
from tracker.crawl import START_SECONDS, access_from_json
from tracker.crawler.crawls import Crawls
from tracker.crawler.loop import the_loop
from tracker.model import ScanTrackerError
from tracker.processes import FOLDER_PREFIX, kill_below, kill_tree, remove_folder
from tracker.wire import ReportWriter

if TYPE_CHECKING:
    from tracker.crawl import CarrierAccess
    from tracker.model import LookReport

log = logging.getLogger(__name__)

_GRACE_SECONDS = 3.0  # for closing the browser in good order when the input ends


class _Child:
    """
    The daemon's child: reads questions, crawls, writes reports; dies with its input.
    """

    def __init__(self, questions: IO[bytes], reports: IO[bytes]) -> None:
        self._questions = questions
        self._reports = reports
        self._waiting: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._slots_wanted: deque[asyncio.Future[float | None]] = deque()
        self._crawls = Crawls()
        self._writer = ReportWriter()

    async def live(self) -> None:
        """
        Every question was answered, the input ended and the browser is closed.
        """
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop,), daemon=True).start()
        while (question := await self._waiting.get()) is not None:
            await self._answer(question)
        await self._crawls.close()

    async def _answer(self, question: dict[str, Any]) -> None:
        crawl_id = question["crawl"]
        error = None
        self._write({"crawl": crawl_id, "begun": True})

        told: list[dict[str, Any]] = []

        def tell(report: LookReport) -> None:
            if not told:
                asyncio.get_running_loop().call_soon(leave)
            told.append(self._writer.told(report))

        def leave() -> None:
            """
            What one turn of the loop brought leaves together: a batch's reports are one line.
            """
            if told:
                self._write({"crawl": crawl_id, "reports": told})
                told.clear()

        try:
            access = _since(question["asked_at"], access_from_json(question["access"]))
            further = partial(self._further, crawl_id)
            await self._crawls.run(access, question["numbers"], on_report=tell, further=further)
        except ScanTrackerError as refused:
            error = str(refused)
        except Exception as failure:
            log.exception("a crawl failed")
            error = f"{type(failure).__name__} in the crawl process"
        leave()
        self._write({"crawl": crawl_id, "done": True, "error": error})

    async def _further(self, crawl_id: int, within: float) -> float | None:
        """
        The seconds until one more slot of the shared pace, from the supervisor; ``None``: refused.
        """
        wanted = asyncio.get_running_loop().create_future()
        self._slots_wanted.append(wanted)
        self._write({"crawl": crawl_id, "slot": within if isfinite(within) else None})
        told: float | None = await wanted
        return told

    def _hear(self, line: bytes) -> None:
        """
        A question waits for its turn; slots are told in the order in which they were wanted.
        """
        told = json.loads(line)
        if "slot" not in told:
            self._waiting.put_nowait(told)
            return
        wanted = self._slots_wanted.popleft()
        if not wanted.done():  # a look that ran out of time waits no more
            wanted.set_result(told["slot"])

    def _write(self, line: dict[str, Any]) -> None:
        self._reports.write(json.dumps(line).encode() + b"\n")
        self._reports.flush()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """
        In a thread of its own, so that a blocked loop cannot outlive the daemon.
        """
        for line in self._questions:
            loop.call_soon_threadsafe(self._hear, line)
        deadline = threading.Timer(_GRACE_SECONDS, end_with_browser)
        deadline.daemon = True
        deadline.start()
        loop.call_soon_threadsafe(self._waiting.put_nowait, None)


def _since(asked_at: float, access: CarrierAccess) -> CarrierAccess:
    """
    The access as it is now: a child that had to start first has less time until its slots.
    """
    late = min(max(0.0, utc_now().timestamp() - asked_at), START_SECONDS)
    return replace(access, starts_in_seconds=access.starts_in_seconds - late)


def _private_folder() -> str | None:
    """
    The temporary folder that the supervisor gave us; ``None`` when started by hand.
    """
    folder = tempfile.gettempdir()
    return folder if Path(folder).name.startswith(FOLDER_PREFIX) else None


def end_with_browser() -> None:
    """
    This process, its group and its browser are killed and its files are gone; it never returns.
    """
    folder = _private_folder()
    kill_below(os.getpid(), folder=folder)  # first: a living browser would write files anew
    if folder is not None:
        remove_folder(folder)
    kill_tree(os.getpid(), folder=folder)


def main() -> None:
    """
    Lives as the daemon's child until standard input ends.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    # Whatever prints (a library, the browser) writes to standard error: the protocol has the
    # real standard output for itself.
    reports = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        the_loop().run_until_complete(_Child(sys.stdin.buffer, reports).live())
        reports.close()
    except BrokenPipeError:
        end_with_browser()  # the daemon was killed: nobody reads our reports
    finally:
        if (folder := _private_folder()) is not None:
            remove_folder(folder)  # a supervisor that was killed cannot do it
