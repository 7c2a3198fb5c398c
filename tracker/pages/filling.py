"""
Tables that print a number once, in the first of its rows, and leave the cell blank below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.pages.evidence import OTHERS, named_by
from tracker.pages.rows import row_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.pages.grids import Line
    from tracker.pages.reading import Reading

Groups = dict[str | None, list["Line"]]


def filled_down(
    lines: Sequence[Line], groups: Mapping[str | None, Sequence[Line]], reading: Reading
) -> Groups | None:
    """
    The rows with blank number cells under the number above them; ``None`` for any other table.

    Every asked number must stand in the table, each once and in one column, and no other number: a
    number that was lost would leave its rows to the one above it (promises.md R6).
    """
    if None not in groups or OTHERS in groups:
        return None
    named = [(line, number) for line in lines if (number := _number(line, reading)) is not None]
    numbers = [number for _, number in named]
    columns = {_column(line, reading) for line, _ in named}
    if sorted(numbers) != sorted(reading.asked) or len(columns) != 1 or -1 in columns:
        return None
    return _below(lines, groups, dict(named), columns.pop())


def _below(
    lines: Sequence[Line],
    groups: Mapping[str | None, Sequence[Line]],
    named: Mapping[Line, str],
    column: int,
) -> Groups | None:
    rows = [line for line in lines if any(line in group for group in groups.values())]
    filled: Groups = {}
    above: str | None = None
    for line in lines:
        if line in named:
            above = named[line] if line in rows else None
        elif line in rows and (len(line.cells) <= column or line.cells[column].parts):
            return None
        if line in rows:
            if above is None:
                return None
            filled.setdefault(above, []).append(line)
    return filled


def _number(line: Line, reading: Reading) -> str | None:
    return named_by(row_of(line.parts, reading))


def _column(line: Line, reading: Reading) -> int:
    """
    The column of the cell that names the row's number; -1 when several do.
    """
    found = [at for at, cell in enumerate(line.cells) if named_by(row_of(cell.parts, reading))]
    return found[0] if len(found) == 1 else -1
