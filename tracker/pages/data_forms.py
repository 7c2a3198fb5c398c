"""
Data in unusual forms turned into lists of objects.

Rows under a list of column names, rows without names, events keyed by their date or listed below
a day, lines of text that begin with one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.pages import keys
from tracker.pages.dates import is_clock, leading_date, looks_dated

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEPTH = 40
_DAY_AND_LIST = 4  # fields of an object that is no more than a day and what happened on it
_NAMES = ("title", "name", "field", "key", "data", "label", "header")


def plain_form(value: Any, depth: int) -> Any:
    """
    The data with every table of arrays and every map by date as a list of objects.
    """
    if depth > _DEPTH:
        return value
    if isinstance(value, list):
        return [plain_form(inner, depth + 1) for inner in _named_rows(value, None)]
    if not isinstance(value, dict):
        return value
    by_date = _by_date(value) or _below_a_day(value)
    if by_date is not None:
        return [plain_form(row, depth + 1) for row in by_date]
    value = {key: _lines(key, inner) for key, inner in value.items()}
    return {key: plain_form(_named_rows(v, value), depth + 1) for key, v in value.items()}


def _named_rows(value: Any, around: dict[str, Any] | None) -> Any:
    """
    Arrays of equal length as objects, named by a list of names beside them or by their place.
    """
    if not _is_table(value):
        return value
    width = len(value[0])
    names = next((n for n in map(_names, (around or {}).values()) if len(n) == width), None)
    if names is None and all(isinstance(cell, str) for cell in value[0]):
        head = not any(map(_is_when, value[0])) and all(any(map(_is_when, r)) for r in value[1:])
        names, value = (value[0], value[1:]) if head and len(value) > 1 else (None, value)
    called = names or [f"column {number}" for number in range(1, width + 1)]
    return [dict(zip(called, row, strict=True)) for row in value]


def _is_table(value: Any) -> bool:
    if not isinstance(value, list) or not value or not isinstance(value[0], list):
        return False
    width = len(value[0])
    return width > 1 and all(
        isinstance(row, list)
        and len(row) == width
        and not any(isinstance(cell, list | dict) for cell in row)
        for row in value
    )


def _names(value: Any) -> Sequence[str]:
    """
    A list of different column names, plain or as objects that hold one each; else nothing.
    """
    if not isinstance(value, list) or not value:
        return ()
    names = [_column(entry) for entry in value]
    known = [name for name in names if name and not looks_dated(name)]
    return known if len(set(known)) == len(value) else ()


def _column(entry: Any) -> str | None:
    if isinstance(entry, dict):
        found = (entry.get(key) for key in _NAMES)
        return next((name for name in found if isinstance(name, str) and name), None)
    return entry if isinstance(entry, str) else None


def _is_when(cell: Any) -> bool:
    return isinstance(cell, str) and looks_dated(cell)


def _by_date(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """
    The rows of a map whose keys are all dates; ``None`` for any other object.
    """
    if not value or not all(looks_dated(key) for key in value):
        return None
    rows: list[dict[str, Any]] = []
    for day, told in value.items():
        for one in told if isinstance(told, list) else [told]:
            if isinstance(one, dict):
                rows.append(one if _has_date(one) else {"date": day} | one)
            elif isinstance(one, str):
                rows.append({"date": day, "text": one})
            else:
                return None
    return rows


def _below_a_day(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """
    The rows of an object that is a day and a list of times: each with its day.
    """
    days = [v for v in value.values() if isinstance(v, str) and _is_day(v)]
    lists = [v for v in value.values() if isinstance(v, list) and v]
    if len(days) != 1 or len(lists) != 1 or len(value) > _DAY_AND_LIST:
        return None
    rows = lists[0]
    below = all(isinstance(row, dict) and _has_clock(row) and not _has_date(row) for row in rows)
    return [{"date": days[0]} | row for row in rows] if below else None


def _lines(key: str, value: Any) -> Any:
    """
    Lines of text that each begin with a date as rows; anything else as it is.
    """
    lines = value
    if isinstance(value, str) and ("\n" in value or keys.CONTAINER.search(key)):
        lines = [line for line in value.splitlines() if line.strip()]
    if not isinstance(lines, list) or not lines or not all(isinstance(x, str) for x in lines):
        return value
    dated = [leading_date(line, zone="UTC") for line in lines]
    rows = [{"date": one.written, "text": one.rest} for one in dated if one and one.rest]
    return rows if len(rows) == len(lines) else value


def _is_day(text: str) -> bool:
    found = leading_date(text, zone="UTC")
    return bool(found and not found.rest and found.instant and found.instant.whole_day)


def _has_clock(row: dict[str, Any]) -> bool:
    return any(isinstance(value, str) and is_clock(value) for value in row.values())


def _has_date(row: dict[str, Any]) -> bool:
    return any(isinstance(v, str) and looks_dated(v) and not is_clock(v) for v in row.values())
