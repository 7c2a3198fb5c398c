"""
What people entered of the centres' calendars, on both engines.
"""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import NOON, add_parcel, after
from tracker.model import CalendarException, CarrierName
from tracker.store import Store, store_if_there

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.databases import Databases

CHRISTMAS = {"first": date(2026, 12, 24), "last": date(2026, 12, 26)}
ENTRIES = (
    CalendarException(**CHRISTMAS, centre="shenzhen", closed=True, note="stock-taking 盘点"),
    CalendarException(**CHRISTMAS, carrier=CarrierName.CLEVY, open=True),
    CalendarException(**CHRISTMAS, cutoff="16:00"),
    CalendarException(**CHRISTMAS, centre="yiwu", extra_working_days=2),
)


def enter(store: Store, *entries: CalendarException) -> list[int]:
    """
    The entries' ids.
    """
    with store.begin() as tx:
        return [tx.closures.enter(entry, "Li", NOON) for entry in entries]


def test_each_kind_of_entry_comes_back_whole(store: Store) -> None:
    """
    All four effects, with centre, carrier and note; a NUL in a note is left out.
    """
    ids = enter(store, *ENTRIES, CalendarException(**CHRISTMAS, closed=True, note="a\0b"))
    with store.read() as tx:
        assert tx.closures.in_force()[:4] == ENTRIES
        assert tx.closures.in_force()[4].note == "ab"
        first = tx.closures.get(ids[0])
    assert first is not None
    assert (first.author, first.entered_at, first.withdrawn_at) == ("Li", NOON, None)


def test_a_withdrawn_entry_is_history(store: Store) -> None:
    """
    It holds no more, is withdrawn once, and stays with who took it back and when.
    """
    first, second = enter(store, *ENTRIES[:2])
    with store.begin() as tx:
        assert tx.closures.withdraw(first, "Wang", after(hours=1))
        assert not tx.closures.withdraw(first, "Zhao", after(hours=2))
        assert not tx.closures.withdraw(99, "Zhao", after(hours=2))
        assert tx.closures.in_force() == ENTRIES[1:2]
    with store.read() as tx:
        kept = tx.closures.get(first)
        assert [one.id for one in tx.closures.all()] == [first, second]
    assert kept is not None
    assert (kept.entry, kept.withdrawn_by, kept.withdrawn_at) == (
        ENTRIES[0],
        "Wang",
        after(hours=1),
    )


def test_a_withdrawal_made_while_the_entry_is_counted_is_counted_too(store: Store) -> None:
    """
    What was read before the withdrawal does not mark it as counted.
    """
    (entry_id,) = enter(store, ENTRIES[0])
    with store.read() as tx:
        read = tx.closures.uncounted()
    with store.begin() as tx:
        tx.closures.withdraw(entry_id, None, NOON)
    with store.begin() as tx:
        tx.closures.counted(read)
        assert [one.withdrawn_at for one in tx.closures.uncounted()] == [NOON]
        tx.closures.counted(tx.closures.uncounted())
        assert tx.closures.uncounted() == ()


def test_no_entry_overtakes_a_transaction_that_counts(databases: Databases) -> None:
    """
    Entering waits until whoever read the entries for writing has ended.
    """
    store = Store(databases.migrated())
    entered = threading.Event()

    def other() -> None:
        with store.begin() as tx:
            tx.closures.alone()
            tx.closures.enter(ENTRIES[0], None, NOON)
        entered.set()

    with store.begin() as tx:
        assert tx.closures.in_force() == ()
        thread = threading.Thread(target=other)
        thread.start()
        assert not entered.wait(0.5)
        assert tx.closures.in_force() == ()
    assert entered.wait(20)
    thread.join()
    store.close()


def test_which_parcels_an_entry_concerns(store: Store) -> None:
    """
    Live ones of an order going there whose deadline or cancellation lies behind the day.
    """
    later = {"scan_deadline": after(days=3)}
    one = add_parcel(store, 1, centre="yiwu", **later)
    add_parcel(store, 2, centre="ningbo", **later)
    add_parcel(store, 3, centre="yiwu", scan_deadline=after(days=-3))
    add_parcel(store, 4, centre="yiwu", order_number=None, **later)
    homeless = add_parcel(store, 5, centre=None, carrier=None, **later)
    with store.read() as tx:
        pairs = tx.parcels.destinations()
        assert {centre for centre, _ in pairs} == {"yiwu", "ningbo", None}
        here = [pair for pair in pairs if pair[0] == "yiwu"]
        assert tx.parcels.counting_days_after(NOON, here) == (one,)
        assert tx.parcels.counting_days_after(NOON, [(None, None)]) == (homeless,)
        assert tx.parcels.counting_days_after(NOON, []) == ()


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """
    Looking for a database creates nothing, and an empty one is none.
    """
    missing = tmp_path / "none.db"
    assert store_if_there(f"sqlite:///{missing}") is None
    assert not missing.exists()
    missing.touch()
    assert store_if_there(f"sqlite:///{missing}") is None


def test_a_store_that_is_there_is_opened(database_url: str) -> None:
    """
    With today's tables, on both engines.
    """
    store = store_if_there(database_url)
    assert store is not None
    with store.read() as tx:
        assert tx.closures.all() == ()
    store.close()


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_effect_is_named(entry: CalendarException) -> None:
    """
    One word and its value.
    """
    effect, value = entry.effect
    assert (effect == "cutoff") is (value == "16:00")
    assert (effect == "extra_working_days") is (value == "2")
