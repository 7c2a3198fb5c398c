"""
The groups of event rows in one table: one, or one per number that its rows or sub-headings name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.pages import grids
from tracker.pages.evidence import Evidence, named_by
from tracker.pages.filling import filled_down
from tracker.pages.label_tables import by_column, labelled, read_across, read_columns
from tracker.pages.rows import BrokenGroupError, is_heading, read_group
from tracker.pages.shape_groups import of_parts
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.pages.dom import Element, Part
    from tracker.pages.reading import Reading
    from tracker.pages.rows import Row

Roles = tuple[str | None, ...]


@dataclass
class _Sorted:
    """
    A table's rows by the number they belong to, with the heading and the sentences met.
    """

    roles: Roles | None = None
    current: str | None = None
    last: str | None = None
    day: Part | None = None
    by_sub_heading: bool = False
    headed: bool = False
    groups: dict[str | None, list[grids.Line]] = field(default_factory=dict)
    sentences: list[Evidence] = field(default_factory=list)
    details: list[Evidence] = field(default_factory=list)


def groups_of_table(
    table: Element, parts: Sequence[Part], reading: Reading, places: Mapping[int, int]
) -> list[Evidence]:
    """
    The table's evidence; ``places`` gives each part's position on the page.
    """
    lines = [line for line in grids.lines_of(table, parts) if line.parts]
    pairs = labelled(lines, reading)
    if pairs is not None:
        return read_across(table, pairs, reading, places)
    columns = by_column(lines, reading)
    if columns is not None:
        return read_columns(table, columns, reading, places)
    found = _Sorted()
    for line in lines:
        _sort(line, found, reading, places)
    if _tells_no_events(lines, found, reading):
        return found.sentences
    found.groups = filled_down(lines, found.groups, reading) or found.groups
    why = _fault(found, reading)
    if why:
        first = places[id(parts[0])]
        return [Evidence(table, first, number, why=why) for number in found.groups]
    return (
        found.sentences
        + found.details
        + [
            _group(
                table,
                lines,
                number,
                roles=found.roles,
                reading=reading,
                position=places[id(lines[0].parts[0])],
            )
            for number, lines in found.groups.items()
        ]
    )


def _sort(line: grids.Line, found: _Sorted, reading: Reading, places: Mapping[int, int]) -> None:
    heading = grids.heading_of(line)
    if heading is not None or is_heading(line.parts) or grids.is_head(line):
        found.headed = found.headed or not _is_one_cell(line)
        found.roles = heading or found.roles
        return
    row = grids.named_in(line, reading)
    named = named_by(row)
    if _is_day(line, row) and row.dates:
        found.day = line.parts[0]
        return
    if _is_one_cell(line) and _has_elements(line) and row.dates and named is None and found.last:
        found.details += of_parts(line.parts, reading, places, found.last)
        return
    if not row.dates and not row.texts and line.element.xpath(".//table"):
        return  # a frame around another table, which is read by itself
    found.last = named
    sentence = _sentence(line, named or found.current, places)
    if sentence is not None and not row.dates:
        found.sentences.append(sentence)
    elif named is not None and not row.dates and _is_one_cell(line):
        found.current, found.by_sub_heading = named, True
    elif row.clocks and not row.dates and found.day is not None:
        dated = grids.on_day(line, found.day)
        found.groups.setdefault(found.current if named is None else named, []).append(dated)
    elif row.dates or found.roles is not None or not _is_one_cell(line):
        found.groups.setdefault(found.current if named is None else named, []).append(line)


def _sentence(line: grids.Line, number: str | None, places: Mapping[int, int]) -> Evidence | None:
    for part in line.parts:
        told = phrases().sentence(part.text)
        if told is not None:
            return Evidence(
                line.element, places[id(line.parts[0])], number,
                outcome=told.outcome, weak=told.weak, text=part.text,
            )  # fmt: skip
    return None


def _tells_no_events(lines: Sequence[grids.Line], found: _Sorted, reading: Reading) -> bool:
    """
    True for a table about the parcels themselves: no date in it that could be an event's.

    Its cells hold no text of an event either, or it has headings and none of them is a time.
    """
    rows = [grids.named_in(line, reading) for line in lines]
    if any(row.dates or row.clocks for row in rows) or found.roles is not None:
        return False
    widths = {len(line.cells) for line in lines if not _is_one_cell(line)}
    headed = found.headed and len(widths) == 1
    return headed or not any(
        reading.event_is_known(text) for row in rows for text in row.texts.values()
    )


def _is_day(line: grids.Line, row: Row) -> bool:
    """
    True for a line that is one cell with a day alone, above the times of that day.
    """
    alone = _is_one_cell(line) and len(line.parts) == 1 and not row.texts and not row.clocks
    day = row.dates[0] if alone and len(row.dates) == 1 else None
    return day is not None and day.instant is not None and day.instant.whole_day


def _has_elements(line: grids.Line) -> bool:
    return len(line.cells[0].element) > 0


def _is_one_cell(line: grids.Line) -> bool:
    return len({id(cell.element) for cell in line.cells}) == 1


def _fault(found: _Sorted, reading: Reading) -> str | None:
    """
    What makes a table as a whole unreadable: one lost cell or sub-heading may shift the rest.
    """
    widths = {len(line.cells) for lines in found.groups.values() for line in lines}
    if len(widths) > 1 or (found.roles is not None and widths - {len(found.roles)}):
        return "the rows of a table have different columns"
    if len(found.groups) > 1 and None in found.groups:
        return "a table names a number in some rows only"
    told = {sentence.number for sentence in found.sentences} | set(found.groups)
    if found.by_sub_heading and (None in found.groups or not set(reading.asked) <= told):
        return "a table lacks the sub-heading of a number"
    return None


def _group(
    table: Element,
    lines: Sequence[grids.Line],
    number: str | None,
    *,
    roles: Roles | None,
    reading: Reading,
    position: int,
) -> Evidence:
    try:
        if roles is not None:
            events = grids.read_by_heading(lines, roles, reading)
        else:
            events = read_group([grids.named_in(line, reading) for line in lines], reading)
    except BrokenGroupError as trouble:
        return Evidence(table, position, number, why=str(trouble))
    return Evidence(table, position, number, events=tuple(events))
