"""
A database of an earlier version, brought up to date with what was stored in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import text

import tracker.store
from tracker.model import CarrierName
from tracker.store import open_store
from tracker.store.engine import begun, make_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.databases import Databases

_SCRIPTS = Path(tracker.store.__file__).parent / "migrations"


def _database_at(database_url: str, revision: str) -> Engine:
    engine = make_engine(database_url)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    with begun(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return engine


def _statements() -> Iterator[str]:
    yield (
        "INSERT INTO parcels (id, tracking_number, order_number, carrier, first_seen_at,"
        " next_look_at) VALUES (7, 'JG-NJS-1', '1', 'seko', '2026-11-01', '2026-11-02')"
    )
    yield (
        "INSERT INTO evidence (sha256, reader, body, screenshot, last_seen_at)"
        " VALUES ('a', 'portal/1', 'four', 'six666', '2026-11-01')"
    )


def test_a_database_of_the_first_version_keeps_its_watch_list(databases: Databases) -> None:
    """
    A parcel stored by revision 0001 is due at its carrier still, and evidence knows its size.
    """
    url = databases.empty()
    engine = _database_at(url, "0001")
    with begun(engine) as connection:
        for statement in _statements():
            connection.execute(text(statement))
    store = open_store(url)
    with store.read() as tx:
        assert tx.parcels.is_watched(CarrierName.SEKO)
    store.close()
    with begun(engine, reading=True) as connection:
        assert connection.execute(text("SELECT size FROM evidence")).scalar() == 10
    engine.dispose()
