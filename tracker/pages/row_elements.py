"""
The element that is one row, and the neighbours that are of its kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.pages.parts import Element
    from tracker.pages.tree import Tree

_WIDEST = frozenset({"body", "html", "main", "form", "table", "td", "th", "section", "article"})


def widened(element: Element, tree: Tree, marks: Callable[[Element], int]) -> Element:
    """
    The largest element around one that is still the same row.

    It holds one mark (a date or a clock), no number more, and has no neighbour of its kind.
    """
    row = element
    while True:
        around = row.getparent()
        if around is None or around.tag in _WIDEST or marks(around) != 1:
            return row
        if tree.has_number(around) != tree.has_number(row) or _has_peer(row, around, tree):
            return row
        row = around


def bare(
    around: Element, rows: Sequence[Element], tree: Tree, marks: Callable[[Element], int]
) -> bool:
    """
    True when a neighbour of the rows' kind has words and no mark (a date or a clock).
    """
    kinds = {_kind(row) for row in rows}
    return any(
        child not in rows and _kind(child) in kinds and tree.worded(child) and marks(child) == 0
        for child in around
    )


def _has_peer(row: Element, around: Element, tree: Tree) -> bool:
    return any(
        other is not row and _kind(other) == _kind(row) and tree.worded(other) for other in around
    )


def _kind(element: Element) -> tuple[str, str]:
    """
    What neighbours of one kind share: the tag, and the first of the classes.
    """
    names = (element.get("class") or "").split()
    return str(element.tag), names[0] if names and element.tag != "li" else ""
