"""
The hours in which messages go out: a local window on a centre's open days (promises.md R15).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from tracker.model import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.calendar.working import WorkingCalendar

_HOURS = re.compile(
    r"\s*(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)\s*", re.ASCII
)  # people type en dashes too
_MINUTES_OF_DAY = 24 * 60
_MINUTES_OF_HOUR = 60


@dataclass(frozen=True, slots=True)
class SendWindow:
    """
    From ``first`` (included) to ``last`` (excluded), minutes after the centre's local midnight.

    ``always`` makes every instant of every day part of the window.
    """

    first: int = 0
    last: int = _MINUTES_OF_DAY
    always: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        The window that ``08:30-20:00`` or ``always`` names; raises ``UsageError`` otherwise.
        """
        if text.strip().casefold() == "always":
            return cls(always=True)
        if match := _HOURS.fullmatch(text):
            first, last = _minutes(match[1], match[2]), _minutes(match[3], match[4])
            if first is not None and last is not None and first < last:
                return cls(first=first, last=last)
        raise UsageError(
            f"The send window {text!r} cannot be read: write it as 08:30-20:00 (from before to, "
            "within one day) or always."
        )

    def is_open(self, instant: datetime, calendar: WorkingCalendar) -> bool:
        """
        True when a message may go out at this instant.
        """
        return self.next_open(instant, calendar) == instant

    def next_open(self, instant: datetime, calendar: WorkingCalendar) -> datetime:
        """
        The first instant of the window not before ``instant``, in UTC; ``instant`` when open.

        Raises ``UsageError`` when the calendar's exceptions leave no open day.
        """
        begin, _ = next(self._spans(instant, calendar))
        return begin

    def next_opening(self, instant: datetime, calendar: WorkingCalendar) -> datetime | None:
        """
        The first opening, in UTC, after ``instant``; ``None`` for ``always``, which never opens.

        Raises ``UsageError`` when the calendar's exceptions leave no open day.
        """
        if self.always:
            return None
        days = _open_days(instant.astimezone(calendar.zone).date(), calendar)
        openings = (self._on(day, calendar)[0] for day in days)
        return next(opening for opening in openings if opening > instant)

    def closing(self, instant: datetime, calendar: WorkingCalendar) -> datetime | None:
        """
        The end, in UTC, of the stretch that the instant lies in; ``None`` outside of one.

        ``always`` has no end. Raises ``UsageError`` when the calendar's exceptions leave no open
        day.
        """
        begin, stop = next(self._spans(instant, calendar))
        return stop if begin == instant and not self.always else None

    def minutes_inside(self, start: datetime, end: datetime, calendar: WorkingCalendar) -> float:
        """
        How many minutes of the window lie between ``start`` and ``end``; 0 if ``end`` is earlier.

        Raises ``UsageError`` when the calendar's exceptions leave no open day.
        """
        inside = timedelta()
        for begin, stop in self._spans(start, calendar):
            if begin >= end:
                break
            inside += min(stop, end) - begin
        return inside / timedelta(minutes=1)

    def after_minutes_inside(
        self, start: datetime, minutes: float, calendar: WorkingCalendar
    ) -> datetime:
        """
        The earliest instant, in UTC, at which ``minutes`` of the window have passed since start.

        It is ``start`` itself for 0 minutes. Raises ``UsageError`` when the calendar's exceptions
        leave no open day.
        """
        left = timedelta(minutes=minutes)
        if left <= timedelta():
            return start.astimezone(UTC)
        for begin, stop in self._spans(start, calendar):
            if stop - begin >= left:
                return begin + left
            left -= stop - begin
        raise AssertionError("unreachable: the spans of a window do not end")

    def _spans(
        self, start: datetime, calendar: WorkingCalendar
    ) -> Iterator[tuple[datetime, datetime]]:
        """
        The window's stretches from ``start`` on, in UTC, the first one clipped to it; endless.
        """
        start = start.astimezone(UTC)
        if self.always:
            yield start, datetime.max.replace(tzinfo=UTC)
            return
        for day in _open_days(start.astimezone(calendar.zone).date(), calendar):
            begin, stop = self._on(day, calendar)
            if stop > start:
                yield max(begin, start), stop

    def _on(self, day: date, calendar: WorkingCalendar) -> tuple[datetime, datetime]:
        midnight = datetime.combine(day, time.min, calendar.zone)
        begin = midnight + timedelta(minutes=self.first)
        stop = midnight + timedelta(minutes=self.last)
        return begin.astimezone(UTC), stop.astimezone(UTC)


def _open_days(day: date, calendar: WorkingCalendar) -> Iterator[date]:
    while True:
        day = calendar.next_open_day(day)
        yield day
        day += timedelta(days=1)


def _minutes(hour: str, minute: str) -> int | None:
    total = int(hour) * _MINUTES_OF_HOUR + int(minute)
    return total if int(minute) < _MINUTES_OF_HOUR and total <= _MINUTES_OF_DAY else None
