"""
Bringing a database up to the newest revision, once, even when several processes start together.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from tracker.store.engine import StoreError, begun, shown

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SCRIPTS = Path(__file__).parent / "migrations"
#: Any number, the same in all our processes: PostgreSQL's advisory lock around a migration.
_LOCK = 5_711_4434


def migrate(engine: Engine) -> None:
    """
    The database has the newest tables.

    Raises :class:`StoreError` when it cannot be written, or was made by a newer version.
    """
    config = _config()
    with begun(engine, reading=True) as connection:
        if _revision(connection) == _head(config):
            return
    with begun(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"The database {shown(engine)} cannot be brought up to date: {error}. "
                "Was it written by a newer version of Scan Tracker?"
            ) from error


def is_current(engine: Engine) -> bool:
    """
    True when the database is there and has the newest tables; nothing is created or changed.

    Raises :class:`StoreError` when it cannot be reached or read.
    """
    file = engine.url.database
    if engine.dialect.name == "sqlite" and not (file and Path(file).exists()):
        return False
    with begun(engine, reading=True) as connection:
        return _revision(connection) == _head(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
