"""
What every room of the store has: one connection within one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from tracker.store.tables import parcels

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult


class Room:
    """
    One room of the store within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


class ParcelRoom(Room):
    """
    A room that writes rows of the watch list.
    """

    def _set(self, parcel_id: int, **values: Any) -> None:
        self._connection.execute(update(parcels).where(parcels.c.id == parcel_id).values(**values))


def inserted_id(result: CursorResult[Any]) -> int:
    """
    The id of the row that was just inserted.
    """
    key = result.inserted_primary_key
    if key is None:
        raise RuntimeError("the database gave no id for an inserted row")
    return int(key[0])
