"""
The evidence on a page: groups of event rows (tables, lists, timelines, grids) and known sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.pages import grids
from tracker.pages.dom import ancestors
from tracker.pages.rows import BrokenGroupError, Reading, Row, is_heading, read_group, row_of
from tracker.pages.shapes import Shape, shapes_of
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.model import Outcome, ScanEvent
    from tracker.pages.dom import Element, Page, Part

OTHERS = ""  # the "number" of evidence about a parcel that was not asked for


@dataclass(frozen=True)
class Evidence:
    """
    One thing on a page that says something of a parcel.

    ``number`` is set when the evidence names its parcel itself (``OTHERS``: one not asked for).
    ``why`` is set when the evidence is there and cannot be read; ``outcome`` for a sentence.
    """

    element: Element
    position: int
    number: str | None = None
    events: tuple[ScanEvent, ...] = ()
    why: str | None = None
    outcome: Outcome | None = None
    weak: bool = False
    text: str = ""


def evidence_on(page: Page, reading: Reading) -> list[Evidence]:
    """
    All evidence of a page in document order.
    """
    places = {id(part): index for index, part in enumerate(page.parts)}
    found: list[Evidence] = []
    used: set[int] = set()
    for table, parts in _tables(page):
        for group in _of_table(table, parts, reading, places):
            found.append(group)
            used |= {id(part) for part in parts}
    free = [part for part in page.parts if id(part) not in used]
    for shape in shapes_of(free, reading):
        found += _of_shape(shape, reading, places)
        used |= {id(part) for part in shape.parts}
    found += (
        sentence for part in page.parts if id(part) not in used and (sentence := _sentence(part, reading, places))
    )  # fmt: skip
    return sorted(found, key=lambda evidence: evidence.position)


def _tables(page: Page) -> Iterator[tuple[Element, list[Part]]]:
    by_table: dict[Element, list[Part]] = {}
    for part in page.parts:
        table = next((e for e in ancestors(part.element) if e.tag == "table"), None)
        if table is not None:
            by_table.setdefault(table, []).append(part)
    yield from by_table.items()


def _of_table(table: Element, parts: Sequence[Part], reading: Reading, places: dict[int, int]) -> Iterator[Evidence]:
    """
    The groups of a table: one, or one per number where its rows or its sub-headings name numbers.
    """
    roles: tuple[str | None, ...] | None = None
    current: str | None = None
    groups: dict[str | None, list[grids.Line]] = {}
    split = False
    for line in grids.lines_of(table, parts):
        if not line.parts:
            continue
        heading = grids.heading_of(line)
        if heading is not None or is_heading(line.parts):
            roles = heading or roles
            continue
        row = grids.named_in(line, reading)
        named = _number(row)
        sentence = next((s for part in line.parts if (s := phrases().sentence(part.text))), None)
        if sentence is not None and not row.dates:
            yield Evidence(line.element, places[id(line.parts[0])], named or current, outcome=sentence.outcome, weak=sentence.weak, text=line.parts[0].text)
        elif named is not None and not row.dates:
            current, split = named, True
        elif row.dates or groups:
            groups.setdefault(named if named is not None else current, []).append(line)
    if split and None in groups:
        groups = {OTHERS: [line for lines in groups.values() for line in lines]}
    if len(groups) > 1 and None in groups:
        yield Evidence(table, places[id(parts[0])], why="a table names a number in some rows only")
        return
    for number, lines in groups.items():
        yield _group(table, lines, roles, number, reading, places)


def _group(
    table: Element, lines: Sequence[grids.Line], roles: tuple[str | None, ...] | None,
    number: str | None, reading: Reading, places: dict[int, int],
) -> Evidence:  # fmt: skip
    position = places[id(lines[0].parts[0])]
    try:
        if roles is not None:
            events = grids.read_by_heading(lines, roles, reading)
        else:
            if len({len(line.cells) for line in lines}) > 1:
                raise BrokenGroupError("the rows of a table have different columns")
            events = read_group([grids.named_in(line, reading) for line in lines], reading)
    except BrokenGroupError as trouble:
        return Evidence(table, position, number, why=str(trouble))
    return Evidence(table, position, number, events=tuple(events))


def _of_shape(shape: Shape, reading: Reading, places: dict[int, int]) -> Iterator[Evidence]:
    """
    The groups of a list or grid, one per number where its rows name numbers themselves.
    """
    position = places[id(shape.parts[0])]
    rows = [row_of(parts, reading) for parts in shape.rows]
    numbers = [_number(row) for row in rows]
    if shape.why or (any(numbers) and None in numbers):
        yield Evidence(shape.element, position, why=shape.why or "a list names a number in some rows only")
        return
    for number in dict.fromkeys(numbers):
        group = [row for row, named in zip(rows, numbers, strict=True) if named == number]
        try:
            yield Evidence(shape.element, position, number, events=tuple(read_group(group, reading)))
        except BrokenGroupError as trouble:
            yield Evidence(shape.element, position, number, why=str(trouble))


def _sentence(part: Part, reading: Reading, places: dict[int, int]) -> Evidence | None:
    told = phrases().sentence(part.text)
    if told is None:
        return None
    number = _number(row_of([part], reading))
    return Evidence(part.element, places[id(part)], number, outcome=told.outcome, weak=told.weak, text=part.text)


def _number(row: Row) -> str | None:
    """
    The one asked number that a row names, ``OTHERS`` for another or several, ``None`` for none.
    """
    if len(row.numbers) == 1:
        return next(iter(row.numbers))
    return OTHERS if row.numbers or row.others else None


def texts(evidence: Iterable[Evidence]) -> list[str]:
    """
    The texts of the sentences among the evidence.
    """
    return [one.text for one in evidence if one.outcome is not None]
