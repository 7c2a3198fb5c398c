"""
Data in unusual forms turned into lists of objects.

Rows under a list of column names, rows without names, events keyed by their date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.pages.dates import is_clock, looks_dated

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEPTH = 40
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
    by_date = _by_date(value)
    if by_date is not None:
        return [plain_form(row, depth + 1) for row in by_date]
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


def _has_date(row: dict[str, Any]) -> bool:
    return any(isinstance(v, str) and looks_dated(v) and not is_clock(v) for v in row.values())
