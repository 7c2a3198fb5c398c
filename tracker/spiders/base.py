"""
What all spiders are: a Scrapy spider whose start is an asking, and whose items are reports.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Spider

from tracker.spiders.asking import Asking
from tracker.stages import load_tables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from scrapy.http import Request, Response

    from tracker.crawl import CarrierAccess
    from tracker.model import LookReport
    from tracker.pages.capture import Answer, PageCapture
    from tracker.spiders.asking import Attempt
    from tracker.spiders.pacing import Slots

    Keep = Callable[[Sequence[str], PageCapture | Answer], None]


class CarrierSpider(Spider):
    """
    Looks up numbers at one carrier; yields one :class:`tracker.model.LookReport` per number.

    An item holds those of a whole batch: what Scrapy does for an item costs more than a report.
    """

    name = "carrier"

    def __init__(
        self,
        *,
        access: CarrierAccess,
        numbers: Sequence[str],
        pace: Slots,
        keep: Keep | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.access = access
        self.numbers = tuple(numbers)
        self.pace = pace
        self._keep = keep
        # Read at each crawl, so that a line added to the user's file counts at once.
        self.tables = load_tables(Path(access.wordings) if access.wordings else None)

    async def start(self) -> AsyncIterator[Any]:
        """
        The reports, one item per batch.

        The questions are asked here and not by yielded requests, so that retries, limits and
        errors of a batch are seen in one place.
        """
        asking = Asking(self.access, self.look, self.pace)
        async for reports in asking.reports(self.numbers):
            yield reports

    async def look(self, attempt: Attempt) -> Sequence[LookReport]:
        """
        The reports of one batch.

        Raises :class:`tracker.spiders.trouble.Trouble` when there was no answer to read.
        """
        raise NotImplementedError

    def keep(self, numbers: Sequence[str], seen: PageCapture | Answer) -> None:
        """
        Whoever records hears what one question brought, as the reader gets it.
        """
        if self._keep is not None:
            self._keep(numbers, seen)

    async def download(self, request: Request) -> Response:
        """
        The answer to one request, through Scrapy's downloader and its middlewares.
        """
        response: Response = await self.crawler.engine.download_async(request)
        return response
