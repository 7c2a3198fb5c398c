"""
Bringing a database up to the newest revision, once, even when several processes start together.

Alembic is loaded only when there is something to change: it would take a tenth of an idle daemon's
memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table

from tracker.store.engine import StoreError, StoreLocked, begun, shown

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine

_SCRIPTS = Path(__file__).parent / "migrations"
#: The newest revision.
HEAD = "0004"
#: Alembic's own table.
_VERSIONS = table("alembic_version", column("version_num"))
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
    for last in (*[False] * (attempts - 1), True):
        with begun(engine, reading=True) as connection:
            if revision_of(connection) == HEAD:
                return
        try:
            _upgrade(engine)
        except StoreLocked as error:
            if last:
                raise StoreLocked(
                    f"The database {shown(engine)} must be brought up to date, but another process "
                    "uses it and does not let go of it. Nothing was changed: stop every running "
                    "tracker, wait until an upgrade that is under way is done, and start again."
                ) from error
        else:
            return


def _upgrade(engine: Engine) -> None:
    from alembic.util.exc import CommandError  # noqa: PLC0415 - see above

    with begun(engine) as connection:
        try:
            bring_to(connection, "head")
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
        return revision_of(connection) == HEAD


def bring_to(connection: Connection, revision: str) -> None:
    """
    The database has the tables of the revision, which is not older than what it has.

    It happens in the connection's transaction, while no other process of ours does the same.
    """
    from alembic import command  # noqa: PLC0415 - see above

    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def is_known(revision: str) -> bool:
    """
    True when this version has the revision.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    scripts = ScriptDirectory.from_config(_config())
    return revision in {script.revision for script in scripts.walk_revisions()}


def revision_of(connection: Connection) -> str | None:
    """
    The revision of the database's tables; ``None`` when there are none.
    """
    if not inspect(connection).has_table(_VERSIONS.name):
        return None
    return connection.execute(select(_VERSIONS.c.version_num)).scalar()


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config
