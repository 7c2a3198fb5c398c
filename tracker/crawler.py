"""
The crawling side: runs Scrapy on an asyncio loop, in this process or as the daemon's child.

``crawl`` and ``crawl_all`` serve the ``track`` command; ``python -m tracker.crawler`` is the child
of :class:`tracker.crawl.CrawlProcess`: questions come as JSON lines over standard input, reports
leave as JSON lines over standard output, and the end of the input ends it, browser and all.
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

from tracker.browser import find_browser
from tracker.clock import utc_now
from tracker.crawl import START_SECONDS, access_from_json, check_access, not_looked
from tracker.model import CarrierName, Outcome, ScanTrackerError
from tracker.processes import FOLDER_PREFIX, kill_below, kill_tree, remove_folder
from tracker.wire import ReportWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracker.crawl import CarrierAccess
    from tracker.model import LookReport
    from tracker.pages.capture import Answer, PageCapture
    from tracker.spiders.base import CarrierSpider, Keep
    from tracker.spiders.browsing import SharedBrowser
    from tracker.spiders.pacing import Further, Pace, Slots

    OnReport = Callable[[LookReport], None]
    Slot = Callable[[CarrierAccess, float], float | None]
    OnSeen = Callable[[CarrierName, Sequence[str], PageCapture | Answer], None]

log = logging.getLogger(__name__)

_GRACE_SECONDS = 3.0  # for closing the browser in good order when the input ends


class Crawls:
    """
    Crawls of one process: they share one browser and, where it is their own, each carrier's pace.
    """

    def __init__(self) -> None:
        self._browsers: dict[str | None, SharedBrowser] = {}
        self._paces: dict[tuple[CarrierName, float], Pace] = {}

    async def run(
        self,
        access: CarrierAccess,
        numbers: Sequence[str],
        *,
        on_report: OnReport | None = None,
        keep: Keep | None = None,
        further: Further | None = None,
    ) -> list[LookReport]:
        """
        One report per distinct number, in the asked order; ``keep`` hears what was read.

        ``further`` takes slots beyond the access's reserved ones; without it there are none.
        Raises what :func:`tracker.crawl.check_access` raises, before anything is asked.
        """
        check_access(access)
        asked = list(dict.fromkeys(numbers))
        if not asked:
            _spider(access)  # loaded by now, so that the first number waits for no import
            return []
        answered: dict[str, LookReport] = {}

        def take(report: LookReport) -> None:
            if answered.setdefault(report.tracking_number, report) is report and on_report:
                on_report(report)

        reason = await self._scrape(access, asked, take, keep, self._slots(access, further))
        silent = [number for number in asked if number not in answered]
        told = f"{access.host}: the crawl ended early ({reason})"
        for report in not_looked(access.carrier, silent, Outcome.UNREACHABLE, told):
            take(report)
        return [answered[number] for number in asked]

    async def close(self) -> None:
        """
        The browser is closed.
        """
        for browser in self._browsers.values():
            await browser.close()
        self._browsers.clear()

    async def _scrape(
        self,
        access: CarrierAccess,
        asked: Sequence[str],
        take: OnReport,
        keep: Keep | None,
        pace: Slots,
    ) -> str:
        """
        Every report of one Scrapy crawl was taken; returns Scrapy's reason for its end.
        """
        from scrapy import signals  # noqa: PLC0415 - Scrapy only after the reactor is installed
        from scrapy.crawler import AsyncCrawlerRunner, Crawler  # noqa: PLC0415

        from tracker.spiders.settings import scrapy_settings  # noqa: PLC0415 - as above

        provider = None if access.uses_api else self._browser(access).provider()
        runner = AsyncCrawlerRunner(scrapy_settings(access, provider))
        crawler = Crawler(_spider(access), runner.settings)

        def scraped(item: Sequence[LookReport]) -> None:
            for report in item:
                take(report)

        crawler.signals.connect(scraped, signals.item_scraped)
        await runner.crawl(crawler, access=access, numbers=asked, pace=pace, keep=keep)
        return str(crawler.stats.get_value("finish_reason", "without a reason"))

    def _browser(self, access: CarrierAccess) -> SharedBrowser:
        from tracker.spiders.browsing import SharedBrowser  # noqa: PLC0415 - Playwright is slow

        key = access.browser_executable
        if key not in self._browsers:
            self._browsers[key] = SharedBrowser(find_browser(key))
        return self._browsers[key]

    def _slots(self, access: CarrierAccess, further: Further | None) -> Slots:
        """
        Where the questions of one crawl take their slots: the shared pace, or this process's own.
        """
        from tracker.spiders.pacing import Pace, SharedSlots  # noqa: PLC0415 - it brings Scrapy along

        if access.reserved_slots is None:
            key = (access.carrier, access.requests_per_minute)
            return self._paces.setdefault(key, Pace(access.requests_per_minute))
        return SharedSlots(
            starts=asyncio.get_running_loop().time() + access.starts_in_seconds,
            count=access.reserved_slots,
            every=60 / access.requests_per_minute,
            further=further or _refused,
        )


def _in_a_thread(slot: Slot, access: CarrierAccess) -> Further:
    """
    The same slots, taken while the loop goes on: a database may take its time.
    """

    async def further(within: float) -> float | None:
        return await asyncio.to_thread(slot, access, within)

    return further


async def _refused(_within: float) -> None:
    """
    No further slot.
    """


def _spider(access: CarrierAccess) -> type[CarrierSpider]:
    # Imported here: the API's spider must not wait for Playwright's import.
    if access.uses_api:
        from tracker.spiders.clevy import ClevySpider  # noqa: PLC0415

        return ClevySpider
    if access.carrier is CarrierName.CLEVY:
        from tracker.spiders.clevy_page import ClevyPageSpider  # noqa: PLC0415

        return ClevyPageSpider
    from tracker.spiders.seko import SekoSpider  # noqa: PLC0415

    return SekoSpider


def crawl(
    access: CarrierAccess, numbers: Sequence[str], *, on_report: OnReport | None = None
) -> list[LookReport]:
    """
    One report per distinct number, in the asked order, from a crawl in this process.

    Raises what :func:`tracker.crawl.check_access` raises, before anything is asked. Call it from
    one thread only, and not from a running event loop.
    """
    return crawl_all({access.carrier: (access, numbers)}, on_report=on_report)[access.carrier]


def crawl_all(
    questions: Mapping[CarrierName, tuple[CarrierAccess, Sequence[str]]],
    *,
    on_report: OnReport | None = None,
    keep: OnSeen | None = None,
    slot: Slot | None = None,
) -> dict[CarrierName, list[LookReport]]:
    """
    The reports of several carriers, asked at the same time in this process.

    ``keep`` hears whose portal was asked for which numbers, and what it brought. ``slot`` takes one
    slot of the shared pace for each question; without it this process keeps a pace of its own.
    Raises as :func:`crawl` does, before any carrier is asked.
    """
    for access, _ in questions.values():
        check_access(access)

    async def ask() -> dict[CarrierName, list[LookReport]]:
        crawls = Crawls()
        try:
            found = await asyncio.gather(
                *(
                    crawls.run(
                        access if slot is None else replace(access, reserved_slots=0),
                        numbers,
                        on_report=on_report,
                        keep=keep and partial(keep, carrier),
                        further=slot and _in_a_thread(slot, access),
                    )
                    for carrier, (access, numbers) in questions.items()
                )
            )
        finally:
            await crawls.close()
        return dict(zip(questions, found, strict=True))

    loop = _loop()
    looking = loop.create_task(ask())
    try:
        return loop.run_until_complete(looking)
    except KeyboardInterrupt:
        # The browser is closed before the interrupt goes on; a crawl may swallow the cancelling.
        looking.cancel()
        loop.run_until_complete(asyncio.wait((looking,), timeout=_GRACE_SECONDS))
        raise


_the_loop: list[asyncio.AbstractEventLoop] = []


def _loop() -> asyncio.AbstractEventLoop:
    """
    The process's one loop for crawls, with Twisted's reactor running on it.

    A reactor belongs to one loop for ever, so the loop is kept from crawl to crawl.
    """
    if not _the_loop:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        _install_reactor(loop)
        _the_loop.append(loop)
    return _the_loop[0]


def _install_reactor(loop: asyncio.AbstractEventLoop) -> None:
    """
    Twisted's reactor works on ``loop`` and counts as running, or crawls would wait for ever.
    """
    from twisted.internet import asyncioreactor  # noqa: PLC0415 - importing installs the reactor

    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]  # Twisted has no types here
    from twisted.internet import reactor  # noqa: PLC0415

    running: Any = reactor
    running.startRunning(installSignalHandlers=False)
    # A name server that does not answer must not keep the process alive after the look.
    running.getThreadPool().threadFactory = partial(threading.Thread, daemon=True)


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
        _loop().run_until_complete(_Child(sys.stdin.buffer, reports).live())
        reports.close()
    except BrokenPipeError:
        end_with_browser()  # the daemon was killed: nobody reads our reports
    finally:
        if (folder := _private_folder()) is not None:
            remove_folder(folder)  # a supervisor that was killed cannot do it


if __name__ == "__main__":
    main()
