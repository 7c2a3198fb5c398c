"""
The working-day clock: the only place that knows what a working day is.

There are two calendars (domain.md 1.4). ``WorkingCalendar`` says when a centre is open; make-up
weekend days count. ``LeadTimeCalendar`` says which days count towards automatic cancellation;
weekends never do. Local days are days of the centre's own zone; the process's zone plays no part.
"""

from tracker.calendar.centres import CENTRES, DEFAULT_CENTRE, centre_name
from tracker.calendar.leadtime import LeadTimeCalendar
from tracker.calendar.sendwindow import SendWindow
from tracker.calendar.working import Deadline, WorkingCalendar
from tracker.model import CalendarDay

__all__ = [
    "CENTRES",
    "DEFAULT_CENTRE",
    "CalendarDay",
    "Deadline",
    "LeadTimeCalendar",
    "SendWindow",
    "WorkingCalendar",
    "centre_name",
]
