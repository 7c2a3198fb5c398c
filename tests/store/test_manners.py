"""
Pace, failing rounds and doubt of a carrier, as rows that all processes share (R9, R22).
"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import CLEVY, NOON, SEKO, after

if TYPE_CHECKING:
    from tracker.store import Store

HOUR = timedelta(hours=1)
SLOT = timedelta(seconds=10)
#: Reserves slots as fast as it can, and prints each reservation: from when, how many slots.
RESERVER = """
import sys
from datetime import UTC, datetime, timedelta
from tracker.model import CarrierName
from tracker.store import Store

store = Store(sys.argv[1])
now = datetime(2026, 11, 18, 4, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
for requests in (1, 12, 3, 7, 2, 5, 1, 1):
    with store.begin() as tx:
        start = tx.manners.free_slot(CarrierName.SEKO, now, furthest=timedelta(hours=9))
        tx.manners.reserve(CarrierName.SEKO, start + requests * timedelta(seconds=10))
    print(start.isoformat(), requests, flush=True)
store.close()
"""


def free(store: Store, now: datetime = NOON) -> datetime:
    """
    The next free slot, not reserved.
    """
    with store.begin() as tx:
        return tx.manners.free_slot(SEKO, now, furthest=HOUR)


def test_a_slot_that_is_reserved_is_free_no_more(store: Store) -> None:
    """
    The next one who asks is told the end of the reservation, and now once that has passed.
    """
    assert free(store) == NOON
    with store.begin() as tx:
        tx.manners.reserve(SEKO, after(minutes=2))
    assert free(store) == after(minutes=2)
    assert free(store, after(minutes=2)) == after(minutes=2)
    assert free(store, after(minutes=3)) == after(minutes=3)


def test_a_reservation_by_a_clock_that_was_set_back_counts_for_nothing(store: Store) -> None:
    """
    Nobody waits for a day because a clock was a day ahead (promises.md R1).
    """
    with store.begin() as tx:
        tx.manners.reserve(SEKO, NOON)
        tx.manners.not_before(SEKO, after(days=1))
    assert free(store) == NOON


def test_the_next_slot_is_only_ever_pushed_away(store: Store) -> None:
    """
    A crawl that took longer than it reserved moves the next slot; one that did not leaves it.
    """
    with store.begin() as tx:
        tx.manners.not_before(SEKO, after(minutes=3))
        tx.manners.not_before(SEKO, after(minutes=1))
    assert free(store) == after(minutes=3)


@pytest.mark.parametrize("workers", [2, 4])
def test_processes_never_reserve_one_slot_twice(database_url: str, workers: int) -> None:
    """
    However many reserve at once, each reservation begins where the one before it ends.
    """
    command = [sys.executable, "-c", RESERVER, database_url]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [line.split() for one in running for line in one.communicate(timeout=60)[0].splitlines()]
    assert [one.returncode for one in running] == [0] * workers
    reserved = sorted((datetime.fromisoformat(start), int(count)) for start, count in told)
    assert len(reserved) == 8 * workers
    assert reserved[0][0] == NOON
    for (start, count), (following, _) in pairwise(reserved):
        assert following == start + count * SLOT


def test_failing_rounds_are_counted_until_one_is_answered(store: Store) -> None:
    """
    Each carrier for itself.
    """
    with store.begin() as tx:
        assert [tx.manners.round_failed(SEKO) for _ in range(3)] == [1, 2, 3]
        tx.manners.round_answered(SEKO)
        tx.manners.round_answered(CLEVY)
        assert tx.health.carrier(SEKO).failing_rounds == 0
        assert tx.manners.round_failed(SEKO) == 1


def test_a_doubt_stands_until_a_later_round_is_judged_well(store: Store) -> None:
    """
    A round that had begun before the doubt arose does not end it.
    """
    with store.begin() as tx:
        tx.manners.doubt(SEKO, "the canary was wrong", NOON)
        assert tx.health.carrier(SEKO).mistrust == "the canary was wrong"
        assert not tx.manners.trust(SEKO, asked_at=after(seconds=-1))
        assert tx.manners.trust(SEKO, asked_at=NOON)
        assert not tx.manners.trust(SEKO, asked_at=NOON)
        assert tx.health.carrier(SEKO).mistrust is None
