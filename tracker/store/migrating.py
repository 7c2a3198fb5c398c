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

from tracker.store.engine import StoreError, StoreLocked, begun, shown

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SCRIPTS = Path(__file__).parent / "migrations"
#: Any number, the same in all our processes: PostgreSQL's advisory lock around a migration.
_LOCK = 5_711_4434
#: How often an upgrade waits for the locks it needs, 15 s each time.
ATTEMPTS = 4


def migrate(engine: Engine, *, attempts: int = ATTEMPTS) -> None:
    """
    The database has the newest tables.

    All changes are one transaction: an upgrade that fails leaves the database as it was. Of several
    processes that come at once one upgrades, and the others wait for it. Each of ``attempts`` ends
    after the engine's time limit for locks, so that a running tracker of the earlier version, which
    would wait behind us, goes on in between.

    Raises :class:`StoreError` when the database cannot be written, when another process does not
    let go of it, or when it was made by a newer version.
    """
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    head = ScriptDirectory.from_config(config).get_current_head()
    for last in (*[False] * (attempts - 1), True):
        with begun(engine, reading=True) as connection:
            if _revision(connection) == head:
                return
        try:
            _upgrade(engine, config)
        except StoreLocked as error:
            if last:
                raise StoreLocked(
                    f"The database {shown(engine)} must be brought up to date, but another process "
                    "uses it and does not let go of it. Nothing was changed: stop every running "
                    "tracker, wait until an upgrade that is under way is done, and start again."
                ) from error
        else:
            return


def _upgrade(engine: Engine, config: Config) -> None:
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


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
