"""
Mailing the urge to Seko's customer service: when it may go, and what follows from it.

A stranger reads it, so it needs more than a message to a shop: a look of the last hour and a half
that shows no scan, at portals that nobody doubts, however long that takes. It is one mail a day for
each shop; once it was sent, the alert is marked as urged, and the wait before the claim begins.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from alerts.holding import is_mistrusted, is_stale
from tracker.acting.marking import Marker
from tracker.model import AlertState
from tracker.urgemail import AUTHOR, is_to_be_mailed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from alerts.subjects import Subjects
    from tracker.model import Alert, Delivery
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Settings
    from tracker.store import Transaction


def is_still_asked(
    subjects: Subjects, settings: Settings, delivery: Delivery, alert: Alert
) -> bool:
    """
    True while the mail is wanted: by the settings, for this address, and for a given hand-over.
    """
    if settings.urge_mail_to != delivery.recipient:
        return False
    record = subjects.of(alert)
    return record is not None and is_to_be_mailed(alert.kind, record.parcel)


def is_sure(subjects: Subjects, alert: Alert, now: datetime) -> bool:
    """
    True if a fresh look at portals in no doubt shows no scan (promises.md R3, R9, R12).
    """
    if alert.proof is None or is_stale(alert, now) or is_mistrusted(subjects, alert):
        return False
    record = subjects.of(alert)
    return record is not None and not record.parcel.scanned


def next_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """
    00:00 of the next day in that zone.
    """
    day = instant.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone)


def mark_urged(
    tx: Transaction, deadlines: Deadlines, alert_ids: Iterable[int], now: datetime
) -> None:
    """
    The alerts are urged as of now; one that a person has marked in the meantime keeps his time.
    """
    told = tx.alerts.several(alert_ids).values()
    marker = Marker(tx, deadlines, now, author=AUTHOR)
    marker.urge(*(alert for alert in told if alert.state is not AlertState.ACTED))
