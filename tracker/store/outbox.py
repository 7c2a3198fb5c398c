"""
The outbox: which notice goes to whom, leased before it is sent and marked after (promises.md R11).

A row is one (alert, channel, recipient, notice). Rows to one recipient travel together in a
message, whose reference and lines are frozen when it is claimed, so that a second attempt is
recognisably the same message. Picking, sending and reading stand in rooms of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import DeliveryState
from tracker.store.deliveries import CLOSING, PENDING
from tracker.store.parts import in_parts
from tracker.store.picking import Picking
from tracker.store.sending import Sending
from tracker.store.tables import alerts, deliveries
from tracker.store.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


class Outbox(Picking, Sending, Told):
    """
    Deliveries and messages within one transaction.
    """

    def add(
        self,
        alert_id: int,
        *,
        shop: str | None,
        recipients: Iterable[tuple[str, str]],
        notice: str,
        now: datetime,
        not_before: datetime,
    ) -> int:
        """
        The notice will go to each (channel, recipient) once; returns how many were new.
        """
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        added = 0
        for channel, recipient in dict.fromkeys(recipients):
            new = self._connection.execute(
                dialect.insert(deliveries)
                .values(
                    alert_id=alert_id,
                    shop=shop,
                    channel=channel,
                    recipient=recipient,
                    notice=notice,
                    state=PENDING,
                    attempts=0,
                    created_at=now,
                    next_attempt_at=not_before,
                )
                .on_conflict_do_nothing()
                .returning(deliveries.c.id)
            )
            added += new.scalar() is not None
        return added

    def supersede(self, alert_id: int) -> int:
        """
        What was not sent yet about the alert will not be sent (promises.md R12).
        """
        result = self._connection.execute(
            update(deliveries)
            .where(deliveries.c.alert_id == alert_id, deliveries.c.state == PENDING)
            .values(state=DeliveryState.SUPERSEDED.value, lease_until=None)
        )
        return result.rowcount

    def again(self, alert_id: int, not_before: datetime) -> None:
        """
        First notices that were superseded before they were sent are due after all.
        """
        self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.alert_id == alert_id,
                deliveries.c.notice == "first",
                deliveries.c.state == DeliveryState.SUPERSEDED.value,
            )
            .values(
                state=PENDING,
                message_id=None,
                attempts=0,
                next_attempt_at=not_before,
                recheck_since=None,
            )
        )

    def assume_sent(self, delivery_ids: Sequence[int]) -> None:
        """
        Deliveries whose sender died count as told: they may have arrived, so their end is told.
        """
        for part in in_parts(delivery_ids):
            self._connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(part))
                .values(
                    state=DeliveryState.SENT.value,
                    lease_until=None,
                    lease_owner=None,
                    last_error="the process died while sending: it may have arrived",
                )
            )

    def drop(self, delivery_ids: Sequence[int]) -> None:
        """
        Deliveries whose facts changed before they were sent are superseded.
        """
        for part in in_parts(delivery_ids):
            self._connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(part))
                .values(state=DeliveryState.SUPERSEDED.value, lease_until=None, lease_owner=None)
            )

    def put_back(self, delivery_ids: Sequence[int], until: datetime) -> None:
        """
        The deliveries leave the message that did not arrive, and are due in a new one then.
        """
        for part in in_parts(delivery_ids):
            self._connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(part), deliveries.c.state == PENDING)
                .values(message_id=None, attempts=0, next_attempt_at=until, recheck_since=None)
            )

    def revive(self, channel: str, recipient: str, now: datetime) -> int:
        """
        Refused deliveries to a repaired recipient are due again, unless their alert ended since.

        The news that it ended is due too: whoever claims it checks whether it is still wanted.
        """
        still_open = select(alerts.c.id).where(alerts.c.closed_at.is_(None))
        result = self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.channel == channel,
                deliveries.c.recipient == recipient,
                deliveries.c.state == DeliveryState.REFUSED.value,
                or_(deliveries.c.alert_id.in_(still_open), deliveries.c.notice.in_(CLOSING)),
            )
            .values(state=PENDING, next_attempt_at=now, attempts=0)
        )
        return result.rowcount
