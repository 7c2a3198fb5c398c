"""
The whole store as of one instant, table by table, while others go on writing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker.store.engine import begun, make_engine
from tracker.store.migrating import revision_of
from tracker.store.portable import at_once, kinds_of, saved_tables, told
from tracker.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


class Snapshot:
    """
    One consistent view of the database; its memory does not grow with what is stored.
    """

    def __init__(self, connection: Connection, revision: str) -> None:
        self._connection = connection
        self.revision = revision

    def columns(self) -> dict[str, dict[str, str]]:
        """
        Each table's columns with their kinds, in an order in which they can be filled.
        """
        return {table.name: kinds_of(table) for table in saved_tables()}

    def rows(self, name: str) -> Iterator[list[Any]]:
        """
        Each row's values as JSON has them, in the order of the columns.
        """
        table = metadata.tables[name]
        kinds = kinds_of(table)
        query = select(*(table.c[name] for name in kinds)).order_by(*table.primary_key.columns)
        streaming = {"stream_results": True, "yield_per": at_once(kinds)}
        for row in self._connection.execution_options(**streaming).execute(query):
            yield [told(value, kind) for value, kind in zip(row, kinds.values(), strict=True)]


@contextmanager
def snapshot_of(database_url: str) -> Iterator[Snapshot]:
    """
    The database as it is when the block begins; it must have the newest tables.

    Raises :class:`tracker.store.StoreError` when it cannot be read.
    """
    engine = make_engine(database_url)
    try:
        with begun(engine, reading=True, steady=True) as connection:
            yield Snapshot(connection, revision_of(connection) or "")
    finally:
        engine.dispose()
