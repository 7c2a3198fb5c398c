"""
Where the rows of a list, a timeline or a grid of plain elements begin and end.

A row is found from its date outwards: the smallest element around the date that also holds words,
widened while it still holds that one date, no tracking number and no neighbour of its own kind.
Dates that stand side by side with their texts in one element are cut into rows at each date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.pages.dates import is_clock, leading_date
from tracker.pages.dom import Element, Part, ancestors
from tracker.pages.numbers import echoed, strangers
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.pages.reading import Reading

_LETTER = re.compile(r"[^\W\d_]")
_WIDEST = frozenset({"body", "html", "main", "form", "table", "td", "th", "section", "article"})
_LABEL = re.compile(r"^([^:：]{1,24})[:：]\s*")


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


class _Tree:
    """
    Which parts stand inside which element.
    """

    def __init__(self, parts: Sequence[Part], reading: Reading) -> None:
        self.inside: dict[Element, list[Part]] = {}
        for part in parts:
            for element in ancestors(part.element):
                self.inside.setdefault(element, []).append(part)
        self._reading = reading
        self._dated = {id(part): _is_dated(part.text) for part in parts}

    def parts(self, element: Element) -> list[Part]:
        return self.inside.get(element, [])

    def dated(self, element: Element) -> int:
        return sum(self._dated[id(part)] for part in self.parts(element))

    def is_dated(self, part: Part) -> bool:
        return self._dated[id(part)]

    def worded(self, element: Element) -> bool:
        return any(self.is_word(part) for part in self.parts(element))

    def is_word(self, part: Part) -> bool:
        """
        True for a text that can be an event's: letters, and no heading, number or sentence.
        """
        found = leading_date(_unlabelled(part.text), zone="UTC")
        text = found.rest if found else part.text
        return (
            bool(_LETTER.search(text))
            and not is_clock(text)
            and not phrases().heading(text)
            and not self.names_number(part)
            and phrases().sentence(text) is None
        )

    def names_number(self, part: Part) -> bool:
        return bool(
            echoed(part.text, self._reading.asked) or strangers(part.text, self._reading.asked)
        )

    def has_number(self, element: Element) -> bool:
        return any(self.names_number(part) for part in self.parts(element))


def shapes_of(parts: Sequence[Part], reading: Reading) -> list[Shape]:
    """
    The groups of rows among the parts, in document order.
    """
    tree = _Tree(parts, reading)
    flat: dict[Element, None] = {}
    rows: dict[Element, dict[Element, None]] = {}
    for part in parts:
        if not tree.is_dated(part):
            continue
        element = next((e for e in ancestors(part.element) if tree.worded(e)), None)
        if element is None:
            continue
        if tree.dated(element) > 1:
            flat[element] = None
        else:
            row = _widened(element, tree)
            rows.setdefault(row.getparent(), {})[row] = None
    return [_flat(element, tree) for element in flat] + [
        _listed(around, list(found), tree) for around, found in rows.items() if around is not None
    ]


def _is_dated(text: str) -> bool:
    return leading_date(_unlabelled(text), zone="UTC") is not None


def _unlabelled(text: str) -> str:
    """
    The text without a heading's word before it ("Time: ..."); other labels are part of it.
    """
    label = _LABEL.match(text)
    return text[label.end() :] if label and phrases().heading(label.group(1)) else text


def _widened(element: Element, tree: _Tree) -> Element:
    row = element
    while True:
        around = row.getparent()
        if around is None or around.tag in _WIDEST or tree.dated(around) != 1:
            return row
        if tree.has_number(around) != tree.has_number(row) or _has_peer(row, around, tree):
            return row
        row = around


def _has_peer(row: Element, around: Element, tree: _Tree) -> bool:
    return any(
        other is not row and _kind(other) == _kind(row) and tree.worded(other) for other in around
    )


def _kind(element: Element) -> tuple[str, str]:
    """
    What neighbours of one kind share: the tag, and the first of the classes.
    """
    names = (element.get("class") or "").split()
    return str(element.tag), names[0] if names and element.tag != "li" else ""


def _listed(around: Element, rows: list[Element], tree: _Tree) -> Shape:
    """
    The rows under one element; a neighbour of their kind without a date breaks the group.
    """
    kinds = {_kind(row) for row in rows}
    bare = [
        child
        for child in around
        if child not in rows
        and _kind(child) in kinds
        and tree.worded(child)
        and tree.dated(child) == 0
    ]
    why = "an event of a list has no date" if bare else None
    return Shape(around, tuple(tuple(tree.parts(row)) for row in rows), why)


def _flat(element: Element, tree: _Tree) -> Shape:
    """
    Dates and texts side by side: a row begins at each date that follows a text.
    """
    rows: list[list[Part]] = []
    loose = False
    for part in tree.parts(element):
        if tree.is_dated(part):
            rows.append([])
        loose = loose or (not rows and tree.is_word(part))
        if rows and not tree.names_number(part):
            rows[-1].append(part)
    uneven = loose or len({len(row) for row in rows}) > 1
    why = "the events of a list have different pieces" if uneven else None
    return Shape(element, tuple(map(tuple, rows)), why)
