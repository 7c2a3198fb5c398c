"""
A person asks for another look at a parcel: politely, and never past a portal's rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

#: A portal is not asked about one parcel more often than this because somebody is curious.
PAUSE = timedelta(minutes=10)


class Granted(StrEnum):
    """
    What came of the wish.
    """

    DUE = "due"  # it is looked at as soon as its portal's pace allows
    RESTING = "resting"  # as soon as its portal's rest has ended
    TOO_SOON = "too_soon"  # it was looked at a moment ago
    UNWATCHED = "unwatched"  # nobody looks at it any more


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What came of the wish; ``at``: the last look, or the end of the rest.
    """

    granted: Granted
    at: datetime | None = None


def look_again(tx: Transaction, record: WatchRecord, now: datetime) -> Answer:
    """
    The parcel's next look is due now, unless it was looked at lately or is not watched.
    """
    parcel = record.parcel
    if parcel.next_look_at is None or record.archived_at or record.superseded_at:
        return Answer(Granted.UNWATCHED)
    if parcel.last_look_at is not None and now - parcel.last_look_at < PAUSE:
        return Answer(Granted.TOO_SOON, parcel.last_look_at)
    tx.parcels.look_soon([parcel.id], now)
    rests = [tx.health.carrier(name).cooldown_until for name in parcel.carriers]
    if rests and all(until is not None and until > now for until in rests):
        return Answer(Granted.RESTING, min(until for until in rests if until is not None))
    return Answer(Granted.DUE)
