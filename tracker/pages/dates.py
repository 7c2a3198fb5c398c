"""
The dates that portals print, read strictly: a form we know, or nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
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
_WEEKDAY_NAME = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?"
    r"|(?:星期|周|週|礼拜)[一二三四五六日天])"
)
_WEEKDAY = rf"(?:{_WEEKDAY_NAME},?\s+)?"
_WEEKDAY_BEHIND = rf"(?:,?\s*\(?{_WEEKDAY_NAME}(?!\w)\)?)?"
_DAYS = (
    r"(?P<y1>20\d\d)-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})(?!\d)",
    r"(?P<y2>20\d\d)/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})(?!\d)",
    r"(?P<y3>20\d\d)\.(?P<m3>\d{1,2})\.(?P<d3>\d{1,2})(?!\d)",
    r"(?P<y4>20\d\d)\s?年\s?(?P<m4>\d{1,2})\s?月\s?(?P<d4>\d{1,2})\s?日",
    r"(?P<d5>\d{1,2})[/.](?P<m5>\d{1,2})[/.](?P<y5>20\d\d)(?!\d)",
    r"(?P<d6>\d{1,2})-(?P<m6>\d{1,2})-(?P<y6>20\d\d)(?!\d)",
    rf"(?P<m7>{_NAME})\.?\s+(?P<d7>\d{{1,2}}){_TH},?\s+(?P<y7>20\d\d)(?!\d)",
    r"(?P<y0>20\d\d)(?P<m0>\d{2})(?P<d0>\d{2})(?=\s?\d{2}:|t\d{2}:?\d{2})",
    rf"(?P<d9>\d{{1,2}})[\s-](?P<m9>{_NAME})[\s-](?P<y9>[2-3]\d)(?![\d:])",
    rf"(?P<d8>\d{{1,2}}){_TH}[\s-]+(?P<m8>{_NAME})\.?,?[\s-]+(?P<y8>20\d\d)(?!\d)",
)
_CLOCK = (
    r"(?P<noon>凌晨|早上|上午|下午|中午|晚上)?\s?(?P<h>\d{1,2})(?::|时|点)\s?(?P<mi>\d{2})"
    r"(?:(?::|分)\s?(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?秒?|分)?\s?(?P<half>[ap]\.?m\.?(?![a-z]))?"
)
_OFFSET = (
    r"(?P<z>z|(?:utc|gmt)?\s?[+-]\d{1,2}:?(?:\d{2})?|utc|gmt|hkt|bjt|beijing time|北京时间"
    r"|local time|local|当地时间|cst)"
)
#: Names of zones that can be but one; "CST" can be two, and local time is the portal's.
_NAMED_OFFSETS = {"hkt": 8, "bjt": 8, "beijing time": 8, "北京时间": 8}
_NO_OFFSETS = frozenset({"local time", "local", "当地时间", "cst"})
_RELATIVE = re.compile(
    r"(?:about |an? |\d+ )?(?:a |an |few )?(?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month)s? ago"
    r"|\d+\s?(?:秒|分钟|小时|天|周|个月)前|just now|today|yesterday|刚刚|今天|昨天|前天",
    re.IGNORECASE,
)
_BOUND = r"(?![\d:])"
_DAY = "(?:" + "|".join(_DAYS) + ")"
_WHOLE = re.compile(
    rf"{_WEEKDAY}{_DAY}{_WEEKDAY_BEHIND}(?:(?:\s*t\s*|[\s,]+(?:(?:at|-|–|\|)\s+)?|(?<=日))"
    rf"{_CLOCK}(?:\s*\(?{_OFFSET}\)?(?![\w:]))?)?{_BOUND}",
    re.IGNORECASE,
)
_AT_END = re.compile(rf"(?<![a-z0-9/.:-]){_WHOLE.pattern}$", re.IGNORECASE)
_LINK = re.compile(r"(?:^|\s)(?:on|at|am|dated)\s*$", re.IGNORECASE)
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


@lru_cache(maxsize=4096)  # a page's texts are asked about again and again
def leading_date(text: str, *, zone: str) -> Dated | None:
    """
    The date that a text begins with, or ``None``.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _WHOLE.match(plain)
    if match is None:
        return None
    return Dated(_instant(match, zone), match.group(0).strip(), _behind(plain[match.end() :]))


def is_relative(text: str) -> bool:
    """
    True for a time that only counts from now, or a weekday alone: "2 days ago", "昨天", "Monday".
    """
    plain = unicodedata.normalize("NFKC", text).strip(" \t\r\n()")
    weekday = re.fullmatch(rf"{_WEEKDAY_NAME},?", plain, re.IGNORECASE)
    return weekday is not None or _RELATIVE.fullmatch(plain) is not None


def leading_clock(text: str) -> tuple[str, str] | None:
    """
    The time of day that a text begins with and the text behind it, or ``None``.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _ONLY_CLOCK.match(plain)
    return None if match is None else (match.group(0).strip(), _behind(plain[match.end() :]))


def trailing_date(text: str, *, zone: str) -> Dated | None:
    """
    The date that a text ends with, and the text before it; ``None`` where there is no such date.
    """
    plain = unicodedata.normalize("NFKC", text).strip().rstrip(")）]")
    match = _AT_END.search(plain)
    if match is None:
        return None
    before = _LINK.sub("", plain[: match.start()]).rstrip(" \t,;|-–—:：，([（")
    return Dated(_instant(match, zone), match.group(0).strip(), before) if before else None


def is_clock(text: str) -> bool:
    """
    True when the whole text is a time of day without a date, as "10:04" or "下午 3:05".
    """
    return _ONLY_CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None


def _behind(rest: str) -> str:
    return rest.strip(" \t\r\n,;|-–—:：，")


def _instant(match: re.Match[str], zone: str) -> Instant | None:
    got = {name: value for name, value in match.groupdict().items() if value is not None}
    day = {key: _field(got, key) for key in "ymd"}
    try:
        when = time(*_clock(got))
        local = datetime.combine(date(_year(day["y"]), _month(day["m"]), int(day["d"])), when)
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


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)  # noqa: PLR2004 -- a year of two digits


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
    name = (text or "").casefold()
    if text is None or name in _NO_OFFSETS:
        return None
    if name in _NAMED_OFFSETS:
        return timezone(timedelta(hours=_NAMED_OFFSETS[name]))
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
