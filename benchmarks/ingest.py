"""
Taking looks and their events into the store, against the bare driver with the same rows.

Both write into the same tables with the same indexes and keys, in turn. What is put in is a
delivered parcel's whole history, in the portions in which a poll stores it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import delete, select, update

from benchmarks.due import postgres
from benchmarks.measuring import Figure, interleaved, seconds_of
from benchmarks.places import add_due, default_settings, temporary_folder
from tracker.clock import utc_now
from tracker.model import CarrierName, LookReport, Outcome, ScanEvent, Stage
from tracker.planning.deadlines import Deadlines
from tracker.polling.recording import RECORDED_TOGETHER, Recorder
from tracker.store import open_store
from tracker.store.bulk import add_rows
from tracker.store.engine import begun, make_engine
from tracker.store.tables import events, looks, parcels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine, Table

PARCELS = 1_200
EVENTS_EACH = 16
ALL_EVENTS = PARCELS * EVENTS_EACH
TOGETHER = RECORDED_TOGETHER * EVENTS_EACH
PAIRS = 5
BOUND = 0.5


def ingest_rates() -> Iterator[Figure]:
    """
    Events a second, alone and as a poll stores them, on each engine.
    """
    with temporary_folder() as folder:
        yield from _on(f"sqlite:///{folder / 'bench.db'}")
    with postgres() as url:
        yield from _on(url)


def _on(url: str) -> Iterator[Figure]:
    deadlines = Deadlines(default_settings())
    store = open_store(url)
    engine = make_engine(url)
    try:
        with store.begin() as tx:
            add_due(tx, PARCELS, deadlines)
        recorder = Recorder(store, deadlines, utc_now)
        reports = _reports(engine)
        recorder.record_all(reports)
        added = _rows(engine, events)
        seen = _DriverRows.of(engine, looks)
        history = _DriverRows.of(engine, events)
        alone = [[*history.parts(TOGETHER)]]
        polled = [
            list(both)
            for both in zip(seen.parts(RECORDED_TOGETHER), history.parts(TOGETHER), strict=True)
        ]

        def taken(work: Callable[[], object]) -> float:
            _empty(engine)
            return seconds_of(work)

        with _driver(url) as write:
            times = interleaved(
                PAIRS,
                lambda: taken(lambda: _by_store(engine, added)),
                lambda: taken(lambda: write(alone)),
                lambda: taken(lambda: recorder.record_all(reports)),
                lambda: taken(lambda: write(polled)),
            )
    finally:
        engine.dispose()
        store.close()
    name = engine.dialect.name
    means = "executemany" if name == "sqlite" else "COPY"
    ours, bare, ours_polled, bare_polled = (ALL_EVENTS / seconds for seconds in times)
    yield Figure(
        name=f"ingest-events-{name}",
        unit="events/s",
        ours=ours,
        limit=bare,
        limit_is=f"bare {means}",
        bound=f"{BOUND} of bare",
        ok=ours >= BOUND * bare,
        note=f"new events alone, {TOGETHER} at a time in one transaction",
    )
    yield Figure(
        name=f"ingest-poll-{name}",
        unit="events/s",
        ours=ours_polled,
        limit=bare_polled,
        limit_is=f"bare {means}",
        note=f"{RECORDED_TOGETHER} looks with {TOGETHER} events to a transaction; bare only writes "
        "both, ours also merges, sums up and plans what is next",
    )


def _reports(engine: Engine) -> dict[int, LookReport]:
    with begun(engine, reading=True) as connection:
        found = connection.execute(select(parcels.c.id, parcels.c.tracking_number)).all()
    now = utc_now()
    return {
        parcel_id: _report(number, index, now) for index, (parcel_id, number) in enumerate(found)
    }


def _report(number: str, index: int, now: datetime) -> LookReport:
    """
    No two events of any parcels share an instant, as it is among real ones.
    """
    began = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=index * 61)
    listed = tuple(
        ScanEvent(
            occurred_at=began + timedelta(hours=step),
            zone="Asia/Shanghai",
            zone_assumed=True,
            stage=Stage.RECEIVED if step else Stage.ANNOUNCED,
            is_scan=step > 0,
            code=None,
            text=f"Processed at the sorting centre, step {step}",
            location="SHENZHEN",
        )
        for step in range(EVENTS_EACH)
    )
    return LookReport(
        tracking_number=number,
        carrier=CarrierName.CLEVY,
        outcome=Outcome.EVENTS,
        looked_at=now,
        events=listed,
    )


def _empty(engine: Engine) -> None:
    """
    Nothing was looked at yet.
    """
    with begun(engine) as connection:
        connection.execute(delete(events))
        connection.execute(delete(looks))
        connection.execute(update(parcels).values(scanned=False, first_scan_at=None, stage=None))


def _rows(engine: Engine, table: Table) -> list[dict[str, Any]]:
    """
    The table's rows as a poll would give them to be stored.
    """
    with begun(engine, reading=True) as connection:
        query = select(*(column for column in table.c if column.name != "id")).order_by(table.c.id)
        return [dict(row) for row in connection.execute(query).mappings()]


def _by_store(engine: Engine, rows: Sequence[dict[str, Any]]) -> None:
    with begun(engine) as connection:
        for at in range(0, len(rows), TOGETHER):
            add_rows(connection, events, rows[at : at + TOGETHER])


@dataclass(frozen=True, slots=True)
class _DriverRows:
    """
    Rows of a table as its driver has them: nothing is left to be converted.
    """

    table: str
    columns: str
    rows: Sequence[tuple[Any, ...]]

    @classmethod
    def of(cls, engine: Engine, table: Table) -> _DriverRows:
        """
        All rows of the table.
        """
        columns = ", ".join(column.name for column in table.c if column.name != "id")
        query = f"SELECT {columns} FROM {table.name} ORDER BY id"
        with begun(engine, reading=True) as connection:
            rows = [tuple(row) for row in connection.exec_driver_sql(query)]
        return cls(table.name, columns, rows)

    def parts(self, size: int) -> Iterator[_DriverRows]:
        """
        The rows in portions.
        """
        for at in range(0, len(self.rows), size):
            yield replace(self, rows=self.rows[at : at + size])


#: Writes transactions, each of them portions of rows.
_Write = Callable[[Sequence[Sequence[_DriverRows]]], None]


@contextmanager
def _driver(url: str) -> Iterator[_Write]:
    """
    The bare driver, connected and set up as ours is.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        with closing(sqlite3.connect(rest.removeprefix("/"), isolation_level=None)) as file:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                file.execute(f"PRAGMA {pragma}")
            yield lambda transactions: _executemany(file, transactions)
    else:
        with psycopg.connect(f"postgresql://{rest}", autocommit=True) as server:
            yield lambda transactions: _copy(server, transactions)


def _executemany(file: sqlite3.Connection, transactions: Sequence[Sequence[_DriverRows]]) -> None:
    for transaction in transactions:
        file.execute("BEGIN IMMEDIATE")
        for part in transaction:
            marks = ", ".join("?" * len(part.rows[0]))
            into = f"{part.table} ({part.columns})"
            file.executemany(f"INSERT INTO {into} VALUES ({marks})", part.rows)
        file.execute("COMMIT")


def _copy(server: psycopg.Connection, transactions: Sequence[Sequence[_DriverRows]]) -> None:
    for transaction in transactions:
        with server.transaction(), server.cursor() as cursor:
            for part in transaction:
                statement = f"COPY {part.table} ({part.columns}) FROM STDIN"
                with cursor.copy(statement.encode()) as copy:
                    for row in part.rows:
                        copy.write_row(row)
