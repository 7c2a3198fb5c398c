"""
Our side: the daemon's own poll, with its crawl process, until nothing is due any more.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from benchmarks.measuring import seconds_of
from benchmarks.places import add_due, default_settings
from tracker.clock import utc_now
from tracker.crawl import CarrierAccess, CrawlProcess
from tracker.model import CarrierName
from tracker.planning.deadlines import Deadlines
from tracker.polling.poller import Poller
from tracker.store import open_store
from tracker.store.engine import begun, make_engine
from tracker.store.tables import events, parcels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLEVY = CarrierName.CLEVY
#: What karrio does, and cannot be told otherwise: ten numbers at once, one request at a time.
BATCH, CONCURRENCY = 10, 1


@contextmanager
def our_rounds(
    folder: Path, url: str, count: int, *, batch: int = BATCH, concurrency: int = CONCURRENCY
) -> Iterator[Callable[[], tuple[float, int]]]:
    """
    A watch list of ``count`` parcels; each call is one round: its seconds, the events then stored.
    """
    address = f"sqlite:///{folder / 'ours.db'}"
    access = CarrierAccess(
        carrier=CLEVY,
        url=url,
        api_url=url,
        username="practice",
        password="practice",
        batch_size=batch,
        concurrency=concurrency,
        requests_per_minute=1e9,
        timeout_seconds=30,
    )
    deadlines = Deadlines(default_settings())
    store, engine = open_store(address), make_engine(address)
    try:
        with store.begin() as tx:
            add_due(tx, count, deadlines)
        with CrawlProcess(CLEVY) as crawls:
            crawls.prepare(access)  # karrio's time is taken without its start, too
            poller = Poller(store, deadlines, {CLEVY: access}, {CLEVY: crawls}, utc_now)

            def one_round() -> tuple[float, int]:
                with begun(engine) as connection:
                    connection.execute(update(parcels).values(next_look_at=utc_now()))
                seconds = seconds_of(lambda: _poll_all(poller, count))
                with begun(engine, reading=True) as connection:
                    stored = connection.execute(select(func.count()).select_from(events)).scalar()
                return seconds, stored or 0

            yield one_round
    finally:
        engine.dispose()
        store.close()


def _poll_all(poller: Poller, expected: int) -> None:
    asked = 0
    while asked < expected:
        result = poller.poll(CLEVY)
        if not result.asked or result.failed or result.put_off:
            raise RuntimeError(f"a poll failed: {result.trouble or result}")
        asked += result.asked
