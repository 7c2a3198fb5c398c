"""
One attempt to send a message: its lines frozen under a lease, its outcome marked (R11, R13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from tracker.model import DeliveryState
from tracker.store.counters import DELIVERIES
from tracker.store.deliveries import PENDING, SENDING
from tracker.store.parts import in_parts
from tracker.store.room import Room, inserted_id
from tracker.store.tables import deliveries, messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Row

    from tracker.store.counters import Counters
    from tracker.store.picking import Picked

#: How an attempt that is made again counts among the totals.
RETRIED = "retried"


class Sending(Room):
    """
    Leases deliveries and marks them; every mark is conditional on the lease.
    """

    def __init__(self, connection: Connection, counters: Counters) -> None:
        super().__init__(connection)
        self._counters = counters

    def freeze(
        self,
        picked: Picked,
        *,
        reference: str,
        lines: Sequence[Mapping[str, Any]],
        delivery_ids: Sequence[int],
        now: datetime,
        owner: str,
        lease: timedelta,
    ) -> int:
        """
        The message exists with its reference and lines, and ``owner`` has leased its deliveries.
        """
        message_id = picked.message_id
        if message_id is None:
            result = self._connection.execute(
                insert(messages).values(
                    shop=picked.shop,
                    channel=picked.channel,
                    recipient=picked.recipient,
                    reference=reference,
                    created_at=now,
                    lines=list(lines),
                    closing=picked.closing,
                )
            )
            message_id = inserted_id(result)
        for part in in_parts(delivery_ids):
            self._connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(part))
                .values(
                    state=SENDING,
                    message_id=message_id,
                    lease_until=now + lease,
                    lease_owner=owner,
                    attempts=deliveries.c.attempts + 1,
                )
            )
        return message_id

    def sent(self, message_id: int, owner: str, now: datetime) -> int:
        """
        The message's leased deliveries are marked as sent; returns how many.
        """
        marked = self._finish(message_id, owner, state=DeliveryState.SENT.value, sent_at=now)
        for row in marked:
            self._counters.delivered(row.channel, row.created_at, now)
        if marked:
            self._connection.execute(
                update(messages).where(messages.c.id == message_id).values(sent_at=now)
            )
        return len(marked)

    def retry(self, message_id: int, owner: str, at: datetime, why: str) -> int:
        """
        The message's leased deliveries wait for another attempt at ``at``.
        """
        waiting = self._finish(
            message_id, owner, state=PENDING, next_attempt_at=at, last_error=why[:500]
        )
        return len(waiting)

    def refused(self, message_id: int, owner: str, why: str) -> int:
        """
        The message's leased deliveries are parked until a person repairs something.
        """
        parked = self._finish(
            message_id, owner, state=DeliveryState.REFUSED.value, last_error=why[:500]
        )
        return len(parked)

    def given_up(self, message_id: int, owner: str, why: str) -> int:
        """
        The message's leased deliveries are not tried again: something else was told in their place.
        """
        ended = self._finish(
            message_id, owner, state=DeliveryState.SUPERSEDED.value, last_error=why[:500]
        )
        return len(ended)

    def _finish(
        self, message_id: int, owner: str, *, state: str, **values: Any
    ) -> Sequence[Row[Any]]:
        """
        The leased deliveries are in the state; channel and beginning of each.
        """
        result = self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.message_id == message_id,
                deliveries.c.state == SENDING,
                deliveries.c.lease_owner == owner,
            )
            .values(lease_until=None, lease_owner=None, state=state, **values)
            .returning(deliveries.c.channel, deliveries.c.created_at)
        )
        finished = result.all()
        for row in finished:
            self._counters.add(DELIVERIES, row.channel, RETRIED if state == PENDING else state)
        return finished
