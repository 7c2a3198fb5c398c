"""
The date forms that order files use (domain.md 5.1), read into instants.

Month names are English and read by our own table: ``strptime`` would follow the machine's locale.
A form with slashes and the year last is day first; nothing is guessed the American way.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tracker.sentences import Sentence, SentenceError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

#: A hand-over given as a bare day is "that day, in time": any instant before the centre's cut-off
#: (17:30 by default, domain.md 1.4) gives the same effective day.
BARE_HANDOVER: Final = time(12)

FIRST_YEAR: Final = 2015  # before it a date is a typing error: there was nothing to watch
LAST_YEAR: Final = 2100

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}

_DAYS: Final = (
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
    r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
    r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
    r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})",
    r"(?P<name>[A-Za-z]{3})[a-z]*\.? (?P<day>\d{1,2}), ?(?P<year>\d{4})",
)
_CLOCK: Final = (
    r"(?:(?:T|,? )?(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
)
_FORMS: Final = tuple(re.compile(day + _CLOCK, re.ASCII) for day in _DAYS)
_BLANKS: Final = re.compile(r"\s+")


class UnreadableDateError(SentenceError):
    """
    A text that is no date in any form we know, or a date outside every plausible year.
    """


def parse_instant(
    value: str | datetime, *, zone: ZoneInfo, bare_day_at: time = time.min
) -> datetime:
    """
    The instant, in UTC, that ``value`` names.

    A time without an offset is local time in ``zone``; a day without a time is ``bare_day_at`` of
    that day. Raises :class:`UnreadableDateError` for any other text and for years outside
    2015-2100; its message does not repeat the value.
    """
    moment = _cell(value, bare_day_at) if isinstance(value, datetime) else _read(value, bare_day_at)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise UnreadableDateError(
            Sentence("the year is outside %(first)s-%(last)s", first=FIRST_YEAR, last=LAST_YEAR)
        )
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def _cell(moment: datetime, bare_day_at: time) -> datetime:
    """
    A workbook's date cell: a local midnight there is how a day without a time is stored.
    """
    if moment.tzinfo is None and moment.time() == time.min:
        return datetime.combine(moment, bare_day_at)
    return moment


@lru_cache(maxsize=4096)  # the rows of an export repeat each other's instants
def _read(text: str, bare_day_at: time) -> datetime:
    folded = _BLANKS.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    for form in _FORMS:
        if match := form.fullmatch(folded):
            return _moment(match.groupdict(), bare_day_at)
    raise UnreadableDateError(Sentence("it is no date in any known form, such as 2026-11-20 10:04"))


def _moment(parts: dict[str, str | None], bare_day_at: time) -> datetime:
    try:
        day = date(int(parts["year"] or 0), _month(parts), int(parts["day"] or 0))
        if parts["hour"] is None:
            return datetime.combine(day, bare_day_at)
        clock = time(int(parts["hour"]), int(parts["minute"] or 0), int(parts["second"] or 0))
        return datetime.combine(day, clock, tzinfo=_offset(parts["offset"]))
    except ValueError as error:
        raise UnreadableDateError(Sentence("there is no such day or time")) from error


def _month(parts: dict[str, str | None]) -> int:
    if name := parts.get("name"):
        return _MONTHS.get(name.casefold(), 0)
    return int(parts["month"] or 0)


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes > 59:  # noqa: PLR2004 - minutes of an hour
        raise ValueError(text)
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if text[0] == "-" else span)
