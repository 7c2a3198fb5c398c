"""
A shop's daily digest: one message a day at the opening of the send window.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.calendar import SendWindow

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.calendar import WorkingCalendar

#: What is found right after the opening (reminders among it) still goes into the day's digest.
GATHERING = timedelta(minutes=10)
#: ``always`` has no opening: the digest keeps office hours then.
_OFFICE_HOURS = SendWindow.parse("08:30-20:00")


def digest_at(now: datetime, window: SendWindow, calendar: WorkingCalendar) -> datetime:
    """
    When a notice of ``now`` is sent: ten minutes after the first opening that still takes it in.
    """
    since = now - GATHERING - timedelta(seconds=1)
    opening = window.next_opening(since, calendar) or _OFFICE_HOURS.next_opening(since, calendar)
    if opening is None:
        raise AssertionError("unreachable: office hours begin on every open day")
    return max(now, opening + GATHERING)
