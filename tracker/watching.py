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
    from collections.abc import Mapping
    from datetime import datetime

    from tracker.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord


def settle(tx: Transaction, parcel_id: int, deadlines: Deadlines, now: datetime) -> None:
    """
    The parcel's next look and next decision are stored; a parcel that is given up is archived.
    """
    settle_all(tx, {parcel_id: now}, deadlines)


def settle_all(tx: Transaction, when: Mapping[int, datetime], deadlines: Deadlines) -> None:
    """
    Each parcel is settled as of its own instant, as :func:`settle` does with one.
    """
    watched = [
        record
        for record in tx.parcels.records(when)
        if record.archived_at is None and record.superseded_at is None
    ]
    alerted = tx.parcels.with_open_alert(record.parcel.id for record in watched)
    cadence = Cadence(send_window=deadlines.settings.window)
    plans: dict[int, tuple[datetime | None, datetime | None]] = {}
    for record in watched:
        parcel, now = record.parcel, when[record.parcel.id]
        if record.put_off_reason is not None:
            tx.parcels.put_back(parcel.id)
        if parcel.order_number is None or parcel.tracking_number is None:
            plans[parcel.id] = (None, record.decide_at)
        elif is_archived(watch_of(record), now, cadence):
            tx.parcels.archive(parcel.id, now)
        else:
            look_at = _next_look_at(record, deadlines, cadence, now)
            decide_at = _decision_at(record, deadlines, now, alerted=parcel.id in alerted)
            plans[parcel.id] = (look_at, decide_at)
    tx.parcels.plan(plans)


def _next_look_at(
    record: WatchRecord, deadlines: Deadlines, cadence: Cadence, now: datetime
) -> datetime | None:
    if record.parcel.carrier is None:
        return None
    return next_look_at(watch_of(record), now, deadlines.calendar_of(record.parcel), cadence)


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
    record: WatchRecord, deadlines: Deadlines, now: datetime, *, alerted: bool
) -> datetime | None:
    parcel = record.parcel
    if alerted or record.unverified_since is not None or parcel.stage is Stage.LOST:
        return now
    status = parcel.seller_status
    if parcel.scanned or (status is not None and status.ends_scan_watch):
        return None
    return deadlines.decision_at(parcel)
