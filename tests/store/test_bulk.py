"""
Many rows at once: the same rows as by an ordinary statement, and the same errors.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from tests.support.builders import NOON, add_parcel
from tracker.store import Store, StoreError, StoreUnavailable
from tracker.store.bulk import MANY, add_rows
from tracker.store.engine import begun, make_engine
from tracker.store.tables import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

HOSTILE = "tab\t newline\n backslash\\ \\N \\. quote'\" , é 扫描 \U0001f4e6"


@pytest.fixture
def engine(store: Store, database_url: str) -> Iterator[Engine]:
    """
    The store's own database, from below.
    """
    assert add_parcel(store) == 1
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def _rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "parcel_id": 1,
            "carrier": "clevy",
            "identity": f"{index:064d}",
            "occurred_at": None if index % 3 == 0 else NOON + timedelta(seconds=index),
            "zone": "Asia/Shanghai",
            "zone_assumed": index % 2 == 0,
            "stage": "received",
            "is_scan": index % 2 == 1,
            "code": None,
            "text": f"{HOSTILE}{index}",
            "location": None if index % 2 else HOSTILE,
            "first_seen_at": NOON,
            "wording_id": None,
        }
        for index in range(count)
    ]


def _stored(connection: Connection) -> list[dict[str, Any]]:
    found = connection.execute(select(events).order_by(events.c.identity)).mappings()
    return [{name: value for name, value in row.items() if name != "id"} for row in found]


@pytest.mark.parametrize("count", [0, 1, MANY - 1, MANY, 5 * MANY])
def test_what_is_added_is_read_back_whole(engine: Engine, count: int) -> None:
    """
    By either way, few or many, hostile texts and missing facts included.
    """
    with begun(engine) as connection:
        add_rows(connection, events, _rows(count))
    with begun(engine) as connection:
        assert _stored(connection) == _rows(count)


def test_instants_are_stored_in_utc_whatever_their_zone(engine: Engine) -> None:
    """
    As the column's type has it everywhere else.
    """
    rows = _rows(MANY)
    shanghai = timezone(timedelta(hours=8))
    with begun(engine) as connection:
        given = [row | {"first_seen_at": row["first_seen_at"].astimezone(shanghai)} for row in rows]
        add_rows(connection, events, given)
        assert _stored(connection) == rows


@pytest.mark.parametrize("count", [1, MANY])
def test_a_naive_time_is_refused(engine: Engine, count: int) -> None:
    """
    Nothing is stored then.
    """
    rows = [row | {"first_seen_at": NOON.replace(tzinfo=None)} for row in _rows(count)]
    with (
        pytest.raises((StoreError, ValueError), match=r"naive|failed"),
        begun(engine) as connection,
    ):
        add_rows(connection, events, rows)
    with begun(engine) as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar() == 0


@pytest.mark.parametrize("count", [2, 2 * MANY])
def test_a_refused_row_leaves_none_behind_and_tells_no_values(engine: Engine, count: int) -> None:
    """
    The whole batch is refused as a statement would be, and the connection can be used again.
    """
    rows = _rows(count)
    rows[-1]["identity"] = rows[0]["identity"]
    with pytest.raises(StoreError) as refused, begun(engine) as connection:
        add_rows(connection, events, rows)
    assert not isinstance(refused.value, StoreUnavailable)
    assert "quote" not in str(refused.value)
    with begun(engine) as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar() == 0
        add_rows(connection, events, _rows(count))  # the connection is as good as before


def test_a_server_that_goes_away_in_the_middle_is_told_as_such(postgres_url: str) -> None:
    """
    As the database being the trouble, not the rows; the next transaction gets a live connection.
    """
    store = Store(postgres_url)
    add_parcel(store)
    store.close()
    engine, other = make_engine(postgres_url), make_engine(postgres_url)
    with begun(other) as holder:
        holder.execute(text("LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        killer = threading.Thread(target=_end_the_waiting_one, args=(other,))
        killer.start()
        with pytest.raises(StoreUnavailable), begun(engine) as connection:
            add_rows(connection, events, _rows(MANY))
        killer.join()
    other.dispose()
    with begun(engine) as connection:  # the pool holds no dead connection
        add_rows(connection, events, _rows(MANY))
        assert len(_stored(connection)) == MANY
    engine.dispose()


def _end_the_waiting_one(other: Engine) -> None:
    waiting = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(200):
        with begun(other) as connection:
            if connection.execute(waiting).all():
                return
        time.sleep(0.05)
