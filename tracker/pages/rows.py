"""
One event's pieces on a page, and a group of such rows read together.

Rows of one group have one form, so the piece that holds the text is chosen for the group and not
row by row. A row that lacks a piece breaks its group: half a history is not believed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.pages.dates import Dated, is_clock, is_relative, leading_clock, read_instant
from tracker.pages.numbers import echoed, strangers
from tracker.pages.tree import dated_in
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model import ScanEvent
    from tracker.pages.dates import Instant
    from tracker.pages.dom import Part
    from tracker.pages.reading import Reading

_LABEL = re.compile(r"^\s*([^:：]{1,24})[:：]\s*(.*)$", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")
_ONE_DAY = timedelta(days=1)  # one instant in two zones
_SPLIT = re.compile(r"\s[|·•]\s|\t")
_PLACE_HINT = re.compile(r"loc|place|site|city|addr|station|facility|where", re.IGNORECASE)
_TEXT_HINT = re.compile(
    r"desc|text|status|event|msg|message|content|info|title|activity", re.IGNORECASE
)

Key = tuple[str, str, int]


class BrokenGroupError(Exception):
    """
    A group of rows is not whole or not clear; its text says what is wrong.
    """


@dataclass
class Row:
    """
    One event's pieces: dates, times of day, texts by key, and the numbers that it names.
    """

    dates: list[Dated] = field(default_factory=list)
    clocks: list[str] = field(default_factory=list)
    texts: dict[Key, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


def row_of(parts: Sequence[Part], reading: Reading) -> Row:
    """
    The pieces of a row, told apart by their form, their label and their element.
    """
    row, seen, role = Row(), Counter[tuple[str, str]](), None
    for part in parts:
        for text in _SPLIT.split(part.text):
            label, value = _labelled(text)
            role = label or role
            if value:
                _take(row, part, value, role=role, seen=seen, reading=reading)
                role = None
    return row


def is_heading(parts: Sequence[Part]) -> bool:
    """
    True when every text is a heading's word, as in the first line of a grid.
    """
    return bool(parts) and all(phrases().heading(part.text) for part in parts)


def read_group(rows: Sequence[Row], reading: Reading) -> list[ScanEvent]:
    """
    The rows as events; :class:`BrokenGroupError` when one of them is not whole or not clear.
    """
    if any(not row.dates for row in rows):
        raise BrokenGroupError("an event has no date")
    if any(_days_apart(row) for row in rows):
        raise BrokenGroupError("an event has two dates")
    key = _text_key(rows, reading)
    _check_clocks(rows)
    _check_pieces(rows, key, reading)
    return [_event(row, key, reading) for row in rows]


def _days_apart(row: Row) -> bool:
    """
    True for a row with two different dates: planned and done, or something else we cannot tell.
    """
    instants = [dated.instant.at for dated in row.dates if dated.instant is not None]
    return bool(instants) and max(instants) - min(instants) > _ONE_DAY


def instant_with(dated: Dated, clocks: Sequence[str], zone: str) -> Instant | None:
    """
    The instant of a date, with a time of day that stands in a piece of its own.
    """
    if dated.instant is not None and dated.instant.whole_day and clocks:
        return read_instant(f"{dated.written} {clocks[0]}", zone=zone)
    return dated.instant


def _labelled(text: str) -> tuple[str | None, str]:
    if phrases().heading(text):
        return phrases().heading(text), ""
    match = _LABEL.match(text)
    role = phrases().heading(match.group(1)) if match else None
    return (role, match.group(2).strip()) if match and role else (None, text)


def _take(
    row: Row,
    part: Part,
    text: str,
    *,
    role: str | None,
    seen: Counter[tuple[str, str]],
    reading: Reading,
) -> None:
    dated = dated_in(text, reading)
    if dated is not None and role == "plan":
        return
    clock = None if dated else leading_clock(text)
    if dated is not None:
        row.dates.append(dated)
        text = dated.rest
    elif clock is not None:
        row.clocks.append(clock[0])
        text = clock[1]
    numbers, others = echoed(text, reading.asked), strangers(text, reading.asked)
    row.numbers |= numbers
    row.others |= others
    if is_clock(text):
        row.clocks.append(text)
    elif is_relative(text):
        return
    elif _LETTER.search(text) and not numbers and not others:
        kind = (str(part.element.tag), part.element.get("class") or "")
        row.texts[(*kind, seen[kind])] = text
        seen[kind] += 1
        if role:
            row.roles.setdefault(role, text)


def _text_key(rows: Sequence[Row], reading: Reading) -> Key:
    """
    The key of the piece that holds the event's sentence in these rows.
    """
    votes: Counter[Key] = Counter()
    places: list[Key] = []
    for row in rows:
        for key, text in row.texts.items():
            places += [key] if key not in places else []
            votes[key] += 1000 * bool(reading.known(text)) + 10 * len(row.texts)
            votes[key] += 100 * bool(_TEXT_HINT.search(key[1])) - 100 * bool(
                _PLACE_HINT.search(key[1])
            )
            votes[key] += 500 * (row.roles.get("text") == text) - 500 * (
                row.roles.get("location") == text
            )
            votes[key] += min(len(text), 60) // 8
    if not votes:
        raise BrokenGroupError("an event has no text")
    return max(places, key=lambda key: votes[key])


def _check_pieces(rows: Sequence[Row], key: Key, reading: Reading) -> None:
    """
    Rows with other numbers of texts are believed only where no text can be another event's.
    """
    counts = {len(row.texts) for row in rows}
    for row in rows if len(counts) > 1 else ():
        text = row.texts.get(key, "")
        if len(row.texts) < max(counts) and reading.known(text) is None:
            raise BrokenGroupError("an event has fewer pieces than the others")
        rest = [other for other in row.texts.values() if other != text]
        if len(row.texts) > min(counts) and any(map(reading.known, rest)):
            raise BrokenGroupError("an event has more texts than the others")


def _event(row: Row, key: Key, reading: Reading) -> ScanEvent:
    text = row.texts.get(key)
    if text is None:
        raise BrokenGroupError("an event has no text where the others have one")
    known = reading.known(text)
    rest = [other for other in row.texts.values() if other != text]
    if any((stage := reading.known(other)) and stage is not known for other in rest):
        raise BrokenGroupError("an event has two texts that mean different things")
    return reading.event(
        instant_with(row.dates[0], row.clocks, reading.zone),
        text,
        _place(row, text, rest),
        row.roles.get("code"),
    )


def _place(row: Row, text: str, rest: Sequence[str]) -> str | None:
    named = row.roles.get("location")
    if named and named != text:
        return named
    hinted = [t for key, t in row.texts.items() if t != text and _PLACE_HINT.search(key[1])]
    if hinted:
        return hinted[0]
    return rest[0] if len(rest) == 1 else None


def _check_clocks(rows: Sequence[Row]) -> None:
    whole = {
        row.dates[0].instant.whole_day and not row.clocks for row in rows if row.dates[0].instant
    }
    if len(whole) > 1:
        raise BrokenGroupError("an event lacks its time of day")
