"""
Rows in as many files as it takes for each to keep within a size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Row = TypeVar("Row")


def in_files(
    rows: Sequence[Row], build: Callable[[Sequence[Row]], bytes], *, limit: int, most: int
) -> tuple[tuple[tuple[Row, ...], bytes], ...]:
    """
    The rows in their order, in files of at most ``most`` rows and ``limit`` bytes each.

    A file that grows too large is built again as two halves. One row that is too large by itself
    stays a file of its own: leaving it out would be worse. Without rows there is no file.
    """
    found: list[tuple[tuple[Row, ...], bytes]] = []
    waiting = [tuple(rows[start : start + most]) for start in range(0, len(rows), most)][::-1]
    while waiting:
        part = waiting.pop()
        content = build(part)
        if len(content) <= limit or len(part) == 1:
            found.append((part, content))
        else:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    return tuple(found)
