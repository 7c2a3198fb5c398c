"""
The groups of event rows in a list or a grid, and in a cell that holds one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.pages.evidence import Evidence, named_by
from tracker.pages.rows import BrokenGroupError, read_group, row_of
from tracker.pages.shapes import Shape, shapes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker.pages.parts import Part
    from tracker.pages.reading import Reading


def of_parts(
    parts: Sequence[Part], reading: Reading, places: Mapping[int, int], number: str
) -> list[Evidence]:
    """
    The groups among the parts of one cell, which stands below the row of a number.
    """
    found = [one for shape in shapes_of(parts, reading) for one in of_shape(shape, reading, places)]
    return [replace(one, number=number if one.number is None else one.number) for one in found]


def of_shape(shape: Shape, reading: Reading, places: Mapping[int, int]) -> Iterator[Evidence]:
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
