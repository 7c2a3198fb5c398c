"""
The calendar of automatic cancellation: which days count in the platform's lead time.

Monday to Friday less mainland China's statutory days and entered closures; make-up days and
entered extra open days never count (domain.md 1.2 and 1.4, contract.md ``auto_cancel_at``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from tracker.calendar.centres import CENTRES, MAINLAND_ZONE, centre_name
from tracker.calendar.exceptions import ExceptionTable
from tracker.calendar.statutory import Region, is_published, local_time, statutory_day
from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model import CalendarException, CarrierName

_LONGEST_PAUSE_DAYS = 120
_ONE_DAY = timedelta(days=1)


class LeadTimeCalendar:
    """
    Which days count towards automatic cancellation, on the clock of Asia/Shanghai.

    A closure applies when it names no centre or this one, and no carrier or this one; without a
    carrier that of the centre's operator is taken.
    """

    def __init__(
        self,
        *,
        exceptions: Sequence[CalendarException] = (),
        centre: str | None = None,
        carrier: CarrierName | None = None,
    ) -> None:
        known = None if centre is None else CENTRES[centre_name(centre)]
        self._table = ExceptionTable(
            exceptions,
            centre=known.name if known else None,
            carrier=carrier or (known.operator if known else None),
        )
        # Per calendar, so that two calendars with other exceptions never share an answer.
        self._day = lru_cache(maxsize=4096)(self._counts)

    def counts(self, day: date) -> bool:
        """
        True when the 24 hours of this Shanghai day count in the lead time.
        """
        return self._day(day)

    def auto_cancel_at(self, created_at: datetime, working_days: int) -> datetime:
        """
        The instant, in UTC, at which the platform cancels an order that is not scanned by then.

        An order created on a day that does not count starts at the next counting 00:00. When the
        last hour ends at a midnight, that midnight is the answer, whatever day begins there: an
        order of Saturday with five days is cancelled on Saturday 00:00 after five whole days.
        Raises ``ValueError`` for a datetime without a zone or a negative count, ``UsageError``
        when the exceptions leave no counting day.
        """
        if working_days < 0:
            raise ValueError("working_days must not be negative")
        day, into_day = self._start(created_at)
        if not into_day and working_days:
            # The last of N whole days ends at its own midnight, not at the next counting one.
            return _instant(self._advance(day, working_days - 1) + _ONE_DAY, timedelta())
        return _instant(self._advance(day, working_days), into_day)

    def is_estimated(self, created_at: datetime, working_days: int) -> bool:
        """
        True when the count touches a year whose make-up days are not published yet.

        Raises as ``auto_cancel_at``.
        """
        first = _local(created_at).year
        last = _local(self.auto_cancel_at(created_at, working_days)).year
        return not all(is_published(Region.MAINLAND, year) for year in range(first, last + 1))

    def working_days_left(self, now: datetime, until: datetime) -> int:
        """
        How many whole 24-hour counting days lie between ``now`` and ``until``; 0 once it is past.

        Raises ``ValueError`` for a datetime without a zone.
        """
        return max(0, self._counted(now, until) // _ONE_DAY)

    def subtract_days(self, instant: datetime, days: int) -> datetime:
        """
        The latest instant, in UTC, from which ``days`` x 24 counting hours remain to ``instant``.

        Raises ``ValueError`` for a datetime without a zone or a negative count, ``UsageError``
        when the exceptions leave no counting day.
        """
        if days < 0:
            raise ValueError("days must not be negative")
        if not days:
            return instant.astimezone(UTC)
        local = _local(instant)
        day = local.date()
        into_day = _into(local) if self.counts(day) else timedelta()
        return _instant(self._back(day, days), into_day)

    def _counts(self, day: date) -> bool:
        law = statutory_day(Region.MAINLAND, day)
        return law.works and not law.weekday_off and self._table.closure(day) is None

    def _start(self, created_at: datetime) -> tuple[date, timedelta]:
        local = _local(created_at)
        if self.counts(local.date()):
            return local.date(), _into(local)
        return self._next_counting(local.date()), timedelta()

    def _counted(self, start: datetime, end: datetime) -> timedelta:
        first, last = _local(start), _local(end)
        total = timedelta()
        day = first.date()
        while day <= last.date():
            if self.counts(day):
                begin = _into(first) if day == first.date() else timedelta()
                stop = _into(last) if day == last.date() else _ONE_DAY
                total += stop - begin
            day += _ONE_DAY
        return total

    def _advance(self, day: date, count: int) -> date:
        for _ in range(count):
            day = self._next_counting(day)
        return day

    def _back(self, day: date, count: int) -> date:
        for _ in range(count):
            day = self._seek(day, -_ONE_DAY)
        return day

    def _next_counting(self, day: date) -> date:
        return self._seek(day, _ONE_DAY)

    def _seek(self, day: date, step: timedelta) -> date:
        start = day
        for _ in range(_LONGEST_PAUSE_DAYS):
            day += step
            if self.counts(day):
                return day
        raise RefusedError(
            Sentence(
                "No day counts in the lead time within %(days)s days of %(day)s: "
                "check calendar.exceptions (closed %(closures)s).",
                days=_LONGEST_PAUSE_DAYS,
                day=start,
                closures=self._table,
            )
        )


def _local(instant: datetime) -> datetime:
    return local_time(instant, MAINLAND_ZONE)


def _into(local: datetime) -> timedelta:
    return local.replace(tzinfo=None) - datetime.combine(local.date(), time.min)


def _instant(day: date, into_day: timedelta) -> datetime:
    return (datetime.combine(day, time.min, MAINLAND_ZONE) + into_day).astimezone(UTC)
