"""
Opening the store: its tables, its errors, and several processes starting together.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from tests.support.builders import NOON, add_parcel, draft
from tracker.model import UsageError
from tracker.store import Store, StoreError, open_store
from tracker.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Databases, SqliteFiles

NOBODY = 65534
OPEN_AND_COUNT = """
import sys
from tracker.store import open_store
store = open_store(sys.argv[1])
with store.read() as tx:
    print(tx.parcels.count())
"""


# SQLite does not tell of an index on an expression; PostgreSQL's is compared.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
@pytest.mark.filterwarnings("ignore:Computed default on parcels")
def test_migrations_build_the_tables_that_the_code_uses(databases: Databases) -> None:
    """
    A database migrated from nothing equals the metadata: tables, columns, indexes, constraints.
    """
    url = databases.empty()
    open_store(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        differences = compare_metadata(
            MigrationContext.configure(connection, opts=options), metadata
        )
    engine.dispose()
    assert differences == []


def test_processes_that_start_together_all_get_a_store(databases: Databases) -> None:
    """
    Of three processes that open an empty database at once, one migrates it and none fails.
    """
    url = databases.empty()
    command = [sys.executable, "-c", OPEN_AND_COUNT, url]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [process.communicate(timeout=60) for process in running]
    assert ended == [("0\n", "")] * 3


def test_opening_again_keeps_what_is_stored(database_url: str) -> None:
    """
    A store opened a second time still has its parcels.
    """
    first = open_store(database_url)
    add_parcel(first)
    first.close()
    second = open_store(database_url)
    with second.read() as tx:
        assert tx.parcels.count() == 1
    second.close()


def test_an_instant_comes_back_as_the_same_instant_in_utc(store: Store) -> None:
    """
    A time stored with any offset is given back aware, in UTC, to the microsecond.
    """
    shanghai = datetime(2026, 11, 18, 12, 0, 0, 123456, timezone(timedelta(hours=8)))
    parcel_id = add_parcel(store, handed_over_at=shanghai)
    with store.read() as tx:
        stored = tx.parcels.draft(parcel_id).handed_over_at
    assert stored == shanghai
    assert stored is not None
    assert stored.utcoffset() == timedelta(0)
    assert stored.tzname() == "UTC"


def test_a_naive_time_is_refused(store: Store) -> None:
    """
    A time without a zone is an error and is not stored as if it were UTC.
    """
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StoreError, match="naive time"), store.begin() as tx:
        tx.parcels.add(replace(draft(), created_at=naive), NOON)
    with store.read() as tx:
        assert tx.parcels.count() == 0


def _add_and_fail(store: Store) -> None:
    with store.begin() as tx:
        tx.parcels.add(draft(), NOON)
        raise ZeroDivisionError


def test_an_exception_undoes_the_whole_transaction(store: Store) -> None:
    """
    Nothing of a transaction whose block raised is stored.
    """
    with pytest.raises(ZeroDivisionError):
        _add_and_fail(store)
    with store.read() as tx:
        assert tx.parcels.count() == 0


def test_a_dry_run_stores_nothing(store: Store) -> None:
    """
    A dry run sees its own writes and leaves none behind.
    """
    with store.begin(dry_run=True) as tx:
        tx.parcels.add(draft(), NOON)
        assert tx.parcels.count() == 1
    with store.read() as tx:
        assert tx.parcels.count() == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tracker.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://u:hush@host/db",
        "nonsense://u:hush@host/db",
        "postgresql://u:hush@host:port/db",
        "postgresql+asyncpgx://u:hush@host/db",
        "postgresql+psycopg2://u:hush@host/db",
    ],
)
def test_a_wrong_url_is_a_usage_error(url: str) -> None:
    """
    A URL that names no usable database is refused by the setting's name, without its password.
    """
    with pytest.raises(UsageError, match="database_url") as caught:
        open_store(url)
    assert "hush" not in str(caught.value)


def test_a_server_that_is_down_is_named_without_its_password() -> None:
    """
    An unreachable PostgreSQL is a clear error that shows no password from anywhere in the URL.
    """
    url = "postgresql+psycopg://tracker:hush@127.0.0.1:1/parcels?password=hushhush"
    with pytest.raises(UsageError, match=r"127\.0\.0\.1.*parcels.*refused") as caught:
        open_store(url)
    assert "hush" not in str(caught.value)
    assert "Check that the server runs" in str(caught.value)


@pytest.mark.parametrize("name", ["missing/tracker.db", ""])
def test_a_path_that_cannot_be_a_file_is_a_usage_error(tmp_path: Path, name: str) -> None:
    """
    A missing folder, and a folder in the place of the file, are errors that name the path.
    """
    with pytest.raises(UsageError, match="unable to open database file") as caught:
        open_store(f"sqlite:///{tmp_path / name}")
    assert str(tmp_path) in str(caught.value)
    assert "Check that its folder exists" in str(caught.value)


def test_a_file_that_is_no_database_is_a_usage_error(tmp_path: Path) -> None:
    """
    A file of another kind is refused and left as it is.
    """
    path = tmp_path / "orders.csv"
    path.write_text("Order Number;Status\n" * 100)
    with pytest.raises(UsageError, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "Order Number;Status\n" * 100


@contextmanager
def _as_nobody() -> Iterator[Path]:
    """
    A folder of one's own, without the rights of root, which no file mode stops.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.geteuid() != 0:
            yield folder
            return
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_a_usage_error() -> None:
    """
    A new database in a read-only folder is an error, and so is nothing else about that folder.
    """
    with _as_nobody() as folder:
        url = f"sqlite:///{folder / 'tracker.db'}"
        folder.chmod(0o555)
        with pytest.raises(UsageError, match="unable to open database file"):
            open_store(url)
        folder.chmod(0o755)
        open_store(url).close()


def test_a_file_that_cannot_be_written_is_a_store_error() -> None:
    """
    A read-only database refuses the first write with a clear error.
    """
    with _as_nobody() as folder:
        path = folder / "tracker.db"
        open_store(f"sqlite:///{path}").close()
        path.chmod(0o444)
        with pytest.raises(StoreError, match="readonly database"):
            add_parcel(open_store(f"sqlite:///{path}"))
        path.chmod(0o644)


def test_a_database_of_a_newer_version_is_refused(databases: Databases) -> None:
    """
    A revision that this version does not know is an error that says so.
    """
    url = databases.empty()
    open_store(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(UsageError, match="newer version"):
        open_store(url)


def test_a_locked_sqlite_file_is_waited_for(sqlite_files: SqliteFiles) -> None:
    """
    Readers do not wait for a writer, and see nothing of what it has not committed.
    """
    url = sqlite_files.migrated()
    writer, reader = Store(url), Store(url)
    with writer.begin() as writing:
        writing.parcels.add(draft(), NOON)
        with reader.read() as reading:
            assert reading.parcels.count() == 0
    with reader.read() as reading:
        assert reading.parcels.count() == 1
    writer.close()
    reader.close()
