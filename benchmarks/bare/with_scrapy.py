"""
A bare Scrapy spider, one crawl per question in one process: parsed answers out, nothing kept.

``python -m benchmarks.bare.with_scrapy`` reads one JSON question a line (url, batches,
concurrency) and writes how many parcels the answers held, one line per crawl.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import scrapy
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.utils.reactor import install_reactor

from benchmarks.bare.with_httpx import form_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response


class BareSpider(scrapy.Spider):
    """
    Posts every batch and yields what came back, one item per response.
    """

    name = "bare"

    async def start(self) -> AsyncIterator[scrapy.FormRequest]:
        """
        One request per batch.
        """
        question = self.question  # type: ignore[attr-defined]  # Scrapy sets given arguments
        for batch in question["batches"]:
            yield scrapy.FormRequest(question["url"], formdata=form_of(batch), dont_filter=True)

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        """
        The parsed answer.
        """
        parcels = json.loads(response.body)["ResponseMessage"]
        self.seen = getattr(self, "seen", 0) + len(parcels)
        yield {"parcels": parcels}


async def _crawl(question: dict[str, Any]) -> int:
    settings = {
        "LOG_LEVEL": "WARNING",
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": question["concurrency"],
        "CONCURRENT_REQUESTS_PER_DOMAIN": question["concurrency"],
    }
    runner = AsyncCrawlerRunner(settings)
    crawler = Crawler(BareSpider, runner.settings)
    await runner.crawl(crawler, question=question)
    return int(getattr(crawler.spider, "seen", 0))


async def _live() -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(await _crawl(json.loads(line)), flush=True)


def main() -> None:
    """
    Answers questions until standard input ends.
    """
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it
    from twisted.internet.defer import Deferred  # noqa: PLC0415 - as above

    running: Any = reactor

    def start() -> None:
        done: Any = Deferred.fromFuture(asyncio.ensure_future(_live()))
        done.addBoth(lambda _: running.stop())

    running.callWhenRunning(start)
    running.run()


if __name__ == "__main__":
    main()
