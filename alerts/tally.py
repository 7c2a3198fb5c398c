"""
How many alerts a round opened and closed, whoever did it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self


@dataclass(slots=True)
class Tally:
    """
    Counts; what a transaction counted that was rolled back is taken back.
    """

    opened: int = 0
    closed: int = 0

    def clear(self) -> None:
        """
        Nothing was counted yet.
        """
        self.opened = self.closed = 0

    def copy(self) -> Self:
        """
        The counts as they are now.
        """
        return replace(self)

    def back_to(self, before: Self) -> None:
        """
        The counts are what they were.
        """
        self.opened, self.closed = before.opened, before.closed
