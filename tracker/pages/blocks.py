"""
The evidence on a page: groups of event rows (tables, lists, timelines, grids) and known sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.pages.dom import ancestors
from tracker.pages.evidence import Evidence, named_by
from tracker.pages.rows import BrokenGroupError, read_group, row_of
from tracker.pages.shapes import Shape, shapes_of
from tracker.pages.table_groups import groups_of_table
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.pages.dom import Element, Page, Part
    from tracker.pages.reading import Reading


def evidence_on(page: Page, reading: Reading) -> list[Evidence]:
    """
    All evidence of a page in document order.
    """
    places = {id(part): index for index, part in enumerate(page.parts)}
    found: list[Evidence] = []
    used: set[int] = set()
    for table, parts in _tables(page):
        groups = groups_of_table(table, parts, reading, places)
        found += groups
        used |= {id(part) for part in parts if groups}
    free = [part for part in page.parts if id(part) not in used]
    for shape in shapes_of(free, reading):
        found += _of_shape(shape, reading, places)
        used |= {id(part) for part in shape.parts}
    left = (part for part in page.parts if id(part) not in used)
    found += (
        told for part in left if (told := _sentence(part, reading, places)) is not None
    )  # fmt: skip
    return sorted(found, key=lambda evidence: evidence.position)


def _tables(page: Page) -> Iterator[tuple[Element, list[Part]]]:
    by_table: dict[Element, list[Part]] = {}
    for part in page.parts:
        table = next((e for e in ancestors(part.element) if e.tag == "table"), None)
        if table is not None:
            by_table.setdefault(table, []).append(part)
    yield from by_table.items()


def _of_shape(shape: Shape, reading: Reading, places: dict[int, int]) -> Iterator[Evidence]:
    """
    The groups of a list or grid, one per number where its rows name numbers themselves.
    """
    position = places[id(shape.parts[0])]
    rows = [row_of(parts, reading) for parts in shape.rows]
    numbers = [named_by(row) for row in rows]
    if shape.why or (any(numbers) and None in numbers):
        yield Evidence(
            shape.element, position, why=shape.why or "a list names a number in some rows only"
        )
        return
    for number in dict.fromkeys(numbers):
        group = [row for row, named in zip(rows, numbers, strict=True) if named == number]
        try:
            yield Evidence(
                shape.element, position, number, events=tuple(read_group(group, reading))
            )
        except BrokenGroupError as trouble:
            yield Evidence(shape.element, position, number, why=str(trouble))


def _sentence(part: Part, reading: Reading, places: dict[int, int]) -> Evidence | None:
    told = phrases().sentence(part.text)
    if told is None:
        return None
    number = named_by(row_of([part], reading))
    return Evidence(
        part.element, places[id(part)], number, outcome=told.outcome, weak=told.weak, text=part.text
    )
