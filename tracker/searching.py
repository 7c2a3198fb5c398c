"""
What a person means who pastes numbers into a search field: one of them, or many, in any spelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.numbers import Shape, normalise, shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: As many numbers are looked for at once; what is pasted beyond is told.
MOST_NUMBERS = 100
#: A shorter beginning would mean half of the watch list.
SHORTEST_BEGINNING = 4
#: Of more numbers than these each is a whole one.
MOST_BEGINNINGS = 20
_BETWEEN = re.compile(r"[,;，；、\t\r\n]+")
#: A postal number printed in groups has at most so many of them.
_MOST_GROUPS = 6


@dataclass(frozen=True, slots=True)
class Search:
    """
    The numbers looked for, normalised, each once; ``left_out`` says how many were too many.
    """

    numbers: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def only_whole(self) -> bool:
        """
        True when they are too many for beginnings: each must be a whole number.
        """
        return len(self.numbers) > MOST_BEGINNINGS


def numbers_meant(text: str) -> Search:
    """
    The numbers of a text in which they are set apart by blanks, commas or lines.

    Blanks inside a number of a known shape do not divide it.
    """
    found = dict.fromkeys(
        number for part in _BETWEEN.split(text) for number in _numbers(part.split()) if number
    )
    numbers = tuple(found)
    return Search(numbers[:MOST_NUMBERS], max(0, len(numbers) - MOST_NUMBERS))


def _numbers(words: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(words):
        size = next(
            (
                many
                for many in range(min(_MOST_GROUPS, len(words) - at), 1, -1)
                if shape(normalise(" ".join(words[at : at + many]))) is not Shape.OTHER
            ),
            1,
        )
        yield normalise(" ".join(words[at : at + size]))
        at += size
