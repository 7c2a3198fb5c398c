"""
After any change to a parcel: when to look at it next, and when to decide about it next.

Called in the transaction that made the change, so that no fact is ever stored without its
consequences being due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.cadence import Cadence, Watch, is_archived, next_look_at
from tracker.model import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord


def settle(tx: Transaction, parcel_id: int, deadlines: Deadlines, now: datetime) -> None:
    """
    The parcel's next look and next decision are stored; a parcel that is given up is archived.
    """
    record = tx.parcels.get(parcel_id, now)
    if record is None or record.archived_at is not None or record.superseded_at is not None:
        return
    if record.parcel.order_number is None or record.parcel.tracking_number is None:
        tx.parcels.schedule(parcel_id, None)
        return
    watch = watch_of(record)
    cadence = Cadence(send_window=deadlines.settings.window)
    if is_archived(watch, now, cadence):
        tx.parcels.archive(parcel_id, now)
        return
    calendar = deadlines.calendar_of(record.parcel)
    asked = record.parcel.carrier is not None
    tx.parcels.schedule(parcel_id, next_look_at(watch, now, calendar, cadence) if asked else None)
    tx.parcels.decide_at(parcel_id, _decision_at(tx, record, deadlines, now))


def watch_of(record: WatchRecord) -> Watch:
    """
    What the cadence needs to know of the parcel.
    """
    parcel = record.parcel
    return Watch(
        key=parcel.tracking_number or str(parcel.id),
        first_seen_at=parcel.first_seen_at,
        service=parcel.service,
        seller_status=parcel.seller_status,
        stage=parcel.stage,
        scanned=parcel.scanned,
        first_scan_at=parcel.first_scan_at,
        created_at=parcel.created_at,
        handed_over_at=parcel.handed_over_at,
        handover_assumed=parcel.handover_assumed,
        scan_deadline=parcel.scan_deadline,
        last_look_at=parcel.last_look_at,
        last_outcome=parcel.last_outcome,
        last_good_look_at=parcel.last_good_look_at,
        last_news_at=record.last_news_at,
        failures=record.failures,
        claimed_at=record.claimed_at,
    )


def _decision_at(
    tx: Transaction, record: WatchRecord, deadlines: Deadlines, now: datetime
) -> datetime | None:
    parcel = record.parcel
    open_matter = tx.parcels.has_open_alert(parcel.id) or record.unverified_since is not None
    if open_matter or parcel.stage is Stage.LOST:
        return now
    status = parcel.seller_status
    if parcel.scanned or (status is not None and status.ends_scan_watch):
        return None
    return deadlines.decision_at(tx.parcels.draft(parcel.id))
