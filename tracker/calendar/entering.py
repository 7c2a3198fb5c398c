"""
A calendar exception as people write it, in the settings file or into the store: one check for both.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING

from tracker.calendar.centres import CENTRES, MAINLAND_ZONE, centre_name
from tracker.calendar.exceptions import concerns
from tracker.calendar.leadtime import LeadTimeCalendar
from tracker.calendar.working import WorkingCalendar
from tracker.model import CalendarException, CarrierName
from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: More extra working days than any peak was ever announced with are a slip of the hand.
MOST_EXTRA_DAYS = 30
#: A day outside these years is one too, and no calendar is known for it.
FIRST_YEAR, LAST_YEAR = 2000, 2199
#: So far around a closure another one can lie that joins it to one too long.
_AROUND = timedelta(days=130)
_ONE_DAY = timedelta(days=1)


def entered_exception(
    *,
    first: str,
    last: str | None = None,
    centre: str | None = None,
    carrier: CarrierName | None = None,
    closed: bool = False,
    open_: bool = False,
    cutoff: str | None = None,
    extra_working_days: int = 0,
    note: str | None = None,
) -> CalendarException:
    """
    The entry as the calendar takes it; days are written 2026-11-11, no last day: the first one.

    Raises :class:`UsageError` saying what is wrong: an unreadable or impossible day, an unknown
    centre, not exactly one effect, an unreadable hour, or too many extra days.
    """
    begins = _day(first, Sentence("from"))
    ends = _day(last, Sentence("to")) if last else begins
    if ends < begins:
        raise RefusedError(
            Sentence("to (%(last)s) lies before from (%(first)s)", last=ends, first=begins)
        )
    if not 0 <= extra_working_days <= MOST_EXTRA_DAYS:
        raise RefusedError(
            Sentence("extra_working_days must be from 1 to %(most)s", most=MOST_EXTRA_DAYS)
        )
    if (closed, open_, cutoff is not None, extra_working_days > 0).count(True) != 1:
        raise RefusedError(Sentence("set exactly one of closed, open, cutoff, extra_working_days"))
    return CalendarException(
        first=begins,
        last=ends,
        centre=None if centre is None else centre_name(centre),
        carrier=carrier,
        closed=closed,
        open=open_,
        cutoff=None if cutoff is None else _hour(cutoff),
        extra_working_days=extra_working_days,
        note=note,
    )


def check_leaves_open_days(entries: Sequence[CalendarException], entry: CalendarException) -> None:
    """
    Returns when every centre still has open days around the new ``entry`` beside the other entries.

    Raises :class:`UsageError` naming the centre and its closures: no deadline could be counted.
    """
    if not entry.closed:
        return
    around = tuple(_days_from(entry.first - _AROUND, entry.last + _AROUND))
    together = (*entries, entry)
    for centre, carrier in product(CENTRES, CarrierName):
        if not concerns(entry, centre=centre, carrier=carrier):
            continue
        works = WorkingCalendar(centre, carrier=carrier, exceptions=together)
        counts = LeadTimeCalendar(exceptions=together, centre=centre, carrier=carrier)
        for day in around:
            if works.is_open(day) and not works.is_open(day + _ONE_DAY):
                works.next_open_day(day + _ONE_DAY)
            if counts.counts(day) and not counts.counts(day + _ONE_DAY):
                counts.auto_cancel_at(_noon(day + _ONE_DAY), 0)


def _day(text: str, name: Sentence) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise RefusedError(
            Sentence("%(name)s %(text)s is not a day: write 2026-11-11", name=name, text=repr(text))
        ) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RefusedError(
            Sentence(
                "%(name)s %(day)s is not a day between %(first)s and %(last)s",
                name=name,
                day=day,
                first=FIRST_YEAR,
                last=LAST_YEAR,
            )
        )
    return day


def _hour(text: str) -> str:
    try:
        hour = time.fromisoformat(text.strip())
    except ValueError:
        hour = None
    if hour is None or hour.tzinfo is not None:
        raise RefusedError(
            Sentence('the cut-off %(text)s is not an hour: write "16:00"', text=repr(text))
        )
    return f"{hour:%H:%M}"


def _days_from(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), MAINLAND_ZONE)
