"""
Long lists of values, cut so that each part fits into one statement.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

#: Well below what SQLite and PostgreSQL take as parameters of one statement.
PART = 500


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """
    The values in lists of at most :data:`PART`.
    """
    rest = iter(values)
    while part := list(islice(rest, PART)):
        yield part
