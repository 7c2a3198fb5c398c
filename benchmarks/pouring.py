"""
Rows into a table as fast as the driver takes them: executemany on SQLite, COPY on PostgreSQL.
"""

from __future__ import annotations

from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from tracker.store.engine import begun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Engine, Table

_AT_ONCE = 50_000


def pour(engine: Engine, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    """
    The table holds the rows, which all name the same columns.
    """
    first = next(rows)
    names = tuple(first)
    forms = [_form(engine, table, name) for name in names]
    values = (
        tuple(form(value) for form, value in zip(forms, row.values(), strict=True))
        for row in chain((first,), rows)
    )
    write = _executemany if engine.dialect.name == "sqlite" else _copy
    while part := list(islice(values, _AT_ONCE)):
        write(engine, table, names, part)


def _form(engine: Engine, table: Table, name: str) -> Callable[[Any], Any]:
    """
    What the driver is to be given for a value of the column.
    """
    process = table.c[name].type.dialect_impl(engine.dialect).bind_processor(engine.dialect)
    if process is None:
        return lambda value: value
    # Instants and the like repeat; a list is JSON, and cannot be remembered.
    remembered = cache(process)
    return lambda value: process(value) if isinstance(value, list) else remembered(value)


def _executemany(
    engine: Engine, table: Table, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
    with begun(engine) as connection:
        connection.connection.cursor().executemany(statement, rows)


def _copy(
    engine: Engine, table: Table, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
    with (
        begun(engine) as connection,
        connection.connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)
