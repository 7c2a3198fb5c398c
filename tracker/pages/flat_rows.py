"""
Dates and texts side by side in one element, cut into rows.

All rows have the same pieces, and their date at one place: first, last, or between elements that
differ. A tracking number ends what stands above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.pages.parts import Part
    from tracker.pages.tree import Tree

Unit = tuple["Part", ...]  # a text with the labels before it


@dataclass(frozen=True)
class FlatRows:
    """
    The rows between two numbers, and what is wrong with them.
    """

    rows: tuple[tuple[Part, ...], ...]
    why: str | None = None


def flat_rows(parts: Sequence[Part], tree: Tree) -> list[FlatRows]:
    """
    The rows among the parts of one element, apart for each number that stands between them.
    """
    found = []
    for segment in _segments(parts, tree):
        units = _units(segment, tree)
        if any(tree.kind(unit[-1]).dated for unit in units):
            found.append(_rows(units, tree))
    return found


def _segments(parts: Sequence[Part], tree: Tree) -> list[list[Part]]:
    segments: list[list[Part]] = [[]]
    for part in parts:
        if tree.kind(part).named:
            segments.append([])
        else:
            segments[-1].append(part)
    return segments


def _units(parts: Sequence[Part], tree: Tree) -> list[Unit]:
    """
    Each text with the labels before it; texts that are neither words, dates nor clocks left out.
    """
    units: list[Unit] = []
    labels: list[Part] = []
    for part in parts:
        kind = tree.kind(part)
        if kind.label:
            labels.append(part)
        elif kind.dated or kind.word or kind.clock:
            units.append((*labels, part))
            labels = []
    return units


def _rows(units: Sequence[Unit], tree: Tree) -> FlatRows:
    dates = [index for index, unit in enumerate(units) if tree.kind(unit[-1]).dated]
    width, left = divmod(len(units), len(dates))
    first = dates[0]
    even = not left and dates == [first + width * row for row in range(len(dates))]
    rows = [units[start : start + width] for start in range(0, len(units), max(width, 1))]
    if even and (first in {0, width - 1} or _are_alike(rows)):
        return FlatRows(tuple(tuple(part for unit in row for part in unit) for row in rows))
    everything = tuple(part for unit in units for part in unit)
    return FlatRows((everything,), "the events of a list have different pieces")


def _are_alike(rows: Sequence[Sequence[Unit]]) -> bool:
    """
    True when the same piece of every row stands in an element of the same kind, unlike the others.
    """
    kinds = {
        tuple((str(u[-1].element.tag), u[-1].element.get("class")) for u in row) for row in rows
    }
    return len(kinds) == 1 and len(set(next(iter(kinds)))) == len(rows[0])
