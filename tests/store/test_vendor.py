"""
Access to the Vendor Center API as rows: who renews, which token lives, whose turn it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.support.builders import NOON, after

if TYPE_CHECKING:
    from tracker.store import Store, Transaction

CLIENT = "client-1"
LEASE = timedelta(seconds=60)


def rotate(tx: Transaction, used: str, heir: str) -> bool:
    """
    The token was renewed at noon.
    """
    return tx.vendor.rotated(
        CLIENT,
        used=used,
        refresh_token=heir,
        access_token=f"access of {heir}",
        expires_at=after(hours=1),
        now=NOON,
    )


def test_a_chain_begins_with_the_settings_token_once(store: Store) -> None:
    """
    The same seed again changes nothing; another one begins anew; an old one never comes back.
    """
    with store.begin() as tx:
        assert tx.vendor.open(CLIENT, "one", "hash 1").refresh_token == "one"
        assert rotate(tx, "one", "heir")
        assert tx.vendor.open(CLIENT, "one", "hash 1").refresh_token == "heir"
        anew = tx.vendor.open(CLIENT, "two", "hash 2")
        assert (anew.refresh_token, anew.access_token) == ("two", None)
        assert tx.vendor.open(CLIENT, "one", "hash 1").refresh_token == "two"


def test_only_the_living_token_has_an_heir(store: Store) -> None:
    """
    What an outlived token was renewed to, or refused with, does not touch the living one.
    """
    with store.begin() as tx:
        tx.vendor.open(CLIENT, "one", "hash 1")
        tx.vendor.open(CLIENT, "two", "hash 2")
        assert not rotate(tx, "one", "heir of one")
        assert not tx.vendor.refused(CLIENT, "one", NOON)
        tx.vendor.unsure(CLIENT, "one", NOON)
        known = tx.vendor.get(CLIENT)
    assert known is not None
    assert (known.refresh_token, known.refused_at, known.unsure_at) == ("two", None, None)


def test_one_renews_at_a_time(store: Store) -> None:
    """
    A lease keeps the others out until it is over or given back.
    """
    with store.begin() as tx:
        tx.vendor.open(CLIENT, "one", "hash 1")
        assert tx.vendor.lease(CLIENT, "me", NOON, LEASE)
        assert tx.vendor.lease(CLIENT, "me", NOON, LEASE)
        assert not tx.vendor.lease(CLIENT, "you", after(seconds=59), LEASE)
        assert tx.vendor.lease(CLIENT, "you", after(seconds=60), LEASE)
        tx.vendor.release(CLIENT, "me")
        assert not tx.vendor.lease(CLIENT, "me", after(seconds=61), LEASE)
        tx.vendor.release(CLIENT, "you")
        assert tx.vendor.lease(CLIENT, "me", after(seconds=61), LEASE)


def test_turns_follow_one_another(store: Store) -> None:
    """
    Each caller has a slot of its own; a hold moves all of them, and is never shortened.
    """
    every = timedelta(seconds=0.5)
    with store.begin() as tx:
        tx.vendor.open(CLIENT, "one", "hash 1")
        slots = [tx.vendor.next_slot(CLIENT, NOON, every) for _ in range(3)]
        assert slots == [NOON, after(seconds=0.5), after(seconds=1)]
        tx.vendor.not_before(CLIENT, after(seconds=60))
        tx.vendor.not_before(CLIENT, after(seconds=30))
        assert tx.vendor.next_slot(CLIENT, NOON, every) == after(seconds=60)
        assert tx.vendor.next_slot(CLIENT, after(seconds=90), every) == after(seconds=90)


def test_secrets_are_not_in_the_values_text(store: Store) -> None:
    """
    A log that prints an account prints no token (promises.md R23).
    """
    with store.begin() as tx:
        tx.vendor.open(CLIENT, "HUSH-1", "HUSH-2")
        rotate(tx, "HUSH-1", "HUSH-3")
        shown = repr(tx.vendor.get(CLIENT))
    assert CLIENT in shown
    assert "HUSH" not in shown
