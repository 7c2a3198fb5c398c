"""
Alerts that list parcels: one open alert for each list, which many parcels join and leave at once.

A list may be as long as the watch list, when a portal is down: nothing here reads all of it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from alerts.tally import Tally
    from tracker.model import AlertKind
    from tracker.store import Transaction
    from tracker.store.alertreading import OpenAlert
    from tracker.store.alerts import NewAlert


def the_one(tx: Transaction, new: NewAlert, now: datetime, tally: Tally) -> tuple[int, bool]:
    """
    The open alert of that kind on that subject, and whether it was opened just now.

    It is locked: nobody closes it as empty while parcels join it.
    """
    known = tx.alerts.open_on(new.subject, new.kind)
    if known is not None:
        return known.id, False
    opened = tx.alerts.open(new, now)
    if opened is not None:
        tally.opened += 1
        return opened, True
    raced = tx.alerts.open_on(new.subject, new.kind)
    if raced is None:
        raise RuntimeError(f"{new.kind} on {new.subject} could neither be opened nor found")
    return raced.id, False


def leave(tx: Transaction, kind: AlertKind, parcel_ids: Collection[int]) -> Iterable[OpenAlert]:
    """
    The parcels stand on no list of the kind any more; yields those that are empty now, locked.
    """
    leaving: dict[str, list[int]] = defaultdict(list)
    for parcel_id, subjects in tx.alerts.lists_with(parcel_ids, kind).items():
        for subject in subjects:
            leaving[subject].append(parcel_id)
    # In one order, so that two workers seldom wait crosswise; the one that PostgreSQL then ends
    # decides its parcels one by one.
    for subject in sorted(leaving):
        alert = tx.alerts.open_on(subject, kind)
        if alert is None:
            continue
        tx.alerts.uncover(alert.id, leaving[subject])
        if not tx.alerts.lists_any(alert.id):
            yield alert
