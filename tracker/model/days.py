"""
Days of the working-day clock, and what a person knows about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from tracker.vocabulary import CarrierName


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """
    One day of a working-day count, with the reason it was or was not counted.
    """

    date: date
    open: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarException:
    """
    What a person knows about a centre or carrier that no public calendar does (contract.md).

    ``first`` and ``last`` are both included. Exactly one of the four effects is set.
    """

    first: date
    last: date
    centre: str | None = None
    carrier: CarrierName | None = None
    closed: bool = False
    open: bool = False
    cutoff: str | None = None
    extra_working_days: int = 0
    note: str | None = None

    @property
    def effect(self) -> tuple[str, str | None]:
        """
        What it says of its days, and the hour or number that goes with it.
        """
        if self.closed:
            return "closed", None
        if self.open:
            return "open", None
        if self.cutoff is not None:
            return "cutoff", self.cutoff
        return "extra_working_days", str(self.extra_working_days)
