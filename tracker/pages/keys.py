"""
Which field of an unknown JSON object is its date, its text, its place, its code.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
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
_TEXT_KEYS = (
    "description", "desc", "eventstatus", "eventdescription", "eventname", "event", "activity",
    "context", "content", "message", "info", "remark", "trackinfo", "track", "statusdescription",
    "statusname", "statustext", "text", "detail", "details", "title", "status", "state",
    "描述", "状态", "轨迹", "内容",
)  # fmt: skip
_PLACE_KEYS = re.compile(
    r"locat|place|site|city|station|facility|address|office|area|position|country|地点|位置|网点",
    re.IGNORECASE,
)
_CODE_KEYS = ("omnicode", "eventcode", "statuscode", "code", "trackcode")
_FOUND_KEYS = frozenset({"found", "isfound", "exists", "isexist", "isexists"})
_ZONE_KEYS = re.compile(r"zone|offset|^tz$", re.IGNORECASE)
_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+-]\d{1,2}:?\d{0,2})", re.IGNORECASE)
_WRAPPED = re.compile(r"/Date\((\d{10,13})(?:[+-]\d{4})?\)/")  # ASP.NET: UTC milliseconds
_EPOCH = re.compile(r"\d{10}|\d{13}")  # seconds or milliseconds
_EPOCH_KEYS = frozenset({"ts", "t", "at", "dt", "when", "on", "timestamp"})
_LETTER = re.compile(r"[^\W\d_]")
_SECONDS = (10**9, 4 * 10**9)

#: Names of lists that hold a parcel's history; only such a list, empty, says "nothing yet".
CONTAINER = re.compile(
    r"event|track|trace|route|histor|scan|checkpoint|milestone|timeline|轨迹|物流", re.IGNORECASE
)


_HISTORIES = frozenset(
    {
        "events",
        "tracking",
        "trackings",
        "tracks",
        "routes",
        "traces",
        "history",
        "histories",
        "checkpoints",
        "scans",
        "details",
    }
)


def not_found_in(value: Mapping[str, Any]) -> Outcome | None:
    """
    ``not_found`` where an object has no more than a plain "found: no" to say.
    """
    flags = [v for k, v in value.items() if folded(k) in _FOUND_KEYS]
    bare = not any(isinstance(v, list | dict) and v for v in value.values())
    return Outcome.NOT_FOUND if False in flags and bare else None


def is_history(key: str) -> bool:
    """
    True for the name of a list that can only be a parcel's history.
    """
    return folded(key) in _HISTORIES


def is_inner(key: str, value: Any) -> bool:
    """
    True when a field shows that its object is more than one event: a history, or an object inside.
    """
    if value is None:
        return folded(key) in _HISTORIES
    return isinstance(value, dict) and bool(value) and not _PLACE_KEYS.search(key)


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """
    The row with the fields of a place that is an object of its own beside the others.
    """
    inner = {
        f"{k}.{n}": v
        for k, value in row.items()
        if isinstance(value, dict)
        for n, v in value.items()
    }
    return {k: v for k, v in row.items() if not isinstance(v, dict)} | inner


def folded(key: str) -> str:
    """
    A key's name without case and separators.
    """
    return re.sub(r"[\W_]+", "", key).casefold()


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


def text_key(row: Mapping[str, Any]) -> str | None:
    """
    The key whose value is the event's sentence: by name, else the longest; else a code's.
    """
    found = named_text_key(row) or max(text_keys(row), key=lambda k: len(row[k]), default=None)
    return found or next(iter(code_keys(row)), None)


def named_text_key(row: Mapping[str, Any]) -> str | None:
    """
    The key whose name says that it holds the event's sentence.
    """
    return max((key for key in text_keys(row) if name_weight(key)), key=name_weight, default=None)


def name_weight(key: str) -> int:
    """
    How clearly a key's name says that it holds the event's sentence; 0 for any other name.
    """
    name = folded(key)
    return 300 - _TEXT_KEYS.index(name) if name in _TEXT_KEYS else 0


def code_keys(row: Mapping[str, Any]) -> list[str]:
    """
    The keys that hold an event's code in letters: its text where it has no other.
    """
    worded = [k for k, v in row.items() if isinstance(v, str) and _is_words(k, v)]
    return [k for k in worded if folded(k) in _CODE_KEYS]


def text_keys(row: Mapping[str, Any]) -> list[str]:
    """
    The keys whose values may be the event's sentence, whatever their names.
    """
    worded = [k for k, v in row.items() if isinstance(v, str) and _is_words(k, v)]
    free = [k for k in worded if not _PLACE_KEYS.search(k) and folded(k) not in _CODE_KEYS]
    return [k for k in worded if k in free or name_weight(k)]


def place_of(row: Mapping[str, Any], *, text: str) -> str | None:
    """
    The row's place, by the key's name.
    """
    places = [
        v
        for k, v in row.items()
        if k != text and _PLACE_KEYS.search(k) and isinstance(v, str) and v.strip()
    ]
    return places[0] if places else None


def code_of(row: Mapping[str, Any]) -> str | None:
    """
    The row's event code, by the key's name.
    """
    by_name = {folded(k): v for k, v in row.items() if isinstance(v, str) and v.strip()}
    return next((by_name[name] for name in _CODE_KEYS if name in by_name), None)


def _is_date(key: str, value: Any) -> bool:
    if isinstance(value, bool) or _PLAN.search(key):
        return False  # when it is meant to happen is no event
    if isinstance(value, int | float) or _EPOCH.fullmatch(value if isinstance(value, str) else ""):
        named = any(mark in key.casefold() for mark in ("time", "date", "stamp"))
        return _epoch(float(value)) is not None and (named or folded(key) in _EPOCH_KEYS)
    return isinstance(value, str) and (
        looks_dated(value) or bool(_WRAPPED.fullmatch(value.strip()))
    )


def _date_rank(key: str) -> tuple[bool, int]:
    name = folded(key)
    order = next((i for i, mark in enumerate(_DATE_KEYS) if mark in name), len(_DATE_KEYS))
    return bool(_NOT_THE_EVENT.search(key)), order


def _epoch(value: float) -> Instant | None:
    seconds = value / 1000 if value > _SECONDS[1] else value
    if not _SECONDS[0] < seconds < _SECONDS[1]:
        return None
    return Instant(datetime.fromtimestamp(seconds, UTC), "UTC", zone_assumed=False)


def _is_words(key: str, value: str) -> bool:
    return (
        bool(_LETTER.search(value))
        and not looks_dated(value)
        and not _WRAPPED.fullmatch(value.strip())
        and not is_clock(value)
        and not _ZONE_KEYS.search(key)
    )
