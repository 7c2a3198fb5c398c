"""
How the watcher and the carriers are, as rows that a restart does not forget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from tests.support.builders import CLEVY, NOON, SEKO, after
from tracker.store.health import CarrierState, Heartbeat
from tracker.store.tables import carriers

if TYPE_CHECKING:
    from tracker.store import Store


def test_a_carrier_that_was_never_asked_is_unknown(store: Store) -> None:
    """
    Reading it stores nothing and finds no cool-down.
    """
    with store.read() as tx:
        assert tx.health.carrier(SEKO) == CarrierState(name=SEKO)
        assert not tx.health.is_cooling(SEKO, NOON)


def test_a_cool_down_holds_until_its_end(store: Store) -> None:
    """
    The carrier alone is left in peace, and asked again at the instant named.
    """
    with store.begin() as tx:
        tx.health.cool_down(SEKO, NOON, after(minutes=15), "429")
        assert tx.health.is_cooling(SEKO, after(minutes=14))
        assert not tx.health.is_cooling(SEKO, after(minutes=15))
        assert not tx.health.is_cooling(CLEVY, NOON)


def test_a_cool_down_by_a_clock_that_was_set_back_counts_for_nothing(store: Store) -> None:
    """
    Nobody waits for a day because a clock was a day ahead, and a true cool-down takes its place.
    """
    with store.begin() as tx:
        tx.health.cool_down(SEKO, after(days=1), after(days=1, minutes=15), "429")
        assert tx.health.is_cooling(SEKO, after(days=1))
        assert not tx.health.is_cooling(SEKO, NOON)
        tx.health.cool_down(SEKO, NOON, after(minutes=15), "403")
        state = tx.health.carrier(SEKO)
    assert (state.cooldown_since, state.cooldown_until) == (NOON, after(minutes=15))


def test_clocks_that_differ_a_little_share_a_cool_down(store: Store) -> None:
    """
    A worker whose clock is a minute behind leaves the carrier alone too.
    """
    with store.begin() as tx:
        tx.health.cool_down(SEKO, NOON, after(minutes=15), "429")
        assert tx.health.is_cooling(SEKO, after(minutes=-1))


@pytest.mark.parametrize("minutes", [1, 14, 15])
def test_a_cool_down_is_never_shortened(store: Store, minutes: int) -> None:
    """
    Another block with a shorter pause changes neither end, beginning nor reason.
    """
    with store.begin() as tx:
        tx.health.cool_down(SEKO, NOON, after(minutes=15), "429")
        tx.health.cool_down(SEKO, after(minutes=1), after(minutes=minutes), "403")
        state = tx.health.carrier(SEKO)
    assert (state.cooldown_since, state.cooldown_until, state.cooldown_reason) == (
        NOON,
        after(minutes=15),
        "429",
    )


def test_a_longer_cool_down_extends_the_running_one(store: Store) -> None:
    """
    It keeps its beginning while it runs, and begins anew after its end.
    """
    with store.begin() as tx:
        tx.health.cool_down(SEKO, NOON, after(minutes=15), "429")
        tx.health.cool_down(SEKO, after(minutes=5), after(minutes=30), "403")
        extended = tx.health.carrier(SEKO)
        tx.health.cool_down(SEKO, after(minutes=40), after(minutes=55), "403")
        anew = tx.health.carrier(SEKO)
    assert (extended.cooldown_since, extended.cooldown_until) == (NOON, after(minutes=30))
    assert (anew.cooldown_since, anew.cooldown_until) == (after(minutes=40), after(minutes=55))


def test_a_change_of_health_is_noticed_once(store: Store) -> None:
    """
    Only the one who changes the state is told that it changed.
    """
    with store.begin() as tx:
        assert tx.health.set_state(SEKO, "bad")
        assert not tx.health.set_state(SEKO, "bad")
        assert tx.health.set_state(SEKO, "good")
        assert tx.health.carrier(SEKO).state == "good"
        assert tx.health.carrier(CLEVY).state == "unknown"


def test_the_last_good_look_never_moves_back(store: Store) -> None:
    """
    A worker that reports late leaves the newest instant; other facts stay.
    """
    with store.begin() as tx:
        tx.health.set_state(SEKO, "good")
        tx.health.saw(SEKO, after(hours=1))
        tx.health.saw(SEKO, NOON)
        state = tx.health.carrier(SEKO)
    assert (state.last_good_look_at, state.state) == (after(hours=1), "good")


def test_a_failed_check_counts_until_a_good_look(store: Store) -> None:
    """
    The portal is mistrusted from the check on, and trusted again when it was read after it.
    """
    with store.begin() as tx:
        tx.health.saw(SEKO, after(hours=-1))
        tx._connection.execute(
            update(carriers)
            .where(carriers.c.name == "seko")
            .values(checked_at=NOON, check_failure="the field was not found")
        )
        expected = "the daily check failed: the field was not found"
        assert tx.health.carrier(SEKO).mistrust == expected
        tx.health.saw(SEKO, after(hours=1))
        assert tx.health.carrier(SEKO).mistrust is None


def test_a_heartbeat_says_when_and_how_the_step_last_ran(store: Store) -> None:
    """
    Each step has one row with its latest beat.
    """
    with store.begin() as tx:
        tx.health.beat("poll:seko", NOON, ok=False, detail="daemon: no browser")
        tx.health.beat("decide", NOON, detail="daemon")
        tx.health.beat("poll:seko", after(minutes=1))
        beats = tx.health.beats()
    assert beats == (
        Heartbeat(name="decide", at=NOON, ok=True, detail="daemon"),
        Heartbeat(name="poll:seko", at=after(minutes=1), ok=True, detail=None),
    )


def test_a_note_keeps_its_last_value(store: Store) -> None:
    """
    An unwritten note is none.
    """
    with store.begin() as tx:
        assert tx.health.note("calendar") is None
        tx.health.set_note("calendar", "one")
        tx.health.set_note("calendar", "two")
        assert tx.health.note("calendar") == "two"
