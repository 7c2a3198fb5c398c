"""
What people did: who marked, said or put off what, and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from tracker.model import Act, StoredAct
from tracker.store.parts import in_parts
from tracker.store.room import Room
from tracker.store.tables import acts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import RowMapping


class Acts(Room):
    """
    The acts on parcels and alerts within one transaction; they are only added to.
    """

    def note(
        self,
        act: Act,
        now: datetime,
        *,
        author: str | None,
        parcel_ids: Iterable[int] = (),
        alert_id: int | None = None,
        speaks_of: datetime | None = None,
        detail: str | None = None,
    ) -> None:
        """
        The act is on record with each of the parcels, or, without any, with the alert alone.
        """
        about: list[int | None] = list(parcel_ids) or [None]
        known = {
            "at": now,
            "act": act.value,
            "author": author,
            "alert_id": alert_id,
            "speaks_of": speaks_of,
            "detail": detail,
        }
        rows = [known | {"parcel_id": parcel_id} for parcel_id in about]
        self._connection.execute(insert(acts), rows)

    def of(self, parcel_id: int) -> tuple[StoredAct, ...]:
        """
        Everything that people did about the parcel, oldest first.
        """
        query = select(acts).where(acts.c.parcel_id == parcel_id).order_by(acts.c.id)
        return tuple(_act(row) for row in self._connection.execute(query).mappings())

    def latest(self, alert_ids: Iterable[int]) -> dict[int, StoredAct]:
        """
        What was done last about each of the alerts; those that nobody touched are left out.
        """
        found: dict[int, StoredAct] = {}
        for part in in_parts(alert_ids):
            last = (
                select(func.max(acts.c.id))
                .where(acts.c.alert_id.in_(part))
                .group_by(acts.c.alert_id)
            )
            query = select(acts).where(acts.c.id.in_(last))
            for row in self._connection.execute(query).mappings():
                found[row["alert_id"]] = _act(row)
        return found


def _act(row: RowMapping) -> StoredAct:
    return StoredAct(
        at=row["at"],
        act=Act(row["act"]),
        author=row["author"],
        alert_id=row["alert_id"],
        speaks_of=row["speaks_of"],
        detail=row["detail"],
    )
