"""
When to look at a parcel next: a pure function of what is known, the clock and the calendar.

Fast until the first scan and around the deadline, daily after it, never once nothing can change
(the rules: issue "the whole job", item 8, but sparser after the scan: docs/performance.md;
promises.md R3 and R26). Every due time is kept in a table by the caller; nothing here remembers
anything. A carrier's cool-down is not decided here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tracker.calendar.sendwindow import SendWindow
from tracker.model import Outcome, SellerStatus, Service, Stage

if TYPE_CHECKING:
    from tracker.calendar import WorkingCalendar


_WORKING_HOURS = SendWindow.parse("08:00-20:00")
_SEND_WINDOW = SendWindow.parse("08:30-20:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """
    How often to look. Every number is a default that a caller may replace.

    ``stagger`` is the share of a pace by which parcels are spread; ``spread`` is the longest delay
    of looks that would else fall on one instant; a look at the end of the working hours is not made
    within ``before_evening`` of another one.
    """

    working_hours: SendWindow = _WORKING_HOURS
    send_window: SendWindow = _SEND_WINDOW
    fast: timedelta = timedelta(hours=3)
    before_evening: timedelta = timedelta(hours=1)
    before_hand_over: timedelta = timedelta(hours=12)
    first_retry: timedelta = timedelta(minutes=10)
    longest_retry: timedelta = timedelta(hours=3)
    before_send_window: timedelta = timedelta(minutes=30)
    spread: timedelta = timedelta(minutes=10)
    stagger: float = 0.1
    after_scan: timedelta = timedelta(hours=24)
    stop_after_scan: timedelta = timedelta(days=60)
    archive_after_claim: timedelta = timedelta(days=30)
    archive_after_order: timedelta = timedelta(days=95)


DEFAULT = Cadence()

#: An untracked postal item says nothing after export, so nothing more is asked (domain.md 2).
_POSTAL_DONE = frozenset(
    {
        Stage.EXPORT,
        Stage.IN_TRANSIT,
        Stage.CUSTOMS,
        Stage.OUT_FOR_DELIVERY,
        Stage.AVAILABLE_FOR_PICKUP,
        Stage.ATTEMPT_FAILED,
    }
)

_MOST_DOUBLINGS = 16  # far beyond any longest_retry; keeps the power small


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """
    What the cadence must know of one parcel; instants are aware, a missing fact is ``None``.

    ``key`` never changes for a parcel and spreads its looks. ``handover_assumed`` marks a hand-over
    that nobody gave. ``last_news_at`` is when a new event was last first seen; ``failures`` counts
    the bad looks since the last good one; ``claimed_at`` is when a person raised the claim.
    """

    key: str
    first_seen_at: datetime
    service: Service | None = None
    seller_status: SellerStatus | None = None
    stage: Stage | None = None
    scanned: bool = False
    first_scan_at: datetime | None = None
    created_at: datetime | None = None
    handed_over_at: datetime | None = None
    handover_assumed: bool = False
    scan_deadline: datetime | None = None
    last_look_at: datetime | None = None
    last_outcome: Outcome | None = None
    last_good_look_at: datetime | None = None
    last_news_at: datetime | None = None
    failures: int = 0
    claimed_at: datetime | None = None


def next_look_at(
    watch: Watch, now: datetime, calendar: WorkingCalendar, cadence: Cadence = DEFAULT
) -> datetime | None:
    """
    The instant, in UTC, of the parcel's next look, or ``None`` when it is not looked at any more.

    An instant that is not after ``now`` means: due. A parcel never looked at is due since it was
    first seen. Raises ``UsageError`` when the calendar's exceptions leave no open day.
    """
    if is_finished(watch, now, cadence) or is_archived(watch, now, cadence):
        return None
    if watch.last_look_at is None:
        return watch.first_seen_at.astimezone(UTC)
    # A clock that jumped back must not push the next look out by the length of the jump.
    last = min(watch.last_look_at, now).astimezone(UTC)
    if watch.scanned:
        candidates = [last + _staggered(watch, cadence.after_scan, cadence)]
    else:
        candidates = _before_scan(watch, last, calendar, cadence)
    if watch.last_outcome is not None and not watch.last_outcome.is_good:
        candidates.append(_retry(watch, last, cadence))
    return min(candidates)


def is_finished(watch: Watch, now: datetime, cadence: Cadence = DEFAULT) -> bool:
    """
    True when no further look can tell anything that matters.

    That is a terminal stage, an ended seller status, a cancellation without a given hand-over
    (promises.md R26), a scanned postal parcel at export or later, or 60 days after the scan.
    """
    if watch.stage is not None and watch.stage.is_terminal:
        return True
    if watch.seller_status is not None and watch.seller_status.ends_scan_watch:
        return True
    if watch.seller_status is SellerStatus.CANCELED and not _hand_over_given(watch):
        return True
    return watch.scanned and (
        (watch.service is Service.POSTAL and watch.stage in _POSTAL_DONE)
        or now >= _scan_seen(watch) + cadence.stop_after_scan
    )


def archive_at(watch: Watch, cadence: Cadence = DEFAULT) -> datetime | None:
    """
    The instant, in UTC, at which an unscanned parcel is given up; ``None`` once it is scanned.

    The earlier of 30 days after its claim and 95 days after the order's creation, or after the
    first sighting where the creation is unknown.
    """
    if watch.scanned:
        return None
    given_up = (watch.created_at or watch.first_seen_at) + cadence.archive_after_order
    if watch.claimed_at is not None:
        given_up = min(given_up, watch.claimed_at + cadence.archive_after_claim)
    return given_up.astimezone(UTC)


def is_archived(watch: Watch, now: datetime, cadence: Cadence = DEFAULT) -> bool:
    """
    True when the parcel is unscanned and given up at ``now``.
    """
    given_up = archive_at(watch, cadence)
    return given_up is not None and now >= given_up


def _before_scan(
    watch: Watch, last: datetime, calendar: WorkingCalendar, cadence: Cadence
) -> list[datetime]:
    candidates = [_in_hours(watch, last, _regular(watch, last, cadence), calendar, cadence)]
    if watch.scan_deadline is None:
        return candidates
    if last < watch.scan_deadline:
        # Right after the deadline, whatever the hour: this look is the alert's proof (R3).
        confirming = watch.scan_deadline.astimezone(UTC) + _delay(watch, cadence)
        return [*candidates, confirming]
    # While it stays unscanned, the proof must be fresh when messages may go out again.
    opening = cadence.send_window.next_opening(last + cadence.before_send_window, calendar)
    if opening is not None:
        candidates.append(opening - cadence.before_send_window + _delay(watch, cadence))
    return candidates


def _regular(watch: Watch, last: datetime, cadence: Cadence) -> datetime:
    """
    One fast pace on, and sparing ones before the parcel can have arrived.
    """
    arrival = watch.handed_over_at
    fast = _staggered(watch, cadence.fast, cadence)
    sparing = last + _staggered(watch, cadence.before_hand_over, cadence)
    if arrival is None:
        return sparing
    return min(sparing, arrival + fast) if arrival > last else last + fast


def _in_hours(
    watch: Watch, last: datetime, instant: datetime, calendar: WorkingCalendar, cadence: Cadence
) -> datetime:
    """
    The instant itself within working hours; else at their end, or after they next begin.

    What was scanned in the evening is known that evening.
    """
    opening = cadence.working_hours.next_open(instant, calendar)
    if opening == instant:
        return opening.astimezone(UTC)
    evening = cadence.working_hours.closing(last, calendar)
    arrived = watch.handed_over_at
    if (
        evening is not None
        and arrived is not None
        and arrived <= evening
        and evening - last >= cadence.before_evening
    ):
        return evening + _delay(watch, cadence)
    return opening + _staggered(watch, cadence.fast, cadence) - cadence.fast


def _retry(watch: Watch, last: datetime, cadence: Cadence) -> datetime:
    doublings = min(max(watch.failures - 1, 0), _MOST_DOUBLINGS)
    wait = min(cadence.first_retry * 2**doublings, cadence.longest_retry)
    return last + _staggered(watch, wait, cadence)


def _scan_seen(watch: Watch) -> datetime:
    return watch.first_scan_at or watch.last_news_at or watch.first_seen_at


def _hand_over_given(watch: Watch) -> bool:
    return watch.handed_over_at is not None and not watch.handover_assumed


def _staggered(watch: Watch, pace: timedelta, cadence: Cadence) -> timedelta:
    return pace * (1 + cadence.stagger * _share(watch))


def _delay(watch: Watch, cadence: Cadence) -> timedelta:
    return cadence.spread * _share(watch)


def _share(watch: Watch) -> float:
    """
    A number from 0 to 1 that is the parcel's own, the same in every process and at every call.
    """
    digest = hashlib.sha256(watch.key.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
