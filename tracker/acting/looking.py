"""
A person asks for another look at a parcel: politely, and never past a portal's rest.
"""

from __future__ import annotations

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


def look_again(tx: Transaction, record: WatchRecord, now: datetime) -> Granted:
    """
    The parcel's next look is due now, unless it was looked at lately or is not watched.
    """
    parcel = record.parcel
    if parcel.next_look_at is None or record.archived_at or record.superseded_at:
        return Granted.UNWATCHED
    if parcel.last_look_at is not None and now - parcel.last_look_at < PAUSE:
        return Granted.TOO_SOON
    tx.parcels.look_soon([parcel.id], now)
    if parcel.carriers and all(tx.health.is_cooling(name, now) for name in parcel.carriers):
        return Granted.RESTING
    return Granted.DUE
