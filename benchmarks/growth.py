"""
The same work with 10,000, 100,000 and 1,000,000 parcels stored: it may not take longer for it.

Three stores for each engine, asked in turn; the figure is the largest one's time against the
smallest one's.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from alerts.rounds import Decider
from benchmarks.crowded import DUE, LATE, Crowd
from benchmarks.due import CLAIM, postgres
from benchmarks.measuring import Figure, interleaved, seconds_of
from benchmarks.places import default_settings, temporary_folder
from tracker.clock import utc_now
from tracker.model import CarrierName
from tracker.planning.deadlines import Deadlines
from tracker.planning.watching import settle_all
from tracker.store import Store, open_store
from tracker.store.engine import make_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.store import Transaction

SIZES = (10_000, 100_000, 1_000_000)
BOUND = 1.5
TIMES = 15
ROUNDS = 3


def growth() -> Iterator[Figure]:
    """
    Picking, settling, deciding and sending, on each engine.
    """
    with temporary_folder() as folder:
        yield from _on("sqlite", [f"sqlite:///{folder / f'{size}.db'}" for size in SIZES])
    with postgres() as url:
        yield from _on("postgresql", [_database(url, f"of_{size}") for size in SIZES])


def _database(url: str, name: str) -> str:
    engine = make_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


def _on(engine_name: str, urls: list[str]) -> Iterator[Figure]:
    with ExitStack() as stack:
        filled = [
            stack.enter_context(_filled(size, url)) for size, url in zip(SIZES, urls, strict=True)
        ]
        crowds = [crowd for crowd, _ in filled]
        spent = filled[-1][1]
        yield Figure(
            name=f"growth-filling-{engine_name}",
            unit="s",
            ours=spent,
            note=f"{SIZES[-1]:,} parcels with a look each, {SIZES[-1] // 10:,} alerts and messages",
        )
        for name, work in _TRANSACTIONS.items():
            measures = [partial(one.rolled_back, work) for one in crowds]
            yield _figure(f"growth-{name}-{engine_name}", interleaved(TIMES, *measures))
        rounds = [one.round for one in crowds]
        yield _figure(f"growth-decide-{engine_name}", interleaved(ROUNDS, *rounds))


@contextmanager
def _filled(size: int, url: str) -> Iterator[tuple[_Full, float]]:
    full = _Full(size, url)
    try:
        spent = seconds_of(full.fill)
        full.warm()
        yield full, spent
    finally:
        full.store.close()


def _figure(name: str, seconds: tuple[float, ...]) -> Figure:
    smallest, *_, largest = seconds
    return Figure(
        name=name,
        unit="ms",
        ours=largest * 1000,
        limit=smallest * 1000,
        limit_is=f"with {SIZES[0]:,} parcels",
        bound=f"{BOUND} times",
        ok=largest <= BOUND * smallest,
        note=f"{_WHAT[name.split('-')[1]]}; "
        + ", ".join(
            f"{size:,}: {one * 1000:.3g} ms" for size, one in zip(SIZES, seconds, strict=True)
        ),
    )


class _Full:
    """
    A store with a crowd in it, and the work that a daemon does there.
    """

    def __init__(self, size: int, url: str) -> None:
        self.now = utc_now()
        self.deadlines = Deadlines(default_settings())
        self.store: Store = open_store(url)
        self._url = url
        self._crowd = Crowd(size, self.now)
        self._decider = Decider(self.store, self.deadlines)

    def fill(self) -> None:
        """
        The crowd is in the store.
        """
        engine = make_engine(self._url)
        self._crowd.fill(engine)
        engine.dispose()

    def warm(self) -> None:
        """
        Everything was done once: statements are compiled, and the late parcels have alerts.
        """
        for work in _TRANSACTIONS.values():
            self.rolled_back(work)
        self.round()

    def rolled_back(self, work: Callable[[_Full, Transaction], object]) -> float:
        """
        The seconds of the work in a transaction that leaves nothing behind.
        """
        with self.store.begin() as tx:
            spent = seconds_of(lambda: work(self, tx))
            tx._connection.rollback()  # noqa: SLF001 - nothing of ours rolls back on purpose
        return spent

    def round(self) -> float:
        """
        The seconds of a deciding round over the late parcels.
        """
        engine = make_engine(self._url)
        self._crowd.decide_again(engine)
        engine.dispose()
        return seconds_of(self._decide)

    def _decide(self) -> None:
        result = self._decider.round(self.now)
        assert (result.decided, result.put_off) == (LATE, 0)


def _pick(full: _Full, tx: Transaction) -> None:
    """
    As a poll does: whether anything is due, and a crawl's worth of it.
    """
    assert tx.parcels.due_count(CarrierName.CLEVY, full.now) == DUE
    _claim(full, tx)


def _claim(full: _Full, tx: Transaction) -> tuple[int, ...]:
    claimed = tx.parcels.claim_due(
        CarrierName.CLEVY, full.now, limit=CLAIM, owner="bench", lease=timedelta(minutes=5)
    )
    assert len(claimed) == CLAIM
    return tuple(one.parcel_id for one in claimed)


def _settle(full: _Full, tx: Transaction) -> None:
    """
    As recording looks does: the claimed parcels get their next look and decision.
    """
    settle_all(tx, dict.fromkeys(_claim(full, tx), full.now), full.deadlines)


def _outbox(full: _Full, tx: Transaction) -> None:
    """
    As delivering does: the next message's notices are gathered.
    """
    picked = tx.outbox.pick(full.now, free_again=lambda _, last: last)
    assert picked is not None


def _verdict(full: _Full, tx: Transaction) -> None:
    """
    As delivering does for each shop: whether a late parcel of it still waits for its proof.
    """
    assert not tx.parcels.awaits_verdict("Shop 7", full.now)


def _remind(_: _Full, tx: Transaction) -> None:
    """
    As reminding does every ten minutes: the alerts that are open.
    """
    tx.alerts.matching()


_TRANSACTIONS: dict[str, Callable[[_Full, Transaction], object]] = {
    "pick": _pick,
    "settle": _settle,
    "outbox": _outbox,
    "verdict": _verdict,
    "remind": _remind,
}
_WHAT = {
    "pick": f"{CLAIM} of {DUE:,} due looks leased",
    "settle": f"{CLAIM} parcels leased, and their next looks and decisions stored",
    "outbox": "one message's notices gathered",
    "verdict": "whether a shop's late parcels all have a proof",
    "remind": "the open alerts read",
    "decide": f"a round over {LATE} late parcels",
}
