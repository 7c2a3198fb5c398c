"""
The pace that all processes share: single slots, for questions beyond a crawl's reservation.

A retry, a number asked once more alone and a probe's question are questions like any other
(promises.md R22).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.store import StoreUnavailable

if TYPE_CHECKING:
    from tracker.clock import Clock
    from tracker.crawl import CarrierAccess
    from tracker.store import Store

log = logging.getLogger(__name__)

#: A slot beyond this, and beyond so many requests, was reserved by a clock that was set back.
FURTHEST_SLOT = timedelta(hours=1)
FURTHEST_REQUESTS = 100
#: Seconds that a question which somebody waits for (a check, a recording) waits for its slot.
PATIENCE = 600.0


def slot_of(access: CarrierAccess) -> timedelta:
    """
    How long one question keeps the carrier's pace to itself.
    """
    return timedelta(seconds=60 / access.requests_per_minute)


def furthest_slot(access: CarrierAccess) -> timedelta:
    """
    How far ahead of now a reservation may reach.
    """
    return max(FURTHEST_SLOT, FURTHEST_REQUESTS * slot_of(access))


class SharedPace:
    """
    Takes slots for single questions, one transaction each.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def take(self, access: CarrierAccess, within: float) -> float | None:
        """
        The seconds until the next free slot, which is the caller's now.

        ``None``, and nothing is taken: it lies further than ``within`` seconds ahead, the carrier
        is cooling down, or the database is out of reach.
        """
        now = self._clock()
        try:
            with self._store.begin() as tx:
                free = tx.manners.free_slot(access.carrier, now, furthest=furthest_slot(access))
                wait = (free - now).total_seconds()
                if wait > within or tx.health.is_cooling(access.carrier, now):
                    return None
                tx.manners.reserve(access.carrier, free + slot_of(access))
        except StoreUnavailable as error:
            log.warning("%s: no further question is asked (%s)", access.carrier, error)
            return None
        return wait
