"""
The parcel that an address names, if whoever asks may see it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import HTTPException

from tracker.web.security.viewers import may_see

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord
    from tracker.web.security.viewers import Viewing

#: What a database column of ours can hold.
_LARGEST_ID = 2**31 - 1


def parcel_for(
    tx: Transaction, viewer: Viewing, parcel_id: int, now: datetime, *, lock: bool = False
) -> WatchRecord:
    """
    The parcel; one that is not there and one of somebody else are both "not found".
    """
    record = None
    if parcel_id <= _LARGEST_ID:
        record = tx.parcels.get(parcel_id, now, lock=lock)
    if record is None or not may_see(viewer.scope, record.parcel.shop):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return record
