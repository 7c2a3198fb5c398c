"""
Canaries: numbers whose answer is known beforehand, and what a portal last said about them (R9).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from sqlalchemy import delete, exists, false, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import CarrierName, Outcome
from tracker.store.history import identity, is_foreign
from tracker.store.parts import in_parts
from tracker.store.tables import canaries, events, parcels
from tracker.store.types import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from tracker.model import ScanEvent

#: A canary that was not asked for so long is none any more.
FORGOTTEN_AFTER = timedelta(days=14)


class Expected(StrEnum):
    """
    What a canary's answer is known to be.
    """

    SCANNED = "scanned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryLook:
    """
    What the portal last said about a canary.

    ``right`` is ``None`` when the look failed, or was unclear, and says nothing.
    """

    tracking_number: str
    expected: Expected
    looked_at: datetime
    outcome: Outcome
    right: bool | None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """
    An event that a carrier has shown before, as far as its coming back is compared.
    """

    identity: str
    occurred_at: datetime | None
    is_scan: bool

    @classmethod
    def of(cls, event: ScanEvent) -> Self:
        """
        The event as it is kept.
        """
        return cls(identity=identity(event), occurred_at=event.occurred_at, is_scan=event.is_scan)


class Canaries:
    """
    Canaries within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, carrier: CarrierName, looked: Iterable[CanaryLook]) -> None:
        """
        Each canary's latest answer is on record; those not asked for a fortnight are forgotten.
        """
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        for look in looked:
            key = {"carrier": carrier.value, "tracking_number": look.tracking_number}
            values = {
                "expected": look.expected.value,
                "looked_at": look.looked_at,
                "outcome": look.outcome.value,
                "right": look.right,
                "detail": storable(look.detail)[:500] if look.detail else None,
            }
            statement = dialect.insert(canaries).values(**key, **values)
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=list(key), set_=values)
            )
            self._forget(carrier, look.looked_at - FORGOTTEN_AFTER)

    def of(self, carrier: CarrierName) -> tuple[CanaryLook, ...]:
        """
        The carrier's canaries with their latest answers, the latest first.
        """
        query = (
            select(canaries)
            .where(canaries.c.carrier == carrier.value)
            .order_by(canaries.c.looked_at.desc(), canaries.c.tracking_number)
        )
        return tuple(
            CanaryLook(
                tracking_number=row["tracking_number"],
                expected=Expected(row["expected"]),
                looked_at=row["looked_at"],
                outcome=Outcome(row["outcome"]),
                right=row["right"],
                detail=row["detail"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def lease_scanned(
        self,
        carrier: CarrierName,
        now: datetime,
        *,
        since: datetime,
        limit: int,
        owner: str,
        lease: timedelta,
        wrong_too: bool = False,
    ) -> dict[str, int]:
        """
        Parcels that the carrier has scanned since then, the latest first, leased like due ones.

        Ids by number. One whose latest answer as a canary was wrong is left out, unless
        ``wrong_too``.
        """
        query = (
            select(parcels.c.id, parcels.c.tracking_number)
            .where(
                parcels.c.carrier == carrier.value,
                parcels.c.first_scan_at >= since,
                parcels.c.first_scan_at <= now,
                parcels.c.scanned.is_not(false()),
                parcels.c.superseded_at.is_(None),
                parcels.c.archived_at.is_(None),
                parcels.c.order_number.is_not(None),
                parcels.c.lease_until.is_(None) | (parcels.c.lease_until <= now),
                _scanned_by(carrier),
                *(() if wrong_too else (~_answered_wrongly(carrier),)),
            )
            .order_by(parcels.c.first_scan_at.desc())
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = {row[1]: row[0] for row in self._connection.execute(query)}
        if found:
            self._connection.execute(
                update(parcels)
                .where(parcels.c.id.in_(found.values()))
                .values(lease_until=now + lease, lease_owner=owner)
            )
        return found

    def known_events(
        self, carrier: CarrierName, parcel_ids: Sequence[int]
    ) -> dict[int, tuple[Shown, ...]]:
        """
        What the carrier has shown of each of the parcels before; those without any are left out.
        """
        found: dict[int, list[Shown]] = {}
        for part in in_parts(parcel_ids):
            query = (
                select(
                    events.c.parcel_id,
                    parcels.c.created_at,
                    events.c.identity,
                    events.c.occurred_at,
                    events.c.is_scan,
                )
                .join(parcels, parcels.c.id == events.c.parcel_id)
                .where(events.c.parcel_id.in_(part), events.c.carrier == carrier.value)
                .order_by(events.c.id)
            )
            for parcel_id, ordered_at, key, at, is_scan in self._connection.execute(query):
                event = Shown(identity=key, occurred_at=at, is_scan=is_scan)
                if not is_foreign(event, ordered_at):
                    found.setdefault(parcel_id, []).append(event)
        return {parcel_id: tuple(listed) for parcel_id, listed in found.items()}

    def _forget(self, carrier: CarrierName, before: datetime) -> None:
        self._connection.execute(
            delete(canaries).where(
                canaries.c.carrier == carrier.value, canaries.c.looked_at < before
            )
        )


def _scanned_by(carrier: CarrierName) -> ColumnElement[bool]:
    return exists().where(
        events.c.parcel_id == parcels.c.id,
        events.c.carrier == carrier.value,
        events.c.is_scan.is_not(false()),
    )


def _answered_wrongly(carrier: CarrierName) -> ColumnElement[bool]:
    return exists().where(
        canaries.c.carrier == carrier.value,
        canaries.c.tracking_number == parcels.c.tracking_number,
        canaries.c.right.is_(false()),
    )
