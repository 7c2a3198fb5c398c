"""
How gently and how trustingly each carrier is treated, as rows that all processes share.

Its pace, the rounds that failed one after another, and the doubt about its last round (promises.md
R9, R22). Every change is one conditional statement, or happens under the carrier's locked row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from tracker.store.health import ensure_carrier
from tracker.store.tables import carriers

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from tracker.model import CarrierName


class Manners:
    """
    Pace and doubt within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -- pace --------------------------------------------------------------------------------

    def free_slot(self, name: CarrierName, now: datetime, *, furthest: timedelta) -> datetime:
        """
        The first instant, not before ``now``, that nobody has reserved for asking the carrier.

        The carrier's row is this transaction's until it ends, so that no two processes are told
        the same slot. A reservation that reaches further than ``furthest`` was made by a clock
        that has been set back since, and counts for nothing (promises.md R1).
        """
        ensure_carrier(self._connection, name)
        query = select(carriers.c.next_slot_at).where(carriers.c.name == name.value)
        reserved: datetime | None = self._connection.execute(query.with_for_update()).scalar()
        if reserved is None or not now < reserved <= now + furthest:
            return now
        return reserved

    def reserve(self, name: CarrierName, until: datetime) -> None:
        """
        Nobody else asks the carrier before ``until``; after :meth:`free_slot`, under its lock.
        """
        self._connection.execute(
            update(carriers).where(carriers.c.name == name.value).values(next_slot_at=until)
        )

    def not_before(self, name: CarrierName, at: datetime) -> None:
        """
        The next slot is not before ``at``; a later one stays.
        """
        ensure_carrier(self._connection, name)
        self._connection.execute(
            update(carriers)
            .where(
                carriers.c.name == name.value,
                or_(carriers.c.next_slot_at.is_(None), carriers.c.next_slot_at < at),
            )
            .values(next_slot_at=at)
        )

    # -- rounds without any good look --------------------------------------------------------

    def round_failed(self, name: CarrierName) -> int:
        """
        One more round without any good look; returns how many there are by now.
        """
        ensure_carrier(self._connection, name)
        counted = self._connection.execute(
            update(carriers)
            .where(carriers.c.name == name.value)
            .values(failing_rounds=carriers.c.failing_rounds + 1)
            .returning(carriers.c.failing_rounds)
        )
        return int(counted.scalar_one())

    def round_answered(self, name: CarrierName) -> None:
        """
        The carrier answered: failing rounds are counted from nought again.
        """
        self._connection.execute(
            update(carriers)
            .where(carriers.c.name == name.value, carriers.c.failing_rounds > 0)
            .values(failing_rounds=0)
        )

    # -- doubt -------------------------------------------------------------------------------

    def doubt(self, name: CarrierName, reason: str, at: datetime) -> None:
        """
        The round judged at ``at`` proves nothing, for this reason; nor does any look meanwhile.
        """
        ensure_carrier(self._connection, name)
        self._connection.execute(
            update(carriers)
            .where(carriers.c.name == name.value)
            .values(doubt=reason[:500], doubted_at=at)
        )

    def trust(self, name: CarrierName, *, asked_at: datetime) -> bool:
        """
        A round that began at ``asked_at`` was judged well; true if that ended a doubt.

        A doubt that arose after the round had begun stays.
        """
        ended = self._connection.execute(
            update(carriers)
            .where(
                carriers.c.name == name.value,
                carriers.c.doubt.is_not(None),
                carriers.c.doubted_at <= asked_at,
            )
            .values(doubt=None, doubted_at=None)
        )
        return ended.rowcount == 1
