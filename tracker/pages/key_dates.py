"""
Which field of an unknown JSON object is its date, and the instant that it tells.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tracker.pages.dates import Instant, is_clock, looks_dated, read_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE_KEYS = (
    "eventd",
    "eventt",
    "occur",
    "scan",
    "happen",
    "track",
    "local",
    "time",
    "date",
    "时间",
    "日期",
    "when",
    "stamp",
    "dt",
)
_NOT_THE_EVENT = re.compile(r"creat|updat|modif|quer|server|sync|insert|utc", re.IGNORECASE)
_PLAN = re.compile(
    r"plan|schedul|expect|estimat|forecast|predict|promis|target|due|\bet[ad]\b|预计|计划",
    re.IGNORECASE,
)
_ZONE_KEYS = re.compile(r"zone|offset|^tz$", re.IGNORECASE)
_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+-]\d{1,2}:?\d{0,2})", re.IGNORECASE)
_WRAPPED = re.compile(r"/Date\((\d{10,13})(?:[+-]\d{4})?\)/")  # ASP.NET: UTC milliseconds
_EPOCH = re.compile(r"\d{10}|\d{13}")  # seconds or milliseconds
_EPOCH_KEYS = frozenset({"ts", "t", "at", "dt", "when", "on", "timestamp"})
_SECONDS = (10**9, 4 * 10**9)


def date_key(row: Mapping[str, Any]) -> str | None:
    """
    The key whose value is the event's date, by its value's form first and its name second.
    """
    dated = [key for key, value in row.items() if _is_date(key, value)]
    return min(dated, key=_date_rank, default=None)


def instant_of(row: Mapping[str, Any], key: str, *, zone: str) -> Instant | None:
    """
    The instant of a row: its date, with a time or an offset that stands in a field of its own.
    """
    value = row[key]
    if isinstance(value, int | float) or _EPOCH.fullmatch(value.strip()):
        return _epoch(float(value))
    wrapped = _WRAPPED.fullmatch(value.strip())
    if wrapped:
        return _epoch(int(wrapped.group(1)))
    clock = next((v for k, v in row.items() if k != key and isinstance(v, str) and is_clock(v)), "")
    offset = next(
        (
            m.group(1)
            for k, v in row.items()
            if _ZONE_KEYS.search(k) and isinstance(v, str) and (m := _OFFSET.fullmatch(v.strip()))
        ),
        "",
    )
    plain = read_instant(value, zone=zone)
    if plain is None or not plain.zone_assumed:
        return plain
    whole = f"{value} {clock}" if plain.whole_day and clock else value
    return read_instant(f"{whole} {offset}".strip(), zone=zone) or plain


def is_zone(key: str) -> bool:
    """
    True for the name of a field that holds a time zone or an offset.
    """
    return bool(_ZONE_KEYS.search(key))


def is_wrapped(value: str) -> bool:
    """
    True for ASP.NET's form of an instant.
    """
    return _WRAPPED.fullmatch(value.strip()) is not None


def _is_date(key: str, value: Any) -> bool:
    if isinstance(value, bool) or _PLAN.search(key):
        return False  # when it is meant to happen is no event
    if isinstance(value, int | float) or _EPOCH.fullmatch(value if isinstance(value, str) else ""):
        named = any(mark in key.casefold() for mark in ("time", "date", "stamp"))
        return _epoch(float(value)) is not None and (
            named or re.sub(r"[\W_]+", "", key).casefold() in _EPOCH_KEYS
        )
    return isinstance(value, str) and (
        looks_dated(value) or bool(_WRAPPED.fullmatch(value.strip()))
    )


def _date_rank(key: str) -> tuple[bool, int]:
    name = re.sub(r"[\W_]+", "", key).casefold()
    order = next((i for i, mark in enumerate(_DATE_KEYS) if mark in name), len(_DATE_KEYS))
    return bool(_NOT_THE_EVENT.search(key)), order


def _epoch(value: float) -> Instant | None:
    seconds = value / 1000 if value > _SECONDS[1] else value
    if not _SECONDS[0] < seconds < _SECONDS[1]:
        return None
    return Instant(datetime.fromtimestamp(seconds, UTC), "UTC", zone_assumed=False)
