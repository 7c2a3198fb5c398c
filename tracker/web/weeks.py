"""
Weeks as the trends count them: from Monday 00:00 on the centres' clock, which keeps no summer time.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from tracker.calendar.centres import MAINLAND_ZONE

if TYPE_CHECKING:
    from datetime import date

WEEK = timedelta(weeks=1)


def last_weeks(now: datetime, how_many: int) -> tuple[datetime, tuple[date, ...]]:
    """
    When the first of the last so many weeks began, in UTC, and the Monday of each; now is in one.
    """
    today = now.astimezone(MAINLAND_ZONE).date()
    first = today - timedelta(days=today.weekday()) - (how_many - 1) * WEEK
    start = datetime.combine(first, time.min, MAINLAND_ZONE).astimezone(UTC)
    return start, tuple(first + n * WEEK for n in range(how_many))
