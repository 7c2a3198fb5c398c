"""
One line per shop that asks for fresh orders, while clocks wait for the order status (R27).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from alerts.lists import leave, the_one
from tracker.model import AlertKind, ClosedBecause
from tracker.store.alerts import NewAlert
from tracker.store.snoozes import shop_subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.notices import Notices
    from alerts.tally import Tally
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

_KIND = AlertKind.STALE_ORDERS
_REASON = "the order status is older than what it should show"


class Freshness:
    """
    Keeps the list of a shop's parcels whose order status is too old.
    """

    def __init__(self, notices: Notices, tally: Tally) -> None:
        self._notices = notices
        self._tally = tally

    def settle(
        self,
        tx: Transaction,
        waiting: Sequence[WatchRecord],
        fresh: Sequence[WatchRecord],
        now: datetime,
    ) -> None:
        """
        Those that wait stand on a list of their shop, the fresh ones on none.

        A shop hears of its list once. Reminders come once per working day; the list ends without a
        word, with the last parcel.
        """
        for alert in leave(tx, _KIND, [one.parcel.id for one in fresh]):
            if tx.alerts.close(alert.id, ClosedBecause.RECOVERED, now):
                self._tally.closed += 1
                tx.outbox.supersede(alert.id)
        listed = tx.alerts.lists_with([one.parcel.id for one in waiting], _KIND)
        joining: dict[str, list[WatchRecord]] = defaultdict(list)
        for one in waiting:
            if one.parcel.id not in listed:
                joining[shop_subject(one.parcel.shop)].append(one)
        for subject in sorted(joining):
            self._join(tx, subject, joining[subject], now)

    def _join(
        self, tx: Transaction, subject: str, records: Sequence[WatchRecord], now: datetime
    ) -> None:
        parcel = records[0].parcel
        new = NewAlert(
            kind=_KIND,
            subject=subject,
            occasion=now.isoformat(),
            reason=_REASON,
            shop=parcel.shop,
            carrier=parcel.carrier,
        )
        alert_id, opened = the_one(tx, new, now, self._tally)
        tx.alerts.cover(alert_id, [one.parcel.id for one in records], now)
        if opened:
            self._notices.tell_shop(tx, alert_id, records[0], now)
