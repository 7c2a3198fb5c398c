"""
Where a page's own answer keeps its parcels and their events, as JMESPath expressions.

The reader finds them by meaning each time; paths that are written down (``[read]`` of a profile)
show when a portal has changed, instead of guessing anew.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath.exceptions import JMESPathError

from tracker.pages import key_dates, keys
from tracker.pages.numbers import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Step = str | int
    Steps = tuple[Step, ...]
    Row = Mapping[str, Any]

_DEPTH = 40
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ITSELF = "@"
_ALONE = "[@]"  # an event that is an entry of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPaths:
    """
    The keys of a profile's ``[read]``; ``None`` where nothing certain was found.
    """

    parcels: str
    number: str
    events: str
    date: str | None = None
    text: str | None = None
    place: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class _History:
    """
    A list of events: its place, its rows, and the objects around it, the nearest first.
    """

    steps: Steps
    rows: Sequence[Row]
    around: tuple[tuple[Steps, Row], ...]


def find_paths(data: Any, asked: Sequence[str]) -> AnswerPaths | None:
    """
    The paths that lead to the events of the asked numbers; ``None`` where there are none.

    ``data`` is parsed JSON. Where several forms stand in one answer, the one that tells of most
    of the asked numbers is taken.
    """
    wanted = {canonical(number) for number in asked}
    places: dict[tuple[str, str, str], list[Row]] = {}
    told: dict[tuple[str, str, str], set[str]] = {}
    for history in _histories(data, (), ()):
        for place, number, rows in _placed(history, wanted):
            places.setdefault(place, []).extend(rows)
            told.setdefault(place, set()).add(number)
    places = {place: rows for place, rows in places.items() if all(map(_is_path, place))}
    if not places:
        return None
    best = max(places, key=lambda place: (len(told[place]), len(places[place])))
    parcels, number, events = best
    return AnswerPaths(
        parcels=parcels, number=number, events=events, **_fields(places[best], wanted)
    )


def _histories(
    value: Any, steps: Steps, around: tuple[tuple[Steps, Row], ...]
) -> Iterator[_History]:
    if len(steps) > _DEPTH:
        return
    if isinstance(value, dict):
        here = ((steps, value), *around)
        for key, inner in value.items():
            yield from _histories(inner, (*steps, str(key)), here)
    elif isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        if rows and len(rows) == len(value) and all(map(_is_event, rows)):
            yield _History(steps, rows, around)
            return
        for index, inner in enumerate(value):
            yield from _histories(inner, (*steps, index), around)


def _is_event(row: Row) -> bool:
    """
    True when an object is one event: a date and a text of its own, and no list inside.
    """
    if any(isinstance(value, list) for value in row.values()):
        return False
    if any(keys.is_inner(key, value) for key, value in row.items()):
        return False
    flat = keys.flat(row)
    return key_dates.date_key(flat) is not None and keys.text_key(flat) is not None


def _placed(
    history: _History, wanted: set[str]
) -> Iterator[tuple[tuple[str, str, str], str, list[Row]]]:
    """
    The paths to a history and to its number, once for each number that it tells of.
    """
    own = Counter(_number_key(row, wanted) for row in history.rows)
    key = own.most_common(1)[0][0]
    if key is not None:
        for row in history.rows:
            told = keys.flat(row).get(key)
            if isinstance(told, str) and canonical(told) in wanted:
                yield (_list_path(history.steps), _key_path(row, key), _ALONE), told, [row]
        return
    for steps, parcel in history.around:
        key = _number_key(parcel, wanted)
        if key is not None:
            events = _path(history.steps[len(steps) :])
            number = str(keys.flat(parcel)[key])
            yield (_list_path(steps), _key_path(parcel, key), events), number, list(history.rows)
            return


def _number_key(row: Row, wanted: set[str]) -> str | None:
    named = (k for k, v in keys.flat(row).items() if isinstance(v, str) and canonical(v) in wanted)
    return next(named, None)


def _fields(rows: Sequence[Row], wanted: set[str]) -> dict[str, str | None]:
    """
    The paths of an event's own fields, each only where it is the same in every row.
    """
    bare = [{k: v for k, v in keys.flat(row).items() if not _is_number(v, wanted)} for row in rows]
    date, text = _common(bare, key_dates.date_key), _common(bare, keys.text_key)
    place = _common(bare, lambda row: _holder(row, keys.place_of(row, text=text or ""), text))
    code = _common(bare, lambda row: _holder(row, keys.code_of(row), None))
    found = {"date": date, "text": text, "place": place, "code": code}
    paths = {name: key and _key_path(rows[0], key) for name, key in found.items()}
    return {name: path if path and _is_path(path) else None for name, path in paths.items()}


def _is_number(value: Any, wanted: set[str]) -> bool:
    return isinstance(value, str) and canonical(value) in wanted


def _common(rows: Sequence[Row], key_of: Callable[[Row], str | None]) -> str | None:
    """
    The key that every row has; rows in which nothing stands do not count.
    """
    found = {key for key in map(key_of, rows) if key is not None}
    return found.pop() if len(found) == 1 else None


def _holder(row: Row, value: str | None, text: str | None) -> str | None:
    """
    The key under which a value stands in a row, besides that of its text.
    """
    if value is None:
        return None
    return next((key for key, told in row.items() if told == value and key != text), None)


def _list_path(steps: Steps) -> str:
    """
    The path to a list of parcels, given the place of the list or of one parcel in it.
    """
    if steps and isinstance(steps[-1], int) and not any(isinstance(s, int) for s in steps[:-1]):
        steps = steps[:-1]  # the list itself, which is the same and reads better
    return _path(steps)


def _path(steps: Steps) -> str:
    path = ""
    for step in steps:
        path += "[]" if isinstance(step, int) else f"{'.' if path else ''}{_name(step)}"
    return path or _ITSELF


def _key_path(row: Row, key: str) -> str:
    """
    The path to a field that ``keys.flat`` may have drawn up from an object inside.
    """
    if key in row:
        return _name(key)
    outer, _, inner = key.partition(".")
    return f"{_name(outer)}.{_name(inner)}"


def _is_path(path: str) -> bool:
    """
    False for what a key of this name makes of a path (an empty one): JMESPath cannot say it.
    """
    try:
        jmespath.compile(path)
    except JMESPathError:
        return False
    return True


def _name(key: str) -> str:
    return key if _PLAIN.fullmatch(key) else json.dumps(key, ensure_ascii=False)
