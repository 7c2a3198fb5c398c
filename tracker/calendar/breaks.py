"""
The longer statutory breaks ahead, before which sorting centres announce closures of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tracker.calendar.centres import CENTRES, centre_name
from tracker.calendar.statutory import Region, is_published, statutory_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracker.model import CalendarException

#: An ordinary weekend is shorter.
SHORTEST = 3
#: Announced closures begin before a break or end after it (domain.md 1.4).
_AROUND = timedelta(days=3)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """
    Days off in a row by law, weekends included; ``estimated``: its make-up days are not published.
    """

    first: date
    last: date
    mainland: bool
    estimated: bool

    @property
    def days(self) -> int:
        """
        How many days it lasts.
        """
        return (self.last - self.first).days + 1


def breaks_ahead(today: date, within_days: int, *, centre: str) -> Iterator[Break]:
    """
    The breaks of three days or more of the centre's country that begin in the days to come.

    One that has begun already is not meant; neither is one that begins later than ``within_days``.
    """
    mainland = CENTRES[centre_name(centre)].mainland
    region = Region.MAINLAND if mainland else Region.HONG_KONG
    day = _after_days_off(region, today)
    while day <= today + timedelta(days=within_days):
        end = _after_days_off(region, day)
        if (end - day).days >= SHORTEST:
            last = end - _ONE_DAY
            estimated = not (is_published(region, day.year) and is_published(region, last.year))
            yield Break(first=day, last=last, mainland=mainland, estimated=estimated)
        day = max(end, day + _ONE_DAY)


def is_entered(found: Break, exceptions: Iterable[CalendarException]) -> bool:
    """
    True when a closure that touches the break was entered: somebody has thought of it.
    """
    first, last = found.first - _AROUND, found.last + _AROUND
    return any(one.closed and one.first <= last and one.last >= first for one in exceptions)


def _after_days_off(region: Region, day: date) -> date:
    """
    The first working day that is not before ``day``.
    """
    while not statutory_day(region, day).works:
        day += _ONE_DAY
    return day
