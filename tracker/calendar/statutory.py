"""
What the law says about a day in mainland China and in Hong Kong, from the ``holidays`` package.

The package's traps (domain.md 1.4): make-up weekend days stand apart from holidays, a year that
the State Council has not published yet silently has none of them, and Hong Kong's weekend is
Sunday only. Nothing outside ``tracker.calendar`` and ``tracker.leadtime`` asks here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_SATURDAY = 5
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SUBSTITUTED = re.compile(r"Day off \(substituted from (\d\d)/(\d\d)/(\d{4})\)")


class Region(Enum):
    """
    Whose holidays are kept.
    """

    MAINLAND = "CN"
    HONG_KONG = "HK"


@dataclass(frozen=True, slots=True)
class StatutoryDay:
    """
    One day before anybody's exceptions: worked or not, and why, in plain English.

    ``weekday_off`` is true for a Saturday or Sunday even if it is made a working day.
    """

    works: bool
    why: str
    weekday_off: bool


@dataclass(frozen=True, slots=True)
class _Year:
    holidays: Mapping[date, str]
    make_up_days: frozenset[date]


@lru_cache(maxsize=65_536)
def statutory_day(region: Region, day: date) -> StatutoryDay:
    """
    What the law says about ``day``. Raises ``UsageError`` outside the years 2000 to 2099.
    """
    year = _year(region, day.year)
    weekend = day.weekday() >= _SATURDAY
    if day in year.make_up_days:
        return StatutoryDay(works=True, why="make-up working day", weekday_off=weekend)
    if day in year.holidays:
        return StatutoryDay(works=False, why=year.holidays[day], weekday_off=weekend)
    why = _DAY_NAMES[day.weekday()] if weekend else "working day"
    return StatutoryDay(works=not weekend, why=why, weekday_off=weekend)


@lru_cache(maxsize=256)
def is_published(region: Region, year: int) -> bool:
    """
    True when the year's make-up days are known; Hong Kong has none, so always true there.
    """
    return region is Region.HONG_KONG or bool(_year(region, year).make_up_days)


def local_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """
    The instant on the zone's clock.

    Raises ``ValueError`` for a datetime without a zone, which names no instant, and ``UsageError``
    for one at the very end of the computer's calendar.
    """
    if instant.tzinfo is None:
        raise ValueError("a datetime without a zone names no instant")
    try:
        return instant.astimezone(zone)
    except OverflowError as error:
        raise RefusedError(
            Sentence("The time %(at)s is outside the working-day calendar; correct it.", at=instant)
        ) from error


@lru_cache(maxsize=256)
def _year(region: Region, year: int) -> _Year:
    import holidays  # noqa: PLC0415 - 65 ms that `--help` and configuration checks need not pay

    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise RefusedError(
            Sentence(
                "The year %(year)s is outside the working-day calendar (%(first)s-%(last)s); "
                "correct the date.",
                year=year,
                first=_FIRST_YEAR,
                last=_LAST_YEAR,
            )
        )
    # Hong Kong's "optional" days are the general holidays on which offices and banks rest (Good
    # Friday among them); the seven-day law alone leaves them out.
    categories = ("public",) if region is Region.MAINLAND else ("public", "optional")
    table = holidays.country_holidays(
        region.value, years=year, categories=categories, language="en_US"
    )
    return _Year(
        holidays={day: _plain(name) for day, name in table.items() if day.year == year},
        make_up_days=frozenset(day for day in table.weekend_workdays if day.year == year),
    )


def _plain(name: str) -> str:
    """
    ``Day off (substituted from 10/10/2026)`` -> ``day off, made up on 2026-10-10``.
    """
    return _SUBSTITUTED.sub(r"day off, made up on \3-\1-\2", name)
