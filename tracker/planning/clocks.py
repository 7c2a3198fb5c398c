"""
The other clocks of a parcel: at which instants something is to be decided beside its scan.

Only the arithmetic of days; whether anything is to be told then, ``alerts.clocks`` says. Pure.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tracker.model import AlertKind, SellerStatus, Service, Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tracker.model import Parcel
    from tracker.planning.deadlines import Deadlines
    from tracker.store.parcels import WatchRecord

#: Order statuses after which no delivery is awaited.
DELIVERY_ENDS = frozenset(
    {SellerStatus.DELIVERED, SellerStatus.FAILED, SellerStatus.RETURNED, SellerStatus.CANCELED}
)
#: The platform's months and days are counted by the clocks of mainland China.
_PLATFORM = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTimes:
    """
    When each clock strikes for one parcel, in UTC; ``None``: it is off, or cannot run any more.

    - ``cancel_near`` and ``cancelled_at``: one lead-time day before automatic cancellation, and it.
    - ``sync_by``: by when a scan should stand in Seller Center.
    - ``claims_end_soon`` and ``claims_end``: the warning, and three months after the order.
    - ``deliver_by``: when delivery is overdue.
    - ``picked_up_at`` and ``return_until``: a return's pick-up, and the end of the time to claim.
    - ``ready_by``: when an order that is still pending is told.
    """

    cancel_near: datetime | None = None
    cancelled_at: datetime | None = None
    sync_by: datetime | None = None
    claims_end_soon: datetime | None = None
    claims_end: datetime | None = None
    deliver_by: datetime | None = None
    picked_up_at: datetime | None = None
    return_until: datetime | None = None
    ready_by: datetime | None = None

    def instants(self) -> tuple[datetime, ...]:
        """
        Every instant at which a clock strikes or ends, in no order.
        """
        known = (getattr(self, name) for name in self.__slots__)
        return tuple(one for one in known if one is not None)


def clock_times(record: WatchRecord, deadlines: Deadlines) -> ClockTimes:
    """
    The parcel's clocks under the present settings and calendar (domain.md 1.2, 1.6, 1.7).
    """
    parcel, clocks = record.parcel, deadlines.settings.watch.clocks
    on = deadlines.settings.clocks_on(parcel.shop)
    calendar = deadlines.calendar_of(parcel)
    awaited = _is_scan_awaited(parcel)
    risky = awaited and AlertKind.CANCEL_RISK in on
    claimable = (awaited or parcel.stage is Stage.LOST) and AlertKind.CLAIM_WINDOW in on
    claims_end = _months_on(parcel.created_at if claimable else None, clocks.claim_window_months)
    unsynced = AlertKind.NOT_SYNCHRONISED in on and not _says_shipped(parcel.seller_status)
    underway = AlertKind.OVERDUE_DELIVERY in on and not _is_delivered(parcel)
    pending = AlertKind.PENDING_ORDER in on and parcel.seller_status is SellerStatus.PENDING
    picked_up_at = record.picked_up_at if AlertKind.RETURN_CLAIM in on else None

    def working_days(days: int) -> Callable[[datetime], datetime]:
        return lambda at: calendar.add_working_days(at, days)

    return ClockTimes(
        cancel_near=deadlines.claim_by(parcel) if risky else None,
        cancelled_at=parcel.auto_cancel_at if risky else None,
        sync_by=_on(
            parcel.first_scan_at if unsynced else None, working_days(clocks.sync_working_days)
        ),
        claims_end_soon=_on(
            claims_end, lambda at: at - timedelta(days=clocks.claim_window_warning_days)
        ),
        claims_end=claims_end,
        deliver_by=_on(
            parcel.first_scan_at if underway else None,
            lambda at: _deliver_by(parcel, deadlines, at),
        ),
        picked_up_at=picked_up_at,
        return_until=_on(picked_up_at, lambda at: return_until(parcel, deadlines, at)),
        ready_by=_on(
            parcel.created_at if pending else None, working_days(clocks.pending_working_days)
        ),
    )


def return_until(parcel: Parcel, deadlines: Deadlines, picked_up_at: datetime) -> datetime:
    """
    Until when a wrong product in a return can be claimed (domain.md 1.6).
    """
    days = deadlines.settings.watch.clocks.return_claim_working_days
    return deadlines.calendar_of(parcel).add_working_days(picked_up_at, days)


def waits_for_status(record: WatchRecord, deadlines: Deadlines, now: datetime) -> bool:
    """
    True if a clock has struck that needs the order's status of then or later (promises.md R27).
    """
    times, seen = clock_times(record, deadlines), record.parcel.seller_status_at
    struck = (times.sync_by, times.deliver_by, times.ready_by)
    return any(at is not None and at <= now and (seen is None or seen < at) for at in struck)


def _is_scan_awaited(parcel: Parcel) -> bool:
    status = parcel.seller_status
    ended = status is not None and status.ends_scan_watch
    return not parcel.scanned and not ended


def _says_shipped(status: SellerStatus | None) -> bool:
    """
    True for an order that was never said to be unshipped: without a status nothing can be missed.
    """
    return status is None or status is SellerStatus.CANCELED or status.ends_scan_watch


def _is_delivered(parcel: Parcel) -> bool:
    if parcel.seller_status is None:
        return True  # nobody ever gave this order's status: its delivery cannot be judged
    over = parcel.stage is not None and parcel.stage.is_terminal
    return over or parcel.seller_status in DELIVERY_ENDS


def _deliver_by(parcel: Parcel, deadlines: Deadlines, scanned_at: datetime) -> datetime | None:
    """
    Silence after export is normal for postal parcels, so that their clock is off by default.
    """
    clocks = deadlines.settings.watch.clocks
    if parcel.service is not Service.POSTAL:
        return scanned_at + timedelta(days=clocks.delivery_days)
    if not clocks.postal_delivery:
        return None
    calendar = deadlines.calendar_of(parcel)
    return calendar.add_working_days(scanned_at, clocks.postal_delivery_working_days)


def _on(at: datetime | None, count: Callable[[datetime], datetime | None]) -> datetime | None:
    return None if at is None else count(at)


def _months_on(at: datetime | None, months: int) -> datetime | None:
    """
    The same day that many months later, the month's last one where there is no such day.
    """
    if at is None:
        return None
    local = at.astimezone(_PLATFORM)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(at.tzinfo)
