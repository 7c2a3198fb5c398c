"""
What the database is asked, and how it goes about it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event as sqlalchemy_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from tracker.store import Store


@contextmanager
def plans_of(connection: Connection) -> Iterator[list[str]]:
    """
    The plan of each SELECT that runs in the block, asked with the very same parameters.
    """
    found: list[str] = []
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "

    def before(_conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")) and "FROM" in statement:
            cursor.execute(explain + statement, parameters)
            found.append("\n".join(str(row[-1]) for row in cursor.fetchall()))

    sqlalchemy_event.listen(connection, "before_cursor_execute", before)
    try:
        yield found
    finally:
        sqlalchemy_event.remove(connection, "before_cursor_execute", before)


@contextmanager
def statements_of(store: Store) -> Iterator[list[str]]:
    """
    What the store asks its database in the block, each statement on one line.
    """
    found: list[str] = []

    def before(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(" ".join(statement.split()))

    sqlalchemy_event.listen(store._engine, "before_cursor_execute", before)
    try:
        yield found
    finally:
        sqlalchemy_event.remove(store._engine, "before_cursor_execute", before)
