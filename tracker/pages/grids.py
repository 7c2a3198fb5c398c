"""
Tables with headings: cells laid out with their spans, columns told apart by their headings.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.pages.dates import Dated, is_clock, leading_date
from tracker.pages.dom import Part, ancestors
from tracker.pages.rows import BrokenGroupError, Row, instant_with, row_of
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model import ScanEvent
    from tracker.pages.dom import Element
    from tracker.pages.reading import Reading

_MANY = 200  # a span beyond this is a mistake of the page


@dataclass(frozen=True)
class Cell:
    """
    One cell: its element and its visible parts.
    """

    element: Element
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """
        All that a person reads in the cell.
        """
        return " ".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Line:
    """
    One table row, its cells laid out by column; ``day`` is the day that stands above it.
    """

    element: Element
    cells: tuple[Cell, ...]
    day: Part | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """
        The parts of the row, each cell once.
        """
        once = {id(cell.element): cell for cell in self.cells}
        own = tuple(part for cell in once.values() for part in cell.parts)
        return own if self.day is None else (self.day, *own)


def on_day(line: Line, day: Part) -> Line:
    """
    The line below a day.
    """
    return Line(line.element, line.cells, day)


def lines_of(table: Element, parts: Sequence[Part]) -> list[Line]:
    """
    The table's own rows with column and row spans laid out; rows without cells are left out.
    """
    inside: dict[Element, list[Part]] = {}
    for part in parts:
        cell = next(
            (e for e in ancestors(part.element) if e.tag in {"td", "th"} and owner(e) is table),
            None,
        )
        if cell is not None:
            inside.setdefault(cell, []).append(part)
    lines: list[Line] = []
    hanging: dict[int, tuple[int, Cell]] = {}
    for tr in (e for e in table.iter("tr") if owner(e) is table):
        cells, hanging = _laid_out(tr, inside, hanging)
        if cells:
            lines.append(Line(tr, tuple(cells)))
    return lines


def owner(element: Element) -> Element:
    """
    The table that an element belongs to, ``None`` outside of tables.
    """
    return next((e for e in element.iterancestors() if e.tag == "table"), None)


def heading_of(line: Line) -> tuple[str | None, ...] | None:
    """
    The roles of the columns when a row is a heading row, else ``None``.
    """
    roles = tuple(phrases().heading(cell.text) for cell in line.cells)
    filled = [role for role, cell in zip(roles, line.cells, strict=True) if cell.text]
    known = [role for role in filled if role]
    is_th = all(cell.element.tag == "th" for cell in line.cells)
    enough = len(known) == len(filled) or (is_th and len(known) > 1)
    return roles if {"time", "text"} <= set(known) and enough else None


def is_head(line: Line) -> bool:
    """
    True for a row of heading cells only, whatever their words.
    """
    return len(line.cells) > 1 and all(cell.element.tag == "th" for cell in line.cells)


def read_by_heading(
    lines: Sequence[Line], roles: Sequence[str | None], reading: Reading
) -> list[ScanEvent]:
    """
    The rows as events by their columns; :class:`BrokenGroupError` when a row does not fit.
    """
    if any(len(line.cells) != len(roles) for line in lines):
        raise BrokenGroupError("a table row has other columns than the heading")
    text = _text_column(lines, roles, reading)
    return [_event(line, roles, text, reading) for line in lines]


def named_in(line: Line, reading: Reading) -> Row:
    """
    The row's pieces by form: which numbers it names and whether it holds a date.
    """
    return row_of(line.parts, reading)


def _event(line: Line, roles: Sequence[str | None], text: int, reading: Reading) -> ScanEvent:
    sentence = line.cells[text].text
    times = [cell.text for cell, role in zip(line.cells, roles, strict=True) if role == "time"]
    times += [line.day.text] if line.day is not None else []
    if not sentence or not times[0]:
        raise BrokenGroupError("a table row lacks its date or its text")
    dated = next((d for t in times if (d := leading_date(t, zone=reading.zone))), None)
    clocks = [t for t in times if is_clock(t)]
    if dated is None and clocks:
        raise BrokenGroupError("a table row lacks its day")
    instant = (
        instant_with(dated, clocks, reading.zone)
        if isinstance(dated, Dated) and not dated.rest
        else None
    )
    place, code = (_column(line, roles, role) for role in ("location", "code"))
    return reading.event(instant, sentence, place, code)


def _text_column(lines: Sequence[Line], roles: Sequence[str | None], reading: Reading) -> int:
    """
    The column with the sentence; several are told apart by how many of their texts are known.
    """
    columns = [index for index, role in enumerate(roles) if role == "text"]
    votes = Counter(
        {i: sum(reading.known(line.cells[i].text) is not None for line in lines) for i in columns}
    )
    best = max(columns, key=lambda i: votes[i])
    for line in lines:
        stages = {stage for i in columns if (stage := reading.known(line.cells[i].text))}
        if len(stages) > 1:
            raise BrokenGroupError("a table row has two texts that mean different things")
    return best


def _column(line: Line, roles: Sequence[str | None], role: str) -> str | None:
    found = (cell.text for cell, known in zip(line.cells, roles, strict=True) if known == role)
    return next((text for text in found if text and text not in {"-", "--", "N/A"}), None)


def _laid_out(
    tr: Element, inside: dict[Element, list[Part]], hanging: dict[int, tuple[int, Cell]]
) -> tuple[list[Cell], dict[int, tuple[int, Cell]]]:
    cells: list[Cell] = []
    left = {column: (rows - 1, cell) for column, (rows, cell) in hanging.items() if rows > 1}
    own = iter([e for e in tr if e.tag in {"td", "th"}])
    while True:
        if len(cells) in hanging:
            cells.append(hanging[len(cells)][1])
            continue
        element = next(own, None)
        if element is None:
            return cells, left
        cell = Cell(element, tuple(inside.get(element, ())))
        for _ in range(_span(element, "colspan")):
            if _span(element, "rowspan") > 1:
                left[len(cells)] = (_span(element, "rowspan") - 1, cell)
            cells.append(cell)


def _span(element: Element, name: str) -> int:
    value = (element.get(name) or "1").strip()
    return min(int(value), _MANY) if value.isascii() and value.isdigit() and int(value) else 1
