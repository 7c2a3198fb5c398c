"""
What went to whom, what waits, and what was refused: the outbox as people ask about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select, true

from tracker.model import AlertKind, Delivery, DeliveryState
from tracker.store.deliveries import PENDING, SENDING, delivery_of
from tracker.store.parts import in_parts
from tracker.store.picking import UNSENT
from tracker.store.room import Room
from tracker.store.tables import alerts, deliveries, messages
from tracker.urgemail import SEKO_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

#: Deliveries that reached somebody, or may have; Seko's service, which is only urged, is nobody.
_REACHED = (deliveries.c.channel != SEKO_SERVICE) & deliveries.c.state.in_(
    [DeliveryState.SENT.value, SENDING]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxState:
    """
    How full the outbox is.
    """

    pending: int
    oldest_pending_at: datetime | None
    refused: int

    def oldest_waiting_seconds(self, now: datetime) -> int | None:
        """
        For how long the oldest one waits; 0 for one that is not due yet, ``None`` for none.
        """
        oldest = self.oldest_pending_at
        return None if oldest is None else max(0, int((now - oldest).total_seconds()))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """
    A delivery in the history: with its alert's kind, and the reference of its message.
    """

    delivery: Delivery
    kind: AlertKind
    created_at: datetime
    next_attempt_at: datetime
    reference: str | None


class Told(Room):
    """
    Reads deliveries, and changes none.
    """

    def told(self, alert_id: int) -> tuple[Delivery, ...]:
        """
        The deliveries of an alert that reached somebody, or may have: one is being sent just now.

        Seko's service, which was only urged, is not among who was told.
        """
        query = select(deliveries).where(deliveries.c.alert_id == alert_id, _REACHED)
        return tuple(delivery_of(row) for row in self._connection.execute(query).mappings())

    def known_of(self, alert_ids: Iterable[int]) -> frozenset[int]:
        """
        Those of the alerts of which somebody was told, or may have been, as :meth:`told` has it.
        """
        found: set[int] = set()
        for part in in_parts(alert_ids):
            query = select(deliveries.c.alert_id).where(deliveries.c.alert_id.in_(part), _REACHED)
            found.update(self._connection.execute(query).scalars())
        return frozenset(found)

    def refused_alerts(self) -> tuple[int, ...]:
        """
        Open alerts of which a delivery was refused.
        """
        query = (
            select(deliveries.c.alert_id)
            .join(alerts, alerts.c.id == deliveries.c.alert_id)
            .where(deliveries.c.state == DeliveryState.REFUSED.value, alerts.c.closed_at.is_(None))
            .distinct()
        )
        return tuple(self._connection.execute(query).scalars())

    def refused_recipients(self) -> tuple[tuple[str, str, str | None, int], ...]:
        """
        Channel, recipient, last error and number of the parked deliveries.
        """
        query = (
            select(
                deliveries.c.channel,
                deliveries.c.recipient,
                func.max(deliveries.c.last_error),
                func.count(),
            )
            .where(deliveries.c.state == DeliveryState.REFUSED.value)
            .group_by(deliveries.c.channel, deliveries.c.recipient)
        )
        return tuple((row[0], row[1], row[2], row[3]) for row in self._connection.execute(query))

    def history(
        self,
        *,
        shop: str | None = None,
        channel: str | None = None,
        state: DeliveryState | None = None,
        scope: frozenset[str] | None = None,
        before: int | None = None,
        limit: int,
    ) -> tuple[DeliveryRecord, ...]:
        """
        The newest deliveries first, of every alert, at most ``limit``.

        Of the shops in ``scope`` only, unless it is ``None``; behind the delivery ``before``.
        """
        wanted = {deliveries.c.shop: shop, deliveries.c.channel: channel, deliveries.c.state: state}
        query = (
            select(deliveries, alerts.c.kind, messages.c.reference)
            .join(alerts, alerts.c.id == deliveries.c.alert_id)
            .outerjoin(messages, messages.c.id == deliveries.c.message_id)
            .where(*(column == value for column, value in wanted.items() if value is not None))
            .where(true() if scope is None else deliveries.c.shop.in_(sorted(scope)))
            .where(true() if before is None else deliveries.c.id < before)
            .order_by(deliveries.c.id.desc())
            .limit(limit)
        )
        return tuple(
            DeliveryRecord(
                delivery=delivery_of(row),
                kind=AlertKind(row["kind"]),
                created_at=row["created_at"],
                next_attempt_at=row["next_attempt_at"],
                reference=row["reference"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def state(self) -> OutboxState:
        """
        How many deliveries wait, since when, and how many are parked.
        """
        query = select(
            func.count().filter(UNSENT),
            # What was tried waits since it was made; what was not, since it was first due.
            func.min(
                case(
                    (deliveries.c.attempts > 0, deliveries.c.created_at),
                    else_=deliveries.c.next_attempt_at,
                )
            ).filter(UNSENT),
            func.count().filter(deliveries.c.state == DeliveryState.REFUSED.value),
        )
        pending, oldest, refused = self._connection.execute(query).one()
        return OutboxState(pending=pending, oldest_pending_at=oldest, refused=refused)

    def due_first_notices(self, now: datetime) -> tuple[int, ...]:
        """
        Alerts whose first notice is due and was never claimed.
        """
        query = (
            select(deliveries.c.alert_id)
            .where(
                deliveries.c.state == PENDING,
                deliveries.c.notice == "first",
                deliveries.c.message_id.is_(None),
                deliveries.c.next_attempt_at <= now,
            )
            .distinct()
        )
        return tuple(self._connection.execute(query).scalars())
