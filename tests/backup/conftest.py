"""
Stores in which every column of every table holds something, and what a store holds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from tracker.store.engine import begun, make_engine
from tracker.store.portable import kinds_of
from tracker.store.snapshot import snapshot_of
from tracker.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Column

NOON = datetime(2026, 11, 18, 12, 0, 0, 123456, UTC)

Content = dict[str, list[list[Any]]]


def _value(column: Column[Any], kind: str, serial: int) -> Any:
    made: dict[str, Callable[[], Any]] = {
        "instant": lambda: NOON - timedelta(days=serial),
        "day": lambda: date(2026, 11, serial),
        "flag": lambda: serial % 2 == 0,
        "bytes": lambda: bytes(range(256)) * serial,
        "json": lambda: [{"号": serial, "none": None, "text": 'a"b\n'}],
        "number": lambda: serial,
        "text": lambda: f't{serial}号"',
    }
    empty = column.nullable and serial == 3  # the third row has nothing that it need not have
    return None if empty else made[kind]()


def fill(database_url: str) -> None:
    """
    Three rows in each table, with every kind of value in every column.
    """
    engine = make_engine(database_url)
    with begun(engine) as connection:
        for table in metadata.sorted_tables:
            kinds = kinds_of(table)
            rows = [
                {
                    column.name: _value(column, kinds[column.name], serial)
                    for column in table.c
                    if column.name in kinds
                }
                for serial in (1, 2, 3)
            ]
            connection.execute(insert(table), rows)
    engine.dispose()


def content(database_url: str) -> Content:
    """
    Every row that a backup would hold.
    """
    with snapshot_of(database_url) as snapshot:
        return {name: list(snapshot.rows(name)) for name in snapshot.columns()}


@pytest.fixture
def full_url(database_url: str) -> str:
    """
    A database with something in every column; the test runs on both engines.
    """
    fill(database_url)
    return database_url
