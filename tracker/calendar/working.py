"""
When a sorting centre works, and the instant after which a scan is late (domain.md 1.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from tracker.calendar.centres import CENTRES, centre_name
from tracker.calendar.exceptions import ExceptionTable, noted
from tracker.calendar.statutory import Region, is_published, local_time, statutory_day
from tracker.model import CalendarDay, CalendarException, CarrierName
from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

#: The only normal-day cut-off ever published (domain.md 1.4).
DEFAULT_CUTOFF = time(17, 30)

#: Longer without an open day means that the entered exceptions are wrong.
_LONGEST_CLOSURE_DAYS = 120
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """
    The instant after which the parcel is late, and the days that led to it.

    ``at`` is in UTC: 00:00 in the centre's zone after the last day in time. ``days`` run from the
    hand-over day to that last day, both included; ``estimated`` is true if any of them lies in a
    year whose make-up days are not published.
    """

    at: datetime
    effective_day: date
    centre: str
    estimated: bool
    days: tuple[CalendarDay, ...]


class WorkingCalendar:
    """
    When one sorting centre works.

    Without a carrier, that of the centre's operator decides which exceptions apply. ``cutoff`` is
    the centre's local hour up to which a hand-over counts for the same day, sharp included.
    Raises ``UsageError`` for an unknown centre or an unusable exception.
    """

    def __init__(
        self,
        centre: str,
        *,
        carrier: CarrierName | None = None,
        exceptions: Sequence[CalendarException] = (),
        cutoff: time = DEFAULT_CUTOFF,
    ) -> None:
        known = CENTRES[centre_name(centre)]
        self.centre: str = known.name
        self.zone: ZoneInfo = known.zone
        self._region = Region.MAINLAND if known.mainland else Region.HONG_KONG
        self._cutoff = cutoff
        self._table = ExceptionTable(
            exceptions, centre=known.name, carrier=carrier or known.operator
        )
        # Per calendar, so that two calendars with other exceptions never share an answer.
        self._day = lru_cache(maxsize=4096)(self._explain)
        self._last_in_time = lru_cache(maxsize=4096)(self._find_last_in_time)
        self._days = lru_cache(maxsize=4096)(self._explain_range)

    def is_open(self, day: date) -> bool:
        """
        True when the centre receives and processes parcels on this local day.
        """
        return self._day(day).open

    def explain(self, day: date) -> CalendarDay:
        """
        The day with the reason why it is open or closed.
        """
        return self._day(day)

    def is_estimated(self, day: date) -> bool:
        """
        True when the day lies in a year whose make-up days are not published (mainland only).
        """
        return not is_published(self._region, day.year)

    def next_open_day(self, day: date) -> date:
        """
        The first open day not before ``day``.

        Raises ``UsageError``, naming the closures, when there is none within 120 days.
        """
        for step in range(_LONGEST_CLOSURE_DAYS):
            candidate = day + timedelta(days=step)
            if self.is_open(candidate):
                return candidate
        raise RefusedError(
            Sentence(
                "The sorting centre %(centre)s has no open day within %(days)s days "
                "from %(day)s: check calendar.exceptions (closed %(closures)s).",
                centre=self.centre,
                days=_LONGEST_CLOSURE_DAYS,
                day=day,
                closures=self._table,
            )
        )

    def cutoff_on(self, day: date) -> time:
        """
        The centre's local hour up to which a hand-over counts for this day, sharp included.
        """
        entered = self._table.cutoff(day)
        return entered[0] if entered else self._cutoff

    def effective_day(self, handed_over_at: datetime | date) -> date:
        """
        The open day that the hand-over counts for (domain.md 1.1).

        A bare date is that day, in time. A closed day, or an instant after the cut-off, counts for
        the next open day. Raises ``ValueError`` for a datetime without a zone, ``UsageError`` when
        the exceptions leave no open day.
        """
        if not isinstance(handed_over_at, datetime):
            return self.next_open_day(handed_over_at)
        local = self._local(handed_over_at)
        day = local.date()
        if self.is_open(day) and local.time() <= self.cutoff_on(day):
            return day
        return self.next_open_day(day + _ONE_DAY)

    def deadline(self, handed_over_at: datetime | date, working_days: int = 1) -> Deadline:
        """
        The instant after which a parcel without a scan is late, explained day by day.

        The last day in time is the ``working_days``-th open day after the effective day, later by
        the extra working days of a peak that the effective day lies in. A parcel handed over after
        a peak is never due before those of the peak: centres work through their queue in order.
        Raises ``ValueError`` for a negative count or a datetime without a zone, ``UsageError``
        when the exceptions leave no open day.
        """
        if working_days < 0:
            raise ValueError("working_days must not be negative")
        effective = self.effective_day(handed_over_at)
        last = self._last_in_time(effective, working_days)
        days = self._days(self._hand_over_day(handed_over_at), last)
        return Deadline(
            at=self._midnight(last + _ONE_DAY),
            effective_day=effective,
            centre=self.centre,
            estimated=any(self.is_estimated(day.date) for day in days),
            days=days,
        )

    def add_working_days(self, instant: datetime, days: int) -> datetime:
        """
        The same local clock time ``days`` open days later, in UTC; a closed day counts as the next.

        Raises ``ValueError`` for a negative count or a datetime without a zone, ``UsageError``
        when the exceptions leave no open day.
        """
        if days < 0:
            raise ValueError("days must not be negative")
        local = self._local(instant)
        day = self._advance(self.next_open_day(local.date()), days)
        return datetime.combine(day, local.time(), self.zone).astimezone(UTC)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """
        How many whole open days, begun not before ``start``, have ended by ``end``; 0 if none.

        Raises ``ValueError`` for a datetime without a zone.
        """
        last = self._local(end).date()
        begin = self._local(start)
        day = begin.date() if begin.time() == time.min else begin.date() + _ONE_DAY
        count = 0
        while day < last:
            count += self.is_open(day)
            day += _ONE_DAY
        return count

    def _explain(self, day: date) -> CalendarDay:
        open_, why = self._verdict(day)
        if open_:
            why = self._with_remarks(day, why)
        return CalendarDay(date=day, open=open_, why=why)

    def _verdict(self, day: date) -> tuple[bool, str]:
        if closure := self._table.closure(day):
            return False, noted("closure", closure)
        law = statutory_day(self._region, day)
        opening = self._table.opening(day)
        if opening and not law.works:
            return True, noted(f"extra open day ({law.why})", opening)
        return law.works, law.why

    def _with_remarks(self, day: date, why: str) -> str:
        if cutoff := self._table.cutoff(day):
            why += noted(f", cut-off {cutoff[0]:%H:%M}", cutoff[1])
        if peak := self._table.peak(day):
            why += noted(f", {peak.extra_working_days} extra working days", peak)
        return why

    def _explain_range(self, first: date, last: date) -> tuple[CalendarDay, ...]:
        count = (last - first).days + 1
        return tuple(self._day(first + timedelta(days=step)) for step in range(count))

    def _find_last_in_time(self, effective: date, working_days: int) -> date:
        # Counting on from the peak's last day keeps the deadline monotone: a later hand-over, or
        # a closure entered inside a peak, can never make it earlier (promises.md).
        return max(
            self._advance(effective, working_days),
            *(
                self._advance(min(effective, peak.last), working_days + peak.extra_working_days)
                for peak in self._table.peaks
                if peak.first <= effective
            ),
            date.min,
        )

    def _advance(self, day: date, count: int) -> date:
        for _ in range(count):
            day = self.next_open_day(day + _ONE_DAY)
        return day

    def _hand_over_day(self, handed_over_at: datetime | date) -> date:
        if isinstance(handed_over_at, datetime):
            return self._local(handed_over_at).date()
        return handed_over_at

    def _local(self, instant: datetime) -> datetime:
        return local_time(instant, self.zone)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)
