"""
Alerts as people list them: what runs out first stands first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from tracker.urgemail import urge_mail_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.model import Alert, Parcel
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.urgemail import UrgeMail

_NO_LIMIT = 10**6
#: Of an alert that covers more parcels than these, not all are read.
_FEW = 10
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAlert:
    """
    An alert with the automatic cancellation of its parcel, of several the first one.

    ``working_days_left`` are whole lead-time days from now until then, 0 from then on. Both are
    ``None`` where no cancellation is known, and for a closed alert, which has no hurry.
    """

    alert: Alert
    auto_cancel_at: datetime | None
    working_days_left: int | None
    urge_mail: UrgeMail | None


def listed(
    tx: Transaction, deadlines: Deadlines, alerts: Iterable[Alert], now: datetime
) -> tuple[ListedAlert, ...]:
    """
    The alerts with the fewest working days left first, then by deadline; closed ones last.
    """
    alerts = tuple(alerts)
    wanted = {alert.id: _that_tell(tx, alert) for alert in alerts}
    records = tx.parcels.records(dict.fromkeys(chain.from_iterable(wanted.values()), now))
    parcels = {record.parcel.id: record.parcel for record in records}
    found = (
        _listed(alert, [parcels[one] for one in wanted[alert.id] if one in parcels], deadlines, now)
        for alert in alerts
    )
    return tuple(sorted(found, key=_hurry))


def _that_tell(tx: Transaction, alert: Alert) -> tuple[int, ...]:
    """
    The parcels to be read for the alert: its first one, and of many the first to be cancelled.
    """
    if len(alert.parcel_ids) <= _FEW:
        return alert.parcel_ids
    first = tx.parcels.first_cancelled(alert.parcel_ids)
    return (alert.parcel_ids[0], *(one for one in (first,) if one is not None))


def _listed(
    alert: Alert, own: Sequence[Parcel], deadlines: Deadlines, now: datetime
) -> ListedAlert:
    cancelled = [
        (at, parcel)
        for parcel in own
        if alert.closed_at is None and (at := deadlines.cancels_at(parcel)) is not None
    ]
    at, first = min(cancelled, key=lambda one: one[0], default=(None, None))
    return ListedAlert(
        alert=alert,
        auto_cancel_at=at,
        working_days_left=deadlines.working_days_left(first, now) if first else None,
        urge_mail=urge_mail_of(alert, own[0], deadlines.settings) if own else None,
    )


def _hurry(one: ListedAlert) -> tuple[bool, int, datetime, datetime, int]:
    alert = one.alert
    return (
        alert.closed_at is not None,
        _NO_LIMIT if one.working_days_left is None else one.working_days_left,
        one.auto_cancel_at or _NEVER,
        alert.deadline or _NEVER,
        alert.id,
    )
