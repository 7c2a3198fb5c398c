"""
Importing an export file of 10,000 rows, against csv.reader and executemany.
"""

from __future__ import annotations

import csv
import sqlite3
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, interleaved, seconds_of
from benchmarks.places import default_settings, postal_number, temporary_folder, temporary_store
from tracker.clock import utc_now
from tracker.orders.files import read_orders
from tracker.orders.importing import Importer
from tracker.planning.deadlines import Deadlines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.settings import Settings
    from tracker.store import Store

ROWS = 10_000
PAIRS = 1
_HEADINGS = (
    "Order Item Id", "Seller SKU", "Created at", "Updated at", "Order Number", "Customer Name",
    "Shipping Country", "Shipping Provider", "Tracking Code", "Status",
)  # fmt: skip


def import_time() -> Iterator[Figure]:
    """
    Rows a second into an empty store.
    """
    with temporary_folder() as folder:
        path = folder / "orders.csv"
        _write(path)
        ours, bare = interleaved(PAIRS, lambda: _import(path), lambda: _bare(path, folder))
    yield Figure(
        name="import",
        unit="rows/s",
        ours=ROWS / ours,
        limit=ROWS / bare,
        limit_is="csv.reader + executemany",
        note=f"{ROWS:,} rows in {ours:.1f} s",
    )


def _write(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(_HEADINGS)
        for index in range(ROWS):
            order = str(400_000_000 + index)
            writer.writerow(
                [
                    index, f"SKU-{index % 50}", "2026-11-16 09:12:44", "2026-11-17 10:00:00", order,
                    "A Buyer", "Nigeria", "NG-JG-Seko-Shenzhen-Seko-Station",
                    postal_number(index), "ready_to_ship",
                ]
            )  # fmt: skip


def _import(path: Path) -> float:
    settings = default_settings()
    with temporary_store() as store:
        return seconds_of(lambda: _take(path, settings, store))


def _take(path: Path, settings: Settings, store: Store) -> None:
    read = read_orders(path, zone=settings.zone)
    now = utc_now()
    with store.begin() as tx:
        importer = Importer(
            tx=tx, deadlines=Deadlines(settings), now=now, observed_at=now, shop="Bench Shop"
        )
        result = importer.take(str(path), read.rows)
    if result.added != ROWS:
        raise RuntimeError(f"the import took {result.added} rows of {ROWS}")


def _bare(path: Path, folder: Path) -> float:
    target = folder / "bare.db"
    target.unlink(missing_ok=True)
    return seconds_of(lambda: _insert_bare(path, target))


def _insert_bare(path: Path, target: Path) -> None:
    columns = ", ".join(f'"{heading}"' for heading in _HEADINGS)
    marks = ", ".join("?" for _ in _HEADINGS)
    connection = sqlite3.connect(target)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"CREATE TABLE rows ({columns})")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        connection.executemany(f"INSERT INTO rows VALUES ({marks})", reader)
    connection.commit()
    connection.close()
