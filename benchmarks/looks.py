"""
Clevy looks end to end (leased, fetched, read, stored) against bare loops on the same carrier.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.bare.with_httpx import ask_all
from benchmarks.carrier import local_carrier
from benchmarks.measuring import Figure, interleaved, seconds_of
from benchmarks.places import add_due, default_settings, postal_number, temporary_folder
from tracker.clock import utc_now
from tracker.crawl import CarrierAccess, CrawlProcess
from tracker.deadlines import Deadlines
from tracker.model import CarrierName
from tracker.polling.poller import Poller
from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLEVY = CarrierName.CLEVY
PAIRS = 3
BOUND = 0.5


@dataclass(frozen=True, slots=True)
class Setting:
    """
    One way of asking: how many parcels, in which batches, and how slow the carrier is.
    """

    name: str
    parcels: int
    batch: int
    concurrency: int
    latency: float


SETTINGS = (
    Setting("looks-slow", 1000, 40, 4, 0.25),
    Setting("looks", 1000, 40, 4, 0.0),
    Setting("looks-pairs", 400, 2, 4, 0.0),
)


def clevy_looks() -> Iterator[Figure]:
    """
    Parcels a second, ours and bare, for each setting.
    """
    for setting in SETTINGS:
        with local_carrier(setting.latency) as url:
            yield from _measured(setting, url)


def _measured(setting: Setting, url: str) -> Iterator[Figure]:
    numbers = [postal_number(index) for index in range(setting.parcels)]
    batches = [numbers[at : at + setting.batch] for at in range(0, len(numbers), setting.batch)]
    with (
        _seeded(setting.parcels) as template,
        CrawlProcess(CLEVY) as crawls,
        _bare_scrapy() as scrapy_seconds,
    ):
        access = clevy_access(url, setting)
        crawls.run(access, numbers[:1], 60)  # the child lives on between the daemon's polls
        scrapy_seconds(url, batches[:1], setting.concurrency)
        ours, httpx, scrapy = interleaved(
            PAIRS,
            lambda: _poll_seconds(template, setting, access, crawls),
            lambda: _httpx_seconds(url, batches, setting.concurrency),
            lambda: scrapy_seconds(url, batches, setting.concurrency),
        )
    rate, bare_rate, scrapy_rate = (setting.parcels / one for one in (ours, httpx, scrapy))
    how = (
        f"batch {setting.batch}, concurrency {setting.concurrency}, "
        f"the carrier takes {setting.latency * 1000:.0f} ms"
    )
    yield Figure(
        name=setting.name,
        unit="parcels/s",
        ours=rate,
        limit=bare_rate,
        limit_is="bare httpx",
        bound=f"{BOUND} of httpx",
        ok=rate >= BOUND * bare_rate,
        note=how,
    )
    yield Figure(
        name=f"{setting.name}-scrapy",
        unit="parcels/s",
        ours=rate,
        limit=scrapy_rate,
        limit_is="bare Scrapy",
        note=how,
    )


def clevy_access(url: str, setting: Setting) -> CarrierAccess:
    """
    The local carrier's interface, the pace lifted.
    """
    return CarrierAccess(
        carrier=CLEVY,
        url=url,
        api_url=url,
        username="practice",
        password="practice",
        batch_size=setting.batch,
        concurrency=setting.concurrency,
        requests_per_minute=1e9,
        timeout_seconds=30,
    )


@contextmanager
def _seeded(count: int) -> Iterator[Path]:
    """
    A database file with that many due parcels, to be copied for each measurement.
    """
    with temporary_folder() as folder:
        store = open_store(f"sqlite:///{folder / 'template.db'}")
        with store.begin() as tx:
            add_due(tx, count, Deadlines(default_settings()))
        store.close()  # the last connection moves the write-ahead log into the file
        yield folder / "template.db"


def _poll_seconds(
    template: Path, setting: Setting, access: CarrierAccess, crawls: CrawlProcess
) -> float:
    deadlines = Deadlines(default_settings())
    copy = template.with_name("copy.db")
    shutil.copy(template, copy)
    store = open_store(f"sqlite:///{copy}")
    try:
        poller = Poller(store, deadlines, {CLEVY: access}, {CLEVY: crawls}, utc_now)
        return seconds_of(lambda: _poll_all(poller, setting.parcels))
    finally:
        store.close()


def _poll_all(poller: Poller, expected: int) -> None:
    asked = 0
    while asked < expected:
        result = poller.poll(CLEVY)
        if not result.asked or result.failed or result.put_off:
            raise RuntimeError(f"a poll failed: {result.trouble or result}")
        asked += result.asked


def _httpx_seconds(url: str, batches: list[list[str]], concurrency: int) -> float:
    return seconds_of(lambda: asyncio.run(ask_all(url, batches, concurrency)))


@contextmanager
def _bare_scrapy() -> Iterator[Callable[[str, list[list[str]], int], float]]:
    """
    A long-lived process of bare Scrapy crawls, as our child is one.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare.with_scrapy"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(url: str, batches: list[list[str]], concurrency: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        question = {"url": url, "batches": batches, "concurrency": concurrency}
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        seen = int(process.stdout.readline() or 0)
        if seen != sum(map(len, batches)):
            raise RuntimeError(f"bare Scrapy saw {seen} parcels")

    with process:
        yield lambda url, batches, concurrency: seconds_of(lambda: ask(url, batches, concurrency))
        process.communicate()
