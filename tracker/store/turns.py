"""
Whose look is due: the lease by which workers share the parcels, and when each is looked at next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, or_, select, update

from tracker.store.conditions import live, not_put_off, unproved
from tracker.store.parts import in_parts
from tracker.store.puttingoff import PuttingOff
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from tracker.model import CarrierName


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLook:
    """
    A parcel to be asked about, and what its look may come to mean.

    ``carrier`` is the parcel's first one; of two portals it need not be the one that is asked.
    """

    parcel_id: int
    tracking_number: str
    carrier: str
    scanned: bool
    scan_deadline: datetime | None
    first_scan_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    When a parcel is looked at next and at whose portal, and when it is decided about next.

    ``None``: never.
    """

    look_at: datetime | None
    carrier: CarrierName | None
    decide_at: datetime | None


class Turns(PuttingOff):
    """
    Leases parcels for looking, and plans their looks.
    """

    def claim_due(
        self, carrier: CarrierName, now: datetime, *, limit: int, owner: str, lease: timedelta
    ) -> tuple[DueLook, ...]:
        """
        Up to ``limit`` parcels whose look is due, leased to ``owner``; no other worker gets them.
        """
        query = (
            select(
                parcels.c.id,
                parcels.c.tracking_number,
                parcels.c.carrier,
                parcels.c.scanned,
                parcels.c.scan_deadline,
                parcels.c.first_scan_at,
            )
            .where(
                parcels.c.next_carrier == carrier.value,
                parcels.c.next_look_at.is_not(None),
                parcels.c.next_look_at <= now,
                or_(parcels.c.lease_until.is_(None), parcels.c.lease_until <= now),
                not_put_off(now),
            )
            .order_by(parcels.c.next_look_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        due = tuple(
            DueLook(
                parcel_id=parcel_id,
                tracking_number=number,
                carrier=first,
                scanned=scanned,
                scan_deadline=deadline,
                first_scan_at=scan,
            )
            for parcel_id, number, first, scanned, deadline, scan in self._connection.execute(query)
        )
        if due:
            self._connection.execute(
                update(parcels)
                .where(parcels.c.id.in_([one.parcel_id for one in due]))
                .values(lease_until=now + lease, lease_owner=owner)
            )
        return due

    def release(self, parcel_ids: Iterable[int], owner: str) -> None:
        """
        The leases that ``owner`` still holds are given back.
        """
        self._connection.execute(
            update(parcels)
            .where(parcels.c.id.in_(list(parcel_ids)), parcels.c.lease_owner == owner)
            .values(lease_until=None, lease_owner=None)
        )

    def lock_free(self, parcel_ids: Iterable[int]) -> frozenset[int]:
        """
        Those of the parcels that no other transaction holds; they are this one's until it ends.

        Never waits, so that a transaction over many parcels cannot wait for one that waits for it.
        """
        query = (
            select(parcels.c.id)
            .where(parcels.c.id.in_(list(parcel_ids)))
            .with_for_update(skip_locked=True)
        )
        return frozenset(self._connection.execute(query).scalars())

    def plan(self, plans: Mapping[int, Plan]) -> None:
        """
        Each parcel's next look, at whose portal, and its next decision are as planned.
        """
        if plans:
            self._connection.execute(
                update(parcels).where(parcels.c.id == bindparam("of")),
                [
                    {
                        "of": parcel_id,
                        "next_look_at": plan.look_at,
                        "next_carrier": plan.carrier,
                        "decide_at": plan.decide_at,
                    }
                    for parcel_id, plan in plans.items()
                ],
            )

    def due_of_two(self, carrier: CarrierName, now: datetime) -> tuple[int, ...]:
        """
        Due parcels of two portals whose turn it is at this one; locked, nobody has leased them.
        """
        query = (
            select(parcels.c.id)
            .where(
                parcels.c.next_carrier == carrier.value,
                parcels.c.next_look_at.is_not(None),
                parcels.c.next_look_at <= now,
                parcels.c.second_carrier.is_not(None),
                or_(parcels.c.lease_until.is_(None), parcels.c.lease_until <= now),
                not_put_off(now),
            )
            .with_for_update(skip_locked=True)
        )
        return tuple(self._connection.execute(query).scalars())

    def look_soon(self, parcel_ids: Sequence[int], now: datetime) -> None:
        """
        The parcels are due for a look at once, unless nobody looks at them any more.

        What is due already keeps its place in the queue. A parcel that another transaction holds
        is left to it: waiting here, with deliveries locked, could be waiting for each other.
        """
        for part in in_parts(parcel_ids):
            free = (
                select(parcels.c.id)
                .where(parcels.c.id.in_(part), parcels.c.next_look_at > now)
                .with_for_update(skip_locked=True)
            )
            self._connection.execute(
                update(parcels)
                .where(parcels.c.id.in_(list(self._connection.execute(free).scalars())))
                .values(next_look_at=now)
            )

    def due_count(self, carrier: CarrierName, now: datetime) -> int:
        """
        How many looks of the carrier are due.
        """
        query = (
            select(func.count())
            .select_from(parcels)
            .where(
                parcels.c.next_carrier == carrier.value,
                parcels.c.next_look_at.is_not(None),
                parcels.c.next_look_at <= now,
            )
        )
        return self._connection.execute(query).scalar_one()

    def oldest_due(self, carrier: CarrierName, now: datetime) -> datetime | None:
        """
        Since when the carrier's longest-waiting look is due, among parcels that are not put off.
        """
        query = select(func.min(parcels.c.next_look_at)).where(
            parcels.c.next_carrier == carrier.value,
            parcels.c.next_look_at.is_not(None),
            parcels.c.next_look_at <= now,
            not_put_off(now),
        )
        oldest: datetime | None = self._connection.execute(query).scalar()
        return oldest

    def is_watched(self, carrier: CarrierName) -> bool:
        """
        True when any parcel of the carrier is going to be looked at.
        """
        waits = parcels.c.next_look_at.is_not(None)
        asked = or_(parcels.c.carrier == carrier.value, parcels.c.second_carrier == carrier.value)
        # The index answers the first; of two portals the turn may be at the other one just now.
        next_here = exists().where(parcels.c.next_carrier == carrier.value, waits)
        later = exists().where(parcels.c.second_carrier.is_not(None), asked, waits)
        return any(self._connection.execute(select(one)).scalar() for one in (next_here, later))

    def overdue_without_good_look(
        self, now: datetime, carrier: CarrierName | None = None
    ) -> tuple[int, ...]:
        """
        Parcels past their deadline that nobody looked at successfully since (at the carrier's).
        """
        query = select(parcels.c.id).where(unproved(now, carrier))
        return tuple(self._connection.execute(query).scalars())

    def reconsider(self, carrier: CarrierName, now: datetime) -> None:
        """
        The carrier can be trusted again: its late parcels are decided now, and looked at first.

        Locked in the order of their ids, as everywhere, so that two writers never wait in a circle.
        """
        late = (
            select(parcels.c.id)
            .where(
                or_(parcels.c.carrier == carrier.value, parcels.c.second_carrier == carrier.value),
                parcels.c.scan_deadline <= now,
                parcels.c.scanned.is_(False),
                parcels.c.order_number.is_not(None),
                live(),
            )
            .order_by(parcels.c.id)
            .with_for_update()
        )
        for part in in_parts(self._connection.execute(late).scalars().all()):
            self._connection.execute(
                update(parcels).where(parcels.c.id.in_(part)).values(decide_at=now)
            )
        for part in in_parts(self.overdue_without_good_look(now, carrier)):
            self.look_soon(part, now)
            # Of two portals this one's look is wanted, whosever turn it was.
            self._connection.execute(
                update(parcels).where(parcels.c.id.in_(part)).values(next_carrier=carrier.value)
            )
