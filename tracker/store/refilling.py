"""
Filling a database from elsewhere: all of it in one transaction, or nothing.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import MetaData, Table, column, func, insert, inspect, select, table, text

from tracker.model import UsageError
from tracker.store.engine import begun, make_engine
from tracker.store.health import Health
from tracker.store.migrating import bring_to, is_known, revision_of
from tracker.store.portable import TYPES, at_once, heard
from tracker.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

#: What every start writes by itself: a database that holds nothing else is empty.
_OWN_NOTES = frozenset({"alembic_version", "notes", "heartbeats", "counters", "carriers"})


class Source(Protocol):
    """
    What a database is filled from.
    """

    @property
    def revision(self) -> str:
        """
        The revision of the tables that the rows came from.
        """

    def columns(self) -> Mapping[str, Mapping[str, str]]:
        """
        Each table's columns with their kinds, in an order in which they can be filled.
        """

    def rows(self, name: str) -> Iterable[list[Any]]:
        """
        Each row's values as JSON has them.
        """


def refill(database_url: str, source: Source, *, replace: bool, quiet_since: datetime) -> str:
    """
    The database holds what the source holds, and nothing else, in the newest tables.

    Returns their revision. Raises :class:`UsageError`, and nothing was changed, when the source is
    newer than this version, when the database holds anything (unless ``replace``), or when a
    daemon has worked on it after ``quiet_since``.
    """
    if not is_known(source.revision):
        raise UsageError(
            f"The backup was made by a newer version (its tables are at {source.revision}): "
            "install that version or a later one."
        )
    engine = make_engine(database_url)
    try:
        with begun(engine) as connection:
            _check_free(connection, replace=replace, quiet_since=quiet_since)
            _clear(connection)
            bring_to(connection, source.revision)
            for name, kinds in source.columns().items():
                _fill(connection, name, kinds, source.rows(name))
            bring_to(connection, "head")
            _continue_numbering(connection)
            return revision_of(connection) or ""
    finally:
        engine.dispose()


def _check_free(connection: Connection, *, replace: bool, quiet_since: datetime) -> None:
    revision = revision_of(connection)
    if revision is not None and not is_known(revision):
        raise UsageError("The database was written by a newer version: it is left as it is.")
    present = _present(connection)
    if "heartbeats" in present:
        beats = Health(connection).beats()
        latest = max(beats, key=lambda beat: beat.at, default=None)
        if latest is not None and latest.at > quiet_since:
            raise UsageError(
                f"`tracker run` works on this database ({latest.name} ran at "
                f"{latest.at:%H:%M:%S} UTC): stop it, and try again two minutes later."
            )
    if replace:
        return
    for name in sorted(present - _OWN_NOTES):
        if connection.execute(select(text("1")).select_from(table(name)).limit(1)).first():
            raise UsageError(
                f"The database is not empty (there are {name}): restore into a new one, or throw "
                "away what it holds with --replace."
            )


def _present(connection: Connection) -> set[str]:
    ours = {*metadata.tables, "alembic_version"}
    return ours & set(inspect(connection).get_table_names())


def _clear(connection: Connection) -> None:
    """
    None of our tables is there; what else lives in the database stays.
    """
    metadata.drop_all(connection)
    Table("alembic_version", MetaData()).drop(connection, checkfirst=True)


def _fill(
    connection: Connection, name: str, kinds: Mapping[str, str], rows: Iterable[list[Any]]
) -> None:
    target = table(name, *(column(key, TYPES[kind]) for key, kind in kinds.items()))
    rest = iter(rows)
    while part := list(islice(_values(kinds, rest), at_once(kinds))):
        connection.execute(insert(target), part)


def _values(kinds: Mapping[str, str], rows: Iterator[list[Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        try:
            pairs = zip(kinds.items(), row, strict=True)
            yield {key: heard(value, kind) for (key, kind), value in pairs}
        except (TypeError, ValueError) as error:
            raise UsageError(
                "The backup holds a value that its columns do not have: was it changed by hand?"
            ) from error


def _continue_numbering(connection: Connection) -> None:
    """
    The next row gets a number that no row has: PostgreSQL counts apart from the rows.
    """
    if connection.dialect.name != "postgresql":
        return
    for one in metadata.tables.values():
        key = one.autoincrement_column
        if key is None:
            continue
        last = connection.execute(select(func.max(key))).scalar()
        if last is not None:
            sequence = func.pg_get_serial_sequence(one.name, key.name)
            connection.execute(select(func.setval(sequence, last)))
