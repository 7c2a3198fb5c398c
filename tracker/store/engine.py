"""
Opening the database: SQLite in WAL mode by default, PostgreSQL by URL.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tracker.model import ScanTrackerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine

#: How long a writer waits for another one before it gives up.
LOCK_TIMEOUT_SECONDS = 15
#: PostgreSQL's lock_not_available and deadlock_detected.
_LOCKED = frozenset({"55P03", "40P01"})


class StoreError(ScanTrackerError):
    """
    The database cannot be used; the text says which and why, without its password.
    """


def make_engine(database_url: str, *, lock_seconds: int = LOCK_TIMEOUT_SECONDS) -> Engine:
    """
    An engine for the URL, set up for many small transactions by several processes.

    Whoever finds the database locked waits for ``lock_seconds``. Raises :class:`UsageError` for a
    URL that is not SQLite or PostgreSQL.
    """
    url = _checked(database_url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": lock_seconds})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,  # they may hold a webhook, and errors are logged
        connect_args={
            "connect_timeout": LOCK_TIMEOUT_SECONDS,
            "options": f"-c lock_timeout={lock_seconds}s -c timezone=UTC",
        },
    )


def _checked(database_url: str) -> URL:
    try:
        url = make_url(database_url)
        backend = url.get_backend_name()
        url.get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise UsageError(
            "database_url is not a database URL: use sqlite:///tracker.db or "
            "postgresql+psycopg://user:password@host/name."
        ) from error
    if backend not in {"sqlite", "postgresql"}:
        raise UsageError(f"database_url names {backend}: only sqlite and postgresql are supported.")
    if backend == "sqlite" and url.database in {None, "", ":memory:"}:
        raise UsageError("database_url names no file: an in-memory store would lose every alert.")
    return url


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """
    Transactions are begun by us (the driver would begin them deferred), and readers never wait.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """
    A writer takes its lock at once: a deferred one fails when two of them upgrade (tech.md).
    """
    reading = connection.get_execution_options().get("scan_tracker_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class StoreUnavailable(StoreError):  # noqa: N818 - says what it is
    """
    The database itself is the trouble: it cannot be reached, opened or locked.
    """


class StoreLocked(StoreUnavailable):
    """
    Another process held what was needed for longer than we wait, or waited for us.
    """


@contextmanager
def begun(engine: Engine, *, reading: bool = False, steady: bool = False) -> Iterator[Connection]:
    """
    A connection in a transaction: committed at the end, rolled back by an exception.

    ``steady``: all that is read is as of one instant, which on SQLite is so anyway.

    Raises :class:`StoreUnavailable` when the database cannot be reached, opened or locked (then
    :class:`StoreLocked`), and :class:`StoreError` when it refuses what it was given.
    """
    try:
        with engine.connect() as connection:
            connection.execution_options(scan_tracker_reading=reading)
            if steady and engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection
    except SQLAlchemyError as error:
        raise _kind(error)(
            f"The database {shown(engine)} failed: {_cause(error)} {_advice(engine, error)}".strip()
        ) from error


def _kind(error: SQLAlchemyError) -> type[StoreError]:
    """
    Which of our errors a driver's error is.
    """
    origin = getattr(error, "orig", None)
    busy = str(getattr(origin, "sqlite_errorname", "")).startswith("SQLITE_BUSY")
    if busy or getattr(origin, "sqlstate", None) in _LOCKED:
        return StoreLocked
    unavailable = isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError))
    return StoreUnavailable if unavailable else StoreError


def shown(engine: Engine) -> str:
    """
    The database's address for messages, without the secrets that a URL may carry.
    """
    return repr(engine.url.set(query={}))


def _advice(engine: Engine, error: SQLAlchemyError) -> str:
    """
    What to do about a database that could not even be connected to; else nothing.
    """
    if not isinstance(error, OperationalError) or error.statement is not None:
        return ""
    if engine.dialect.name == "sqlite":
        return "Check that its folder exists and can be written."
    return "Check that the server runs, and that database_url names it, its database and its user."


def _cause(error: SQLAlchemyError) -> str:
    """
    The driver's own first line; the statement and its values stay out of messages.
    """
    origin = getattr(error, "orig", None) or error
    return str(origin).strip().split("\n")[0] + "."
