"""
Alerts as people list them: what runs out first stands first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracker.urgemail import urge_mail_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tracker.deadlines import Deadlines
    from tracker.model import Alert, Parcel
    from tracker.store import Transaction
    from tracker.urgemail import UrgeMail

_NO_LIMIT = 10**6
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
    ids = {one for alert in alerts for one in alert.parcel_ids}
    records = tx.parcels.records(dict.fromkeys(ids, now))
    parcels = {record.parcel.id: record.parcel for record in records}
    found = (_listed(alert, parcels, deadlines, now) for alert in alerts)
    return tuple(sorted(found, key=_hurry))


def _listed(
    alert: Alert, parcels: Mapping[int, Parcel], deadlines: Deadlines, now: datetime
) -> ListedAlert:
    own = [parcels[one] for one in alert.parcel_ids if one in parcels]
    cancelled = [
        (at, deadlines.working_days_left(parcel, now))
        for parcel in own
        if alert.closed_at is None and (at := deadlines.cancels_at(parcel)) is not None
    ]
    auto_cancel_at, left = min(cancelled, key=lambda one: one[0], default=(None, None))
    return ListedAlert(
        alert=alert,
        auto_cancel_at=auto_cancel_at,
        working_days_left=left,
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
