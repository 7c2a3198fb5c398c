"""
What one place on a page says of a parcel, before it is tied to a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.model import Outcome, ScanEvent
    from tracker.pages.dom import Element
    from tracker.pages.rows import Row

OTHERS = ""  # the "number" of evidence about a parcel that was not asked for


@dataclass(frozen=True)
class Evidence:
    """
    One thing on a page that says something of a parcel.

    ``number`` is set when the evidence names its parcel itself (``OTHERS``: one not asked for).
    ``why`` is set when the evidence is there and cannot be read; ``outcome`` for a sentence.
    """

    element: Element
    position: int
    number: str | None = None
    events: tuple[ScanEvent, ...] = ()
    why: str | None = None
    outcome: Outcome | None = None
    weak: bool = False
    text: str = ""


def named_by(row: Row) -> str | None:
    """
    The one asked number that a row names, ``OTHERS`` for another or several, ``None`` for none.
    """
    if len(row.numbers) == 1:
        return next(iter(row.numbers))
    return OTHERS if row.numbers or row.others else None
