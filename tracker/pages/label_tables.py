"""
Tables that are read across: a label in the first column and its value in the second.

Or all dates stand in one line, all texts in another: then each column is an event.
One such table may hold one event or several below each other; a label that comes again begins the
next one. Lines with other labels (origin, weight) are about the parcel and left out, unless they
print a date beside a text that an event could have: then nothing here is believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.pages.evidence import Evidence, named_by
from tracker.pages.rows import BrokenGroupError, read_group, row_of
from tracker.pages.tree import dated_in
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.pages.grids import Line
    from tracker.pages.parts import Element, Part
    from tracker.pages.reading import Reading

_PAIR = 2
_OF_EVENTS = frozenset({"time", "text", "location", "code"})


def labelled(lines: Sequence[Line], reading: Reading) -> list[Line] | None:
    """
    The lines of a table that is read across; ``None`` for any other table.
    """
    pairs = [line for line in lines if len(line.cells) == _PAIR and line.cells[0].text]
    if len(pairs) < len([line for line in lines if len(line.cells) > 1]):
        return None
    roles = {_role(line) for line in pairs}
    across = {"time", "text"} <= roles and not any(
        dated_in(line.cells[0].text, reading) for line in pairs
    )
    headings = [line for line in pairs if phrases().heading(line.cells[1].text)]
    return pairs if across and not headings else None


def read_across(
    table: Element, pairs: Sequence[Line], reading: Reading, places: Mapping[int, int]
) -> list[Evidence]:
    """
    The events of a table that is read across.
    """
    position = places[id(pairs[0].parts[0])]
    named = {named_by(row_of(line.parts, reading)) for line in pairs} - {None}
    number = named.pop() if len(named) == 1 else "" if named else None
    records = _records(pairs)
    forms = {tuple(_role(line) for line in record) for record in records}
    if len(forms) > 1 or any(_is_doubtful(line, reading) for line in pairs):
        return [Evidence(table, position, number, why="the labels of a table do not repeat evenly")]
    rows = [row_of(_parts(record), reading) for record in records]
    try:
        return [Evidence(table, position, number, events=tuple(read_group(rows, reading)))]
    except BrokenGroupError as trouble:
        return [Evidence(table, position, number, why=str(trouble))]


def by_column(lines: Sequence[Line], reading: Reading) -> list[Line] | None:
    """
    The lines of a table in which each column is an event; ``None`` for any other table.
    """
    rows = [line for line in lines if len(line.cells) > _PAIR]
    times = [line for line in rows if _role(line) == "time"]
    across = len(times) == 1 and {"time", "text"} <= {_role(line) for line in rows}
    if not across or len({len(line.cells) for line in rows}) > 1 or len(rows) < len(lines):
        return None
    dated = all(dated_in(cell.text, reading) is not None for cell in times[0].cells[1:])
    return rows if dated else None


def read_columns(
    table: Element, rows: Sequence[Line], reading: Reading, places: Mapping[int, int]
) -> list[Evidence]:
    """
    The events of a table in which each column is one.
    """
    position = places[id(rows[0].parts[0])]
    known = [line for line in rows if _role(line) in _OF_EVENTS]
    columns = [
        row_of([part for line in known for cell in (line.cells[0], line.cells[at])
                for part in cell.parts], reading)
        for at in range(1, len(rows[0].cells))
    ]  # fmt: skip
    try:
        return [Evidence(table, position, events=tuple(read_group(columns, reading)))]
    except BrokenGroupError as trouble:
        return [Evidence(table, position, why=str(trouble))]


def _role(line: Line) -> str | None:
    return phrases().heading(line.cells[0].text.rstrip(" :："))


def _records(pairs: Sequence[Line]) -> list[list[Line]]:
    """
    The events' lines, a new event where a label comes again.
    """
    records: list[list[Line]] = [[]]
    for line in pairs:
        role = _role(line)
        if role in _OF_EVENTS:
            if any(_role(other) == role for other in records[-1]):
                records.append([])
            records[-1].append(line)
    return records


def _is_doubtful(line: Line, reading: Reading) -> bool:
    """
    True for a line whose label is itself an event's text and whose value is a date.
    """
    known = _role(line) is None and reading.event_is_known(line.cells[0].text)
    return known and dated_in(line.cells[1].text, reading) is not None


def _parts(record: Sequence[Line]) -> list[Part]:
    return [part for line in record for part in line.parts]
