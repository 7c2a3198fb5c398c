"""
One line per shop that asks for fresh orders, while clocks wait for the order status (R27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model import AlertKind, ClosedBecause
from tracker.store.alerts import NewAlert
from tracker.store.snoozes import shop_subject

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.notices import Notices
    from alerts.tally import Tally
    from tracker.model import Alert
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

    def set_wanted(
        self, tx: Transaction, record: WatchRecord, now: datetime, *, wanted: bool
    ) -> None:
        """
        The parcel stands on its shop's list, or no longer does; the shop hears of the list once.

        Reminders come once per working day; the list ends without a word, with the last parcel.
        """
        parcel_id = record.parcel.id
        listed = [one for one in tx.alerts.covering(parcel_id) if _is_open_list(one)]
        if wanted and not listed:
            self._put(tx, record, now)
        elif not wanted:
            for one in listed:
                self._tally.closed += _take_off(tx, one, parcel_id, now)

    def _put(self, tx: Transaction, record: WatchRecord, now: datetime) -> None:
        shop, carrier = record.parcel.shop, record.parcel.carrier
        known = tx.alerts.open_on(shop_subject(shop), _KIND)
        alert_id = known.id if known else None
        if alert_id is None:
            new = NewAlert(
                kind=_KIND,
                subject=shop_subject(shop),
                occasion=now.isoformat(),
                reason=_REASON,
                shop=shop,
                carrier=carrier,
            )
            alert_id = tx.alerts.open(new, now)
            if alert_id is None:
                return  # another decider opened it just now: the next decision joins the list
            self._tally.opened += 1
            self._notices.tell_shop(tx, alert_id, record, now)
        tx.alerts.cover(alert_id, record.parcel.id, now)


def _is_open_list(alert: Alert) -> bool:
    return alert.kind is _KIND and alert.closed_at is None


def _take_off(tx: Transaction, listed: Alert, parcel_id: int, now: datetime) -> bool:
    """
    The parcel is off the list; true if the list has ended with it.
    """
    alert = tx.alerts.open_on(listed.subject, _KIND)
    if alert is None:
        return False
    tx.alerts.uncover(alert.id, parcel_id)
    if not set(alert.parcel_ids) <= {parcel_id}:
        return False
    if not tx.alerts.close(alert.id, ClosedBecause.RECOVERED, now):
        return False
    tx.outbox.supersede(alert.id)
    return True
