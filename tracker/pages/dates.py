"""
The dates that portals print, read strictly: a form we know, or nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june",
            "jul july", "aug august", "sep sept september", "oct october", "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TH = r"(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAYS = (
    r"(?P<y1>20\d\d)-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})(?!\d)",
    r"(?P<y2>20\d\d)/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})(?!\d)",
    r"(?P<y3>20\d\d)\.(?P<m3>\d{1,2})\.(?P<d3>\d{1,2})(?!\d)",
    r"(?P<y4>20\d\d)\s?年\s?(?P<m4>\d{1,2})\s?月\s?(?P<d4>\d{1,2})\s?日",
    r"(?P<d5>\d{1,2})[/.](?P<m5>\d{1,2})[/.](?P<y5>20\d\d)(?!\d)",
    r"(?P<d6>\d{1,2})-(?P<m6>\d{1,2})-(?P<y6>20\d\d)(?!\d)",
    rf"{_WEEKDAY}(?P<m7>{_NAME})\.?\s+(?P<d7>\d{{1,2}}){_TH},?\s+(?P<y7>20\d\d)(?!\d)",
    rf"{_WEEKDAY}(?P<d8>\d{{1,2}}){_TH}[\s-]+(?P<m8>{_NAME})\.?,?[\s-]+(?P<y8>20\d\d)(?!\d)",
)
_CLOCK = (
    r"(?P<noon>上午|下午|中午|晚上)?\s?(?P<h>\d{1,2})(?::|时|点)\s?(?P<mi>\d{2})"
    r"(?:(?::|分)\s?(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?秒?|分)?\s?(?P<half>[ap]\.?m\.?(?![a-z]))?"
)
_OFFSET = r"(?P<z>z|(?:utc|gmt)?\s?[+-]\d{1,2}:?(?:\d{2})?|utc|gmt)"
_BOUND = r"(?![\d:])"
_DAY = "(?:" + "|".join(_DAYS) + ")"
_WHOLE = re.compile(
    rf"{_DAY}(?:(?:\s*t\s*|[\s,]+(?:at\s+)?|(?<=日))"
    rf"{_CLOCK}(?:\s*\(?{_OFFSET}\)?(?![\w:]))?)?{_BOUND}",
    re.IGNORECASE,
)
_ONLY_CLOCK = re.compile(rf"{_CLOCK}{_BOUND}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Instant:
    """
    One read date: its UTC instant, the zone it was read in, and whether we assumed that zone.

    ``whole_day`` is true when the portal printed no time of day: ``at`` is then 00:00 of that day.
    """

    at: datetime
    zone: str
    zone_assumed: bool
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class Dated:
    """
    A date found at the start of a text, and the text behind it.

    ``instant`` is ``None`` for an impossible date; ``written`` is the date as it stands.
    """

    instant: Instant | None
    written: str
    rest: str


def read_instant(text: str, *, zone: str) -> Instant | None:
    """
    The instant that the whole text is; ``None`` for any other text and for impossible dates.

    Without an offset the text is local time of ``zone`` (an IANA name), and says so.
    """
    found = leading_date(text, zone=zone)
    return found.instant if found is not None and not found.rest else None


def looks_dated(text: str) -> bool:
    """
    True when the whole text has the form of a date, a possible one or not (2018-28-28).
    """
    found = leading_date(text, zone="UTC")
    return found is not None and not found.rest


def leading_date(text: str, *, zone: str) -> Dated | None:
    """
    The date that a text begins with, or ``None``.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _WHOLE.match(plain)
    if match is None:
        return None
    rest = plain[match.end() :].strip(" \t\r\n,;|-–—:：，")
    return Dated(_instant(match, zone), match.group(0).strip(), rest)


def is_clock(text: str) -> bool:
    """
    True when the whole text is a time of day without a date, as "10:04" or "下午 3:05".
    """
    return _ONLY_CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None


def _instant(match: re.Match[str], zone: str) -> Instant | None:
    got = {name: value for name, value in match.groupdict().items() if value is not None}
    day = {key: _field(got, key) for key in "ymd"}
    try:
        when = time(*_clock(got))
        local = datetime.combine(date(int(day["y"]), _month(day["m"]), int(day["d"])), when)
        offset = _offset(got.get("z"))
    except ValueError:
        return None  # an impossible date: the caller keeps the event without one
    if offset is None:
        at = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return Instant(at, zone, zone_assumed=True, whole_day="h" not in got)
    return Instant(
        local.replace(tzinfo=offset).astimezone(UTC), _zone_name(offset), zone_assumed=False
    )


def _field(got: dict[str, str], key: str) -> str:
    return next(value for name, value in got.items() if re.fullmatch(rf"{key}\d", name))


def _month(text: str) -> int:
    return _MONTHS[text.lower()] if text.lower() in _MONTHS else int(text)


def _clock(got: dict[str, str]) -> tuple[int, int, int, int]:
    hour, half, noon = int(got.get("h", 0)), got.get("half", "")[:1].lower(), got.get("noon", "")
    if half and not 1 <= hour <= 12:  # noqa: PLR2004 -- the twelve-hour clock
        raise ValueError(f"{hour} o'clock with a.m. or p.m.")
    if half or (noon and hour <= 12):  # noqa: PLR2004 -- the twelve-hour clock
        afternoon = half == "p" or noon in {"下午", "晚上"} or (noon == "中午" and hour < 3)  # noqa: PLR2004 -- the twelve-hour clock
        hour = hour % 12 + (12 if afternoon or (noon == "中午" and hour == 12) else 0)  # noqa: PLR2004 -- the twelve-hour clock
    fraction = got.get("f", "")[:6].ljust(6, "0")
    return hour, int(got.get("mi", 0)), int(got.get("s", 0)), int(fraction)


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    digits = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", text.replace(" ", ""))
    if digits is None:
        return UTC
    sign, hours, minutes = digits.groups()
    span = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(span if sign == "+" else -span)


def _zone_name(offset: timezone) -> str:
    seconds = int((offset.utcoffset(None) or timedelta()).total_seconds())
    if seconds == 0:
        return "UTC"
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"
