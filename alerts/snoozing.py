"""
What somebody does not want to hear before a certain time; the end of an alert is told all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model import DeliveryState
from tracker.store.snoozes import shop_subject

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.model import Alert, Delivery
    from tracker.store import Transaction
    from tracker.store.picking import Picked


def asleep_until(tx: Transaction, alert: Alert, shop: str | None, now: datetime) -> datetime | None:
    """
    Until when nothing of the alert is sent to the shop; ``None`` if it may be.
    """
    ends = [alert.snoozed_until]
    if shop is not None and shop != alert.shop:  # an operator's list is told to many shops
        own = tx.snoozes.of([shop_subject(shop)]).get(shop_subject(shop))
        ends.append(own.until if own else None)
    return max((end for end in ends if end is not None and end > now), default=None)


def awake(
    tx: Transaction, picked: Picked, pairs: list[tuple[Delivery, Alert]], now: datetime
) -> list[tuple[Delivery, Alert]]:
    """
    The deliveries of alerts that are not snoozed; the others are due when their snooze ends.

    What may have been sent already goes on: the same message must not come under a second
    reference (promises.md P3).
    """
    if picked.closing:
        return pairs
    kept = []
    for delivery, alert in pairs:
        until = asleep_until(tx, alert, delivery.shop, now)
        if until is None or delivery.state is DeliveryState.SENDING:
            kept.append((delivery, alert))
        else:
            tx.outbox.put_back([delivery.id], until)
    return kept
