"""
Axes: where the marks of an axis stand, and which of its labels have room.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: More intervals than this crowd a small picture.
_MOST_INTERVALS = 4


def decimal_steps() -> Iterator[float]:
    """
    1, 2, 5, 10, 20, 50 and so on.
    """
    return (digit * 10**power for power in count() for digit in (1, 2, 5))


def hour_steps() -> Iterator[float]:
    """
    Hours as people divide a day, then whole days.
    """
    yield from (1, 2, 3, 6, 12)
    yield from (24 * step for step in decimal_steps())


def marks(highest: float, steps: Iterator[float]) -> tuple[float, ...]:
    """
    Evenly spaced marks from 0 to the first one that is not below ``highest``; at least two.

    The step is the first of ``steps`` with which there are few enough.
    """
    step = next(one for one in steps if highest <= one * _MOST_INTERVALS)
    return tuple(step * n for n in range(max(1, ceil(highest / step)) + 1))


@dataclass(frozen=True, slots=True)
class Scale:
    """
    Puts values between ``low`` and ``high`` at places between ``start`` and ``end``.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """
        The place, rounded to a tenth; that of ``low`` where both ends are one value.
        """
        if self.high == self.low:
            return round(self.start, 1)
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def labelled(how_many: int, room_for: int) -> frozenset[int]:
    """
    Which of so many places in a row bear a label: evenly spaced, always the last, never too many.
    """
    if how_many == 0:
        return frozenset()
    every = ceil(how_many / room_for)
    return frozenset(range(how_many - 1, -1, -every))
