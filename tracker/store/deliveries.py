"""
A delivery: one notice of an alert to one recipient on one channel, as rows hold it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model import Delivery, DeliveryState

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

PENDING = DeliveryState.PENDING.value
SENDING = DeliveryState.SENDING.value
#: Notices that end an alert; they travel apart from those that open or repeat one.
CLOSING = ("resolved", "withdrawn")


def delivery_of(row: RowMapping) -> Delivery:
    """
    A delivery row as a value.
    """
    return Delivery(
        id=row["id"],
        alert_id=row["alert_id"],
        shop=row["shop"],
        channel=row["channel"],
        recipient=row["recipient"],
        notice=row["notice"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        sent_at=row["sent_at"],
        last_error=row["last_error"],
        message_id=row["message_id"],
    )
