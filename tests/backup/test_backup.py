"""
A backup holds the whole store as of one instant, and fills either engine from it.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tracemalloc
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from sqlalchemy import insert, text

from tests.backup.conftest import NOON, content
from tests.support.builders import add_parcel
from tracker.backup.restoring import restore
from tracker.backup.saving import BackupError, save
from tracker.model import UsageError
from tracker.store import Store, open_store
from tracker.store.engine import begun, make_engine
from tracker.store.refilling import refill
from tracker.store.snapshot import snapshot_of
from tracker.store.tables import evidence, metadata

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.databases import Databases, PostgresDatabases, SqliteFiles

QUIET = NOON - timedelta(minutes=2)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(
    request: pytest.FixtureRequest, sqlite_files: SqliteFiles, postgres: PostgresDatabases
) -> str:
    """
    A database without tables, on each engine in turn whatever the source's is.
    """
    supply: Databases = {"sqlite": sqlite_files, "postgresql": postgres}[request.param]
    return supply.empty()


@pytest.fixture
def backup(sqlite_files: SqliteFiles, tmp_path: Path) -> Path:
    """
    A backup of a store with something in every column.
    """
    from tests.backup.conftest import fill  # noqa: PLC0415 - beside its only use

    url = sqlite_files.migrated()
    fill(url)
    save(url, tmp_path / "good.zip", NOON)
    return tmp_path / "good.zip"


def rows_in(database_url: str) -> int:
    """
    How many rows of ours the database holds; -1 when it has no tables.
    """
    engine = make_engine(database_url)
    try:
        with begun(engine, reading=True) as connection:
            names = set(metadata.tables) & set(_tables(connection))
            if not names:
                return -1
            return sum(
                connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                for name in names
            )
    finally:
        engine.dispose()


def _tables(connection: Any) -> list[str]:
    from sqlalchemy import inspect  # noqa: PLC0415 - beside its only use

    return list(inspect(connection).get_table_names())


def test_it_brings_back_every_value_on_every_engine(
    full_url: str, empty_url: str, tmp_path: Path
) -> None:
    """
    From each engine to each: the same rows, but no login and no heartbeat, and ids go on.
    """
    path = tmp_path / "tracker.zip"
    saved = save(full_url, path, NOON)
    restored, revision = restore(empty_url, path, NOON, replace=False)
    assert restored == saved
    assert revision == saved.revision
    assert content(empty_url) == content(full_url)
    assert saved.counts()["parcels"] == 3
    assert {"sessions", "heartbeats"}.isdisjoint(saved.counts())
    assert set(saved.counts()) | {"sessions", "heartbeats"} == set(metadata.tables)
    store = open_store(empty_url)
    assert add_parcel(store) == 4
    store.close()


def test_it_is_for_its_owner_and_replaces_an_older_one(full_url: str, tmp_path: Path) -> None:
    """
    The file has mode 0600, and nothing else is left in its folder.
    """
    path = tmp_path / "tracker.zip"
    path.write_bytes(b"an older one")
    path.chmod(0o644)
    save(full_url, path, NOON)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    with ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["format"] == "scan-tracker-backup"
    assert {table["name"]: table["rows"] for table in manifest["tables"]}["looks"] == 3


def test_it_is_as_of_one_instant(database_url: str) -> None:
    """
    What is stored while it is being written is in none of its tables.
    """
    store = Store(database_url)
    add_parcel(store)
    with snapshot_of(database_url) as snapshot:
        assert list(snapshot.rows("notes")) == []
        with store.begin() as tx:
            tx.health.set_note("calendar", "x")
        add_parcel(store, tracking_number="JG-NJS-319365399-5711")
        assert list(snapshot.rows("notes")) == []
        assert len(list(snapshot.rows("parcels"))) == 1
    store.close()


def test_its_memory_does_not_grow_with_the_store(sqlite_files: SqliteFiles, tmp_path: Path) -> None:
    """
    Sixty megabytes of pictures pass through a few at a time, there and back.
    """
    url, elsewhere = sqlite_files.migrated(), sqlite_files.empty()
    engine = make_engine(url)
    with begun(engine) as connection:
        for serial in range(60):
            connection.execute(
                insert(evidence).values(
                    sha256=f"{serial}", reader="r", body=bytes(1_000_000), last_seen_at=NOON
                )
            )
    engine.dispose()
    tracemalloc.start()
    try:
        save(url, tmp_path / "large.zip", NOON)
        restore(elsewhere, tmp_path / "large.zip", NOON, replace=False)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 30_000_000
    assert rows_in(elsewhere) == 60


def test_a_database_that_holds_anything_is_left_alone(backup: Path, database_url: str) -> None:
    """
    Unless it is to be replaced: then it holds what the backup holds and nothing else.
    """
    store = open_store(database_url)
    add_parcel(store, tracking_number="JG-NJS-319365399-5711")
    store.close()
    before = content(database_url)
    with pytest.raises(UsageError, match=r"not empty \(there are parcels\).*--replace"):
        restore(database_url, backup, NOON, replace=False)
    assert content(database_url) == before
    restore(database_url, backup, NOON, replace=True)
    assert len(content(database_url)["parcels"]) == 3


def test_a_database_of_a_newer_version_is_left_alone(backup: Path, database_url: str) -> None:
    """
    It may hold tables that this version does not know: not even --replace touches it.
    """
    engine = make_engine(database_url)
    with begun(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(UsageError, match="written by a newer version"):
        restore(database_url, backup, NOON, replace=True)
    assert rows_in(database_url) == 0


@pytest.mark.parametrize("replace", [True, False])
def test_a_database_that_a_daemon_works_on_is_left_alone(
    backup: Path, database_url: str, *, replace: bool
) -> None:
    """
    A heartbeat of the last two minutes says so; an older one is no hindrance.
    """
    store = Store(database_url)
    with store.begin() as tx:
        tx.health.beat("decide", NOON - timedelta(seconds=110))
    with pytest.raises(UsageError, match=r"`tracker run` works on this database.*stop it"):
        restore(database_url, backup, NOON, replace=replace)
    assert content(database_url)["parcels"] == []
    store.close()
    restore(database_url, backup, NOON + timedelta(seconds=20), replace=replace)
    assert len(content(database_url)["parcels"]) == 3


def test_a_damaged_backup_changes_nothing(
    backup: Path, sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    """
    Whichever byte is another one: it is told, or it did not matter and all is right.
    """
    whole = backup.read_bytes()
    with ZipFile(backup) as archive:
        wanted = {name: archive.read(name) for name in archive.namelist()}
    told, rows = [], set()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        url = sqlite_files.empty()
        try:
            restore(url, damaged, NOON, replace=False)
        except UsageError as error:
            told.append(str(error))
            rows.add(rows_in(url))
        else:
            again = tmp_path / "again.zip"
            save(url, again, NOON)
            with ZipFile(again) as archive:
                assert {name: archive.read(name) for name in archive.namelist()} == wanted
    assert len(told) > 20
    assert all("damaged" in one or "no backup" in one for one in told)
    assert rows == {-1}


def test_a_cut_backup_changes_nothing(
    backup: Path, sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    """
    A copy that broke off anywhere is refused.
    """
    whole = backup.read_bytes()
    url = sqlite_files.empty()
    for share in range(0, 100, 5):
        cut = tmp_path / "cut.zip"
        cut.write_bytes(whole[: len(whole) * share // 100])
        with pytest.raises(UsageError, match=r"cut\.zip is"):
            restore(url, cut, NOON, replace=False)
    assert rows_in(url) == -1


def rewritten(backup: Path, **changes: Any) -> Path:
    """
    The backup with another manifest.
    """
    path = backup.with_name("rewritten.zip")
    with ZipFile(backup) as old, ZipFile(path, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "manifest.json":
                body = json.dumps({**json.loads(body), **changes}).encode()
            new.writestr(name, body)
    return path


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"revision": "9999"}, "made by a newer version"),
        ({"version": 2}, "no backup that this version"),
        ({"format": "other"}, "no backup that this version"),
        ({"tables": [{"name": "a b", "columns": {}, "rows": 0, "sha256": ""}]}, "no backup that"),
        ({"tables": [{"name": "gone", "columns": {}, "rows": 0, "sha256": ""}]}, "is missing"),
    ],
)
def test_a_backup_of_another_version_is_refused(
    backup: Path, sqlite_files: SqliteFiles, changes: dict[str, Any], why: str
) -> None:
    """
    What this version does not know is not guessed at.
    """
    url = sqlite_files.empty()
    with pytest.raises(UsageError, match=why):
        restore(url, rewritten(backup, **changes), NOON, replace=False)
    assert rows_in(url) == -1


@pytest.mark.parametrize("body", [b"", b"Order Number;Status\n" * 50, b"SQLite format 3\0" * 99])
def test_another_file_is_refused(body: bytes, sqlite_files: SqliteFiles, tmp_path: Path) -> None:
    """
    A CSV, an empty file and a database are named as no backup; so are a folder and no file at all.
    """
    url = sqlite_files.empty()
    (tmp_path / "orders.csv").write_bytes(body)
    with pytest.raises(UsageError, match=r"orders\.csv is no backup of Scan Tracker"):
        restore(url, tmp_path / "orders.csv", NOON, replace=False)
    for path in (tmp_path, tmp_path / "nothing.zip"):
        with pytest.raises(UsageError, match="cannot be read"):
            restore(url, path, NOON, replace=False)
    assert rows_in(url) == -1


class OlderStore:
    """
    What a backup of the first version holds: a parcel, in the columns of then.
    """

    revision = "0001"

    def columns(self) -> dict[str, dict[str, str]]:
        """
        Three of the columns that parcels had.
        """
        return {"parcels": {"id": "number", "tracking_number": "text", "first_seen_at": "instant"}}

    def rows(self, _name: str) -> list[list[Any]]:
        """
        One parcel.
        """
        return [[7, "JG-NJS-319365323-5711", NOON.isoformat()]]


def test_an_older_backup_is_brought_up_to_date(empty_url: str) -> None:
    """
    Its rows are stored in the tables of its time, which are then upgraded like any database.
    """
    newest = refill(empty_url, OlderStore(), replace=False, quiet_since=QUIET)
    assert newest > OlderStore.revision
    store = open_store(empty_url)
    with store.read() as tx:
        (found,) = tx.parcels.by_number("JG-NJS-319365323-5711", NOON)
    assert found.parcel.id == 7
    assert add_parcel(store, tracking_number="JG-NJS-319365399-5711") == 8
    store.close()


#: A process that dies when the given function is called for the nth time.
DIE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
import {module} as place
real, calls = place.{name}, []
def dying(*arguments):
    calls.append(1)
    if len(calls) > {turns}:
        os.kill(os.getpid(), 9)
    return real(*arguments)
place.{name} = dying
from tracker.backup.{room} import {act}
{act}(sys.argv[1], Path(sys.argv[2]), datetime(2026, 11, 18, 12, tzinfo=UTC){more})
"""


def die(url: str, path: Path, **places: Any) -> None:
    """
    The work began and was killed in its middle.
    """
    program = DIE.format(**places)
    command = [sys.executable, "-c", program, url, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_backup_killed_in_its_middle_leaves_the_older_one(full_url: str, tmp_path: Path) -> None:
    """
    Under the name lies the whole older one, never a half.
    """
    path = tmp_path / "tracker.zip"
    save(full_url, path, NOON)
    older = path.read_bytes()
    die(
        full_url,
        path,
        module="tracker.store.snapshot",
        name="told",
        turns=300,
        room="saving",
        act="save",
        more="",
    )
    assert path.read_bytes() == older


def test_a_restore_killed_in_its_middle_changes_nothing(backup: Path, database_url: str) -> None:
    """
    All or nothing: the database holds what it held, and can be filled afterwards.
    """
    store = open_store(database_url)
    add_parcel(store, tracking_number="JG-NJS-319365399-5711")
    store.close()
    before = content(database_url)
    die(
        database_url,
        backup,
        module="tracker.store.refilling",
        name="heard",
        turns=600,
        room="restoring",
        act="restore",
        more=", replace=True",
    )
    assert content(database_url) == before
    restore(database_url, backup, NOON, replace=True)
    assert len(content(database_url)["parcels"]) == 3


SMALL_DISK = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tracker.backup.saving import BackupError, save
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    save(sys.argv[1], Path(sys.argv[2]), datetime(2026, 11, 18, 12, tzinfo=UTC))
except BackupError as error:
    print(error)
"""


def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    """
    A file that can grow no further is given up; the older backup is still there.
    """
    url = sqlite_files.migrated()
    engine = make_engine(url)
    with begun(engine) as connection:
        connection.execute(
            insert(evidence).values(
                sha256="x", reader="r", body=os.urandom(500_000), last_seen_at=NOON
            )
        )
    engine.dispose()
    path = tmp_path / "tracker.zip"
    path.write_bytes(b"older")
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, url, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"The backup {path} could not be written: File too large.\n"
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [
        ("tracker.zip", b"older")
    ]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 200_000


def test_a_folder_that_is_not_there_is_a_sentence(full_url: str, tmp_path: Path) -> None:
    """
    The path is named, and what is wrong with it.
    """
    with pytest.raises(BackupError, match=r"missing/tracker\.zip could not be written: No such"):
        save(full_url, tmp_path / "missing" / "tracker.zip", NOON)


def test_the_tables_can_be_filled_in_the_order_told(full_url: str) -> None:
    """
    No table stands before one that it refers to.
    """
    with snapshot_of(full_url) as snapshot:
        order = list(snapshot.columns())
    place = dict(zip(order, itertools.count(), strict=False))
    for name in order:
        for key in metadata.tables[name].foreign_keys:
            assert place[key.column.table.name] < place[name]
