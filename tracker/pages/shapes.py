"""
Where the rows of a list, a timeline or a grid of plain elements begin and end.

A row is found from its date outwards: the smallest element around the date that also holds words,
widened while it still holds that one date, no tracking number and no neighbour of its own kind.
Dates that stand side by side with their texts in one element are cut into rows (``flat_rows``);
days with times below them are rows of their own (``day_groups``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.pages.day_groups import day_groups
from tracker.pages.flat_rows import flat_rows
from tracker.pages.row_elements import bare, widened
from tracker.pages.tree import Tree, ancestors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.pages.parts import Element, Part
    from tracker.pages.reading import Reading


@dataclass(frozen=True)
class Shape:
    """
    One group of rows: the element around them, each row's parts, and what is wrong with it.
    """

    element: Element
    rows: tuple[tuple[Part, ...], ...]
    why: str | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """
        The parts of all rows.
        """
        return tuple(part for row in self.rows for part in row)


def shapes_of(parts: Sequence[Part], reading: Reading) -> list[Shape]:
    """
    The groups of rows among the parts.
    """
    tree = Tree(parts, reading)
    by_day = [Shape(group.element, group.rows, group.why) for group in day_groups(tree)]
    used = {id(part) for shape in by_day for part in shape.parts}
    flat: dict[Element, None] = {}
    rows: dict[tuple[Element, str], dict[Element, None]] = {}
    for part in parts:
        if not tree.kind(part).dated or id(part) in used:
            continue
        element = next((e for e in ancestors(part.element) if tree.worded(e)), None)
        if element is None:
            continue
        if tree.dated(element) > 1:
            flat[element] = None
        else:
            row = widened(element, tree, tree.dated)
            rows.setdefault((row.getparent(), str(row.tag)), {})[row] = None
    return [
        *by_day,
        *(
            Shape(element, one.rows, one.why)
            for element in flat
            for one in flat_rows(tree.parts(element), tree)
            if not used & {id(part) for row in one.rows for part in row}
        ),
        *(
            _listed(around, list(found), tree)
            for (around, _), found in rows.items()
            if around is not None
        ),
    ]


def _listed(around: Element, rows: list[Element], tree: Tree) -> Shape:
    """
    The rows under one element; a neighbour of their kind without a date breaks the group.
    """
    why = "an event of a list has no date" if bare(around, rows, tree, tree.dated) else None
    return Shape(around, tuple(tuple(tree.parts(row)) for row in rows), why)
