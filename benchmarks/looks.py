"""
Clevy looks end to end (leased, fetched, read, merged, stored, decided) against bare loops.

Both ask the same carrier process in the same batches, as many at once. The goals are judged where
the carrier takes a quarter of a second, as carriers do; a carrier that takes no time shows what the
work itself costs.
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

from alerts.rounds import Decider
from benchmarks.bare.with_httpx import ask_all
from benchmarks.carrier import local_carrier
from benchmarks.measuring import Figure, interleaved, seconds_of
from benchmarks.places import default_settings, overdue, postal_number, temporary_folder, watched
from tracker.clock import utc_now
from tracker.crawl import CarrierAccess, CrawlProcess
from tracker.model import CarrierName
from tracker.planning.deadlines import Deadlines
from tracker.planning.watching import settle
from tracker.polling.poller import Poller
from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracker.polling.poller import PollResult
    from tracker.store import Store

CLEVY = CarrierName.CLEVY
PAIRS = 3
HTTPX_GOAL = 0.65
SCRAPY_GOAL = 0.85
#: One look in so many is made after the parcel's deadline: a parcel is looked at a dozen times and
#: more, and once or twice then. Three in ten of these looks open an alert.
OVERDUE_EVERY = 19
#: So many parcels were looked at before; seven in ten of them were scanned.
EARLIER = 20


@dataclass(frozen=True, slots=True)
class Setting:
    """
    One way of asking: how many parcels, in which batches, and how slow the carrier is.

    ``again``: the parcels were looked at before, and the carrier has nothing new to tell. ``goal``:
    the goals are held against it.
    """

    name: str
    parcels: int
    batch: int
    concurrency: int
    latency: float
    again: bool = False
    goal: bool = False


SETTINGS = (
    Setting("looks-slow", 1000, 40, 4, 0.25, goal=True),
    Setting("looks-slow-unchanged", 1000, 40, 4, 0.25, again=True, goal=True),
    Setting("looks", 1000, 40, 4, 0.0),
    Setting("looks-unchanged", 1000, 40, 4, 0.0, again=True),
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
    with CrawlProcess(CLEVY) as crawls, _bare_scrapy() as scrapy_seconds:
        access = clevy_access(url, setting)
        crawls.run(access, numbers[:1], 60)  # the child lives on between the daemon's polls
        scrapy_seconds(url, batches[:1], setting.concurrency)
        with _seeded(setting, access, crawls) as template:
            ours, httpx, scrapy = interleaved(
                PAIRS,
                lambda: _poll_seconds(template, setting, access, crawls),
                lambda: _httpx_seconds(url, batches, setting.concurrency),
                lambda: scrapy_seconds(url, batches, setting.concurrency),
            )
    for limit_is, seconds, goal in (
        ("bare httpx", httpx, HTTPX_GOAL),
        ("bare Scrapy", scrapy, SCRAPY_GOAL),
    ):
        rate, limit = setting.parcels / ours, setting.parcels / seconds
        yield _figure(setting, rate, limit, limit_is, goal)


def _figure(setting: Setting, rate: float, limit: float, limit_is: str, goal: float) -> Figure:
    return Figure(
        name=setting.name + ("-scrapy" if limit_is == "bare Scrapy" else ""),
        unit="parcels/s",
        ours=rate,
        limit=limit,
        limit_is=limit_is,
        bound=f"{goal} of {limit_is}" if setting.goal else None,
        ok=rate >= goal * limit if setting.goal else None,
        note=(
            f"batch {setting.batch}, concurrency {setting.concurrency}, "
            f"the carrier takes {setting.latency * 1000:.0f} ms"
            + (", nothing new" if setting.again else "")
        ),
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
def _seeded(setting: Setting, access: CarrierAccess, crawls: CrawlProcess) -> Iterator[Path]:
    """
    A database file with the setting's due parcels, to be copied for each measurement.

    Some others were scanned before, as with everybody who began earlier than this minute: without
    one the second crawl waits for what the first one saw (promises.md R9).
    """
    deadlines = Deadlines(default_settings())
    with temporary_folder() as folder:
        store = open_store(f"sqlite:///{folder / 'template.db'}")
        before = range(setting.parcels, setting.parcels + EARLIER)
        with store.begin() as tx:
            now = utc_now()
            for index in before:
                settle(tx, tx.parcels.add(watched(index, deadlines), now), deadlines, now)
        _poll_all(store, deadlines, access, crawls, EARLIER)
        with store.begin() as tx:
            now = utc_now()
            for index in range(setting.parcels):
                of_age = watched if index % OVERDUE_EVERY else overdue
                settle(tx, tx.parcels.add(of_age(index, deadlines), now), deadlines, now)
        Decider(store, deadlines).round(utc_now())  # what is late is due for its look by now
        if setting.again:
            _poll_all(store, deadlines, access, crawls, setting.parcels)
            with store.begin() as tx:
                now = utc_now()
                due = [one.id for one in tx.parcels.matching(now) if one.id > EARLIER]
                tx.parcels.look_soon(due, now)
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
        return seconds_of(lambda: _poll_all(store, deadlines, access, crawls, setting.parcels))
    finally:
        store.close()


def _poll_all(
    store: Store,
    deadlines: Deadlines,
    access: CarrierAccess,
    crawls: CrawlProcess,
    expected: int,
) -> None:
    """
    Everything due is asked, stored and decided, as the daemon's step does it.
    """
    decider = Decider(store, deadlines)

    def decide(_: PollResult | None = None) -> None:
        if decider.round(utc_now()).put_off:
            raise RuntimeError("a decision failed")

    result = Poller(store, deadlines, {CLEVY: access}, {CLEVY: crawls}, utc_now).poll(CLEVY, decide)
    if result.asked < expected or result.failed or result.put_off:
        raise RuntimeError(f"a poll failed: {result.trouble or result}")


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
