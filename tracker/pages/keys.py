"""
Which field of an unknown JSON object is its text, its place, its code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
from tracker.pages.dates import is_clock, looks_dated
from tracker.pages.key_dates import is_wrapped, is_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_FOUND_KEYS = frozenset({"found", "isfound", "exist", "exists", "isexist", "isexists", "known"})
_LETTER = re.compile(r"[^\W\d_]")
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
    return Outcome.NOT_FOUND if any(flag is False for flag in flags) and bare else None


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


def _is_words(key: str, value: str) -> bool:
    return (
        bool(_LETTER.search(value))
        and not looks_dated(value)
        and not is_wrapped(value)
        and not is_clock(value)
        and not is_zone(key)
    )
