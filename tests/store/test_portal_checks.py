"""
The daily check of a portal, as rows: who makes it, and what it found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.builders import CLEVY, NOON, SEKO, after

if TYPE_CHECKING:
    from tracker.store import Store


def test_one_check_a_day_for_all_processes(store: Store) -> None:
    """
    The first asker gets the check, the next ones none until the day is over; carriers apart.
    """
    day = after(hours=-24)
    with store.begin() as tx:
        assert tx.health.claim_check(SEKO, NOON, day)
    with store.begin() as tx:
        assert not tx.health.claim_check(SEKO, NOON, day)
        assert not tx.health.claim_check(SEKO, after(hours=23), after(hours=-1))
        assert tx.health.claim_check(CLEVY, NOON, day)
        assert tx.health.claim_check(SEKO, after(hours=24), NOON)


def test_a_failure_stands_until_a_good_check(store: Store) -> None:
    """
    The step and its sentence are kept, shortened where they are endless, and end with ``None``.
    """
    with store.begin() as tx:
        tx.health.checked(SEKO, NOON, "field found: " + "x" * 5000)
        known = tx.health.carrier(SEKO)
        assert known.checked_at == NOON
        assert known.check_failure is not None
        assert known.check_failure.startswith("field found: x")
        assert len(known.check_failure) == 1000
        tx.health.checked(SEKO, after(hours=1), None)
        known = tx.health.carrier(SEKO)
        assert (known.checked_at, known.check_failure) == (after(hours=1), None)


def test_a_failure_that_was_overcome_is_forgotten_by_the_next_check(store: Store) -> None:
    """
    An old failure does not look new while the next check runs; one that still stands is kept.
    """
    with store.begin() as tx:
        tx.health.checked(SEKO, NOON, "answers: unreadable")
        tx.health.checked(CLEVY, NOON, "connects: refused")
        tx.health.saw(SEKO, after(hours=1))
        tx.health.claim_check(SEKO, after(hours=24), NOON)
        tx.health.claim_check(CLEVY, after(hours=24), NOON)
        assert tx.health.carrier(SEKO).check_failure is None
        assert tx.health.carrier(CLEVY).check_failure == "connects: refused"
