"""
Crawls of one process: one Scrapy crawl for each list of numbers, on one shared browser.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from tracker.browser import find_browser
from tracker.crawl import check_access, not_looked
from tracker.model import CarrierName, LookReport, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.crawl import CarrierAccess
    from tracker.spiders.base import CarrierSpider, Keep
    from tracker.spiders.browsing import SharedBrowser
    from tracker.spiders.pacing import Further, Pace, Slots

OnReport = Callable[[LookReport], None]


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
