"""
Databases of earlier versions (``dumps/``), brought up to date and then used.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.support.builders import event
from tests.support.databases import PostgresDatabases
from tests.support.world import ScriptedClock, ScriptedCrawl, at, opened_world, postal_number
from tracker.model import AlertKind, CarrierName, ParcelState
from tracker.store import migrations, open_store
from tracker.store.engine import StoreLocked, begun, make_engine
from tracker.store.migrating import HEAD, migrate
from tracker.store.tables import metadata

if TYPE_CHECKING:
    from tests.support.databases import Databases

DUMPS = Path(__file__).parent / "dumps"
REVISIONS = ("0001", "0002", "0003")
CLAIMED, WAITING = "JG-NJS-319365301-5711", "JG-NJS-319365303-5711"
SCANNED = postal_number(47312482)
CASE = "12345678"
OPEN_AND_COUNT = """
import sys
from tracker.store import migrations, open_store
store = open_store(sys.argv[1])
with store.read() as tx:
    print(tx.parcels.count())
"""


@pytest.fixture(params=REVISIONS)
def old_url(request: pytest.FixtureRequest, databases: Databases) -> str:
    """
    A database as the version of that revision left it, on each engine.
    """
    url = databases.empty()
    engine = "postgresql" if isinstance(databases, PostgresDatabases) else "sqlite"
    dump = (DUMPS / f"{request.param}.{engine}.sql").read_text("utf-8")
    if engine == "sqlite":
        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            file.executescript(dump)
        file.close()
    else:
        with psycopg.connect(plain(url)) as server:
            server.execute(dump.encode())
    return url


def plain(url: str) -> str:
    """
    The URL as the driver itself takes it.
    """
    return url.replace("+psycopg", "")


def revision(url: str) -> str | None:
    """
    The revision that a database is at.
    """
    engine = make_engine(url)
    with begun(engine, reading=True) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found


def test_the_newest_revision_is_what_the_code_asks_for() -> None:
    """
    A start compares with it, without loading the whole history.
    """
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == HEAD


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
@pytest.mark.filterwarnings("ignore:Computed default on parcels")
def test_an_old_database_gets_the_tables_that_the_code_uses(old_url: str) -> None:
    """
    Upgraded from any earlier revision it equals the metadata, as one made from nothing does.
    """
    open_store(old_url).close()
    engine = make_engine(old_url)
    options = {"compare_type": True, "compare_server_default": True}
    with begun(engine, reading=True) as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_an_upgrade_loses_nothing(old_url: str) -> None:
    """
    Parcels, looks, events, alerts, deliveries, evidence: all are listed as they were stored.
    """
    store = open_store(old_url)
    now = at("2026-11-18 12:00")
    with store.read() as tx:
        parcels = {one.tracking_number: one for one in tx.parcels.matching(now)}
        looks = {number: len(tx.looks.of(one.id)) for number, one in parcels.items()}
        alerts = tx.alerts.matching(state="all")
        events = tx.looks.events(parcels[SCANNED].id)
        assert tx.parcels.is_watched(CarrierName.SEKO)
        assert tx.health.carrier(CarrierName.CLEVY).cooldown_reason == "429"
    store.close()
    assert {number: one.state for number, one in parcels.items()} == {
        CLAIMED: ParcelState.OVERDUE,
        SCANNED: ParcelState.SCANNED,
        WAITING: ParcelState.WAITING,
        None: ParcelState.NO_NUMBER,
    }
    assert looks == {CLAIMED: 2, SCANNED: 2, WAITING: 1, None: 0}
    assert [one.event.is_scan for one in events] == [False, True]
    assert [(one.kind, one.state.value, len(one.deliveries)) for one in alerts] == [
        (AlertKind.URGE_SCAN, "closed", 1),
        (AlertKind.RAISE_CLAIM, "acted", 1),
        (AlertKind.CARRIER_BLIND, "closed", 0),
    ]


def test_what_an_old_database_holds_is_decided_about(
    old_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A claim raised before the upgrade is followed up under its case, and a late parcel is urged.
    """
    clock = ScriptedClock(at("2026-11-25 10:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    for number in (CLAIMED, WAITING):
        for crawl in crawls.values():
            crawl.tell(number, "2026-01-01 00:00", ())
    scan = event(occurred_at=at("2026-11-17 20:00"))
    crawls[CarrierName.CLEVY].tell(SCANNED, "2026-01-01 00:00", (scan,))
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, database_url=old_url) as world:
        world.watcher.recount_deadlines()
        world.tick()
        world.tick()
        opened = {
            (number, one.kind): one.case_id
            for one in world.alerts("open")
            for number in one.tracking_numbers
        }
        assert opened[CLAIMED, AlertKind.FOLLOW_UP_CLAIM] == CASE
        assert (WAITING, AlertKind.RAISE_CLAIM) in opened
        assert (CLAIMED, AlertKind.RAISE_CLAIM) not in opened
        told = "; ".join(content for _, _, content in world.told())
        assert f"follow_up_claim first {CLAIMED}" in told


def test_processes_that_start_on_an_old_database_upgrade_it_once(old_url: str) -> None:
    """
    Of three that open it at once one upgrades it, the others wait, and all of them work.
    """
    command = [sys.executable, "-c", OPEN_AND_COUNT, old_url]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [one.communicate(timeout=120) for one in running] == [("4\n", "")] * 3


def test_a_database_that_is_held_is_left_as_it_is(old_url: str) -> None:
    """
    While another process does not let go, the upgrade ends with what to do, and changes nothing.
    """
    before = revision(old_url)
    holder, engine = make_engine(old_url), make_engine(old_url, lock_seconds=1)
    with begun(holder) as connection:
        connection.exec_driver_sql("UPDATE wordings SET text = 'Gone' WHERE id = 1")
        with pytest.raises(StoreLocked, match="stop every running tracker"):
            migrate(engine, attempts=2)
        assert revision(old_url) == before
    migrate(engine)
    assert revision(old_url) != before
    engine.dispose()
    holder.dispose()
