"""
How commands that ask a carrier by themselves keep to what all processes share.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from tracker.cli.output import local, notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.crawl import CarrierAccess
    from tracker.crawler import Slot
    from tracker.polling.pace import SharedPace
    from tracker.settings import Settings
    from tracker.store import Store
    from tracker.vocabulary import CarrierName


class Shared:
    """
    The pace and the pauses of the database there is; where there is none, nothing is shared.
    """

    def __init__(self, settings: Settings, store: Store | None) -> None:
        self._zone = settings.zone
        self._store = store

    @property
    def slot(self) -> Slot | None:
        """
        Takes slots of the shared pace; each is waited for ``PATIENCE`` at most.
        """
        from tracker.clock import utc_now
        from tracker.polling.pace import SharedPace

        if self._store is None:
            return None
        return partial(_patient, SharedPace(self._store, utc_now))

    def paused(self, carrier: CarrierName) -> str | None:
        """
        Until when the carrier is left alone, and why, in one sentence; ``None``: it may be asked.
        """
        from tracker.clock import utc_now

        if self._store is None:
            return None
        with self._store.read() as tx:
            state = tx.health.carrier(carrier)
        if not state.cools(utc_now()):
            return None
        until = local(state.cooldown_until, self._zone)
        return (
            f"{carrier} is left alone until {until} ({self._zone}): {state.cooldown_reason}. "
            "It was not asked; run this again then."
        )


def _patient(pace: SharedPace, access: CarrierAccess, within: float) -> float | None:
    from tracker.polling.pace import PATIENCE

    return pace.take(access, min(within, PATIENCE))


@contextmanager
def shared(settings: Settings) -> Iterator[Shared]:
    """
    What is shared, for the block; a database out of reach is told, and nothing is shared then.
    """
    from tracker.store import StoreError, store_if_there

    store = None
    try:
        store = store_if_there(settings.database_url)
    except StoreError as error:
        notice(f"At a pace of its own, which the daemon does not know of: {error}")
    try:
        yield Shared(settings, store)
    finally:
        if store is not None:
            store.close()
