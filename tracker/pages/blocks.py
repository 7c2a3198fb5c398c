"""
The evidence on a page: groups of event rows (tables, lists, timelines, grids) and known sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.pages.dom import ancestors
from tracker.pages.evidence import Evidence, named_by
from tracker.pages.rows import row_of
from tracker.pages.shape_groups import of_shape
from tracker.pages.shapes import shapes_of
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
        found += of_shape(shape, reading, places)
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


def _sentence(part: Part, reading: Reading, places: dict[int, int]) -> Evidence | None:
    told = phrases().sentence(part.text)
    if told is None:
        return None
    number = named_by(row_of([part], reading))
    return Evidence(
        part.element, places[id(part)], number, outcome=told.outcome, weak=told.weak, text=part.text
    )
