"""
Many new rows at once, by the fastest way that the engine has, within the caller's transaction.

For each row SQLAlchemy builds a dictionary of parameters, which costs more than the database does.
Here its column types still turn our values into the driver's, a column at a time; the rows then go
to the driver as they are: ``executemany`` on SQLite, ``COPY`` on PostgreSQL.
"""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table

#: Fewer rows go in by an ordinary statement: there is nothing to gain.
MANY = 20


def add_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """
    The rows are in the table. All of them name the same columns.

    What the database refuses is raised as by an ordinary statement.
    """
    if len(rows) < MANY:
        if rows:
            connection.execute(insert(table), rows)
        return
    names = [column.name for column in table.c if column.name in rows[0]]
    values = _driver_values(connection, table, names, rows)
    if connection.dialect.name == "sqlite":
        statement = insert(table).compile(dialect=connection.dialect, column_keys=names)
        connection.exec_driver_sql(str(statement), list(values))
    else:
        _copy(connection, f"COPY {table.name} ({', '.join(names)}) FROM STDIN", values)


def _driver_values(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> Iterable[tuple[Any, ...]]:
    """
    The rows as the driver takes them.
    """
    columns: list[Iterable[Any]] = []
    for name in names:
        given = map(itemgetter(name), rows)
        kind = table.c[name].type.dialect_impl(connection.dialect)
        convert: Callable[[Any], Any] | None = kind.bind_processor(connection.dialect)
        if convert is not None:
            # Most values come often: yes and no, the instant at which all of it was seen.
            given = map((cache(convert) if kind.hashable else convert), given)
        columns.append(given)
    return zip(*columns, strict=True)


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver = connection.dialect.loaded_dbapi
    try:
        with connection.connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        raise DBAPIError.instance(
            statement, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
