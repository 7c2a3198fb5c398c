"""
A place in our PostgreSQL for a library that brings tables of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateSchema

from tracker.model import UsageError
from tracker.store.engine import begun, make_engine

if TYPE_CHECKING:
    from sqlalchemy import Engine

#: Whoever makes a schema holds this lock, so that two that start at once make it once.
_LOCK = 0x5CA9


def driver_address(database_url: str) -> str:
    """
    The database's address as the PostgreSQL driver takes it, its password in the clear.

    Raises :class:`UsageError` for another kind of database.
    """
    engine = _postgresql(database_url)
    engine.dispose()
    url = make_url(database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def ensure_schema(database_url: str, schema: str, definition: str) -> None:
    """
    The schema is there with what ``definition`` (SQL of a library) creates, all or nothing.

    Raises :class:`UsageError` for another kind of database, and :class:`StoreError` for one that
    cannot be used or whose user may not create schemas.
    """
    engine = _postgresql(database_url)
    try:
        with begun(engine) as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            known = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
            if connection.execute(known, {"schema": schema}).scalar() is not None:
                return
            connection.execute(CreateSchema(schema))
            connection.execute(
                text("SELECT set_config('search_path', :schema, true)"), {"schema": schema}
            )
            # The driver's own cursor: only without parameters does it take many statements.
            connection.connection.cursor().execute(definition)
    finally:
        engine.dispose()


def _postgresql(database_url: str) -> Engine:
    engine = make_engine(database_url)
    if engine.dialect.name != "postgresql":
        engine.dispose()
        raise UsageError(
            f"Several processes share the work over PostgreSQL only, and database_url names "
            f"{engine.dialect.name}: set database_url to postgresql+psycopg://user:password@host/"
            "name, or run without --role."
        )
    return engine
