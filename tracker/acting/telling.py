"""
Rows of a list that a person filled in by hand, as the scans that they tell of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.acting.written import not_ahead
from tracker.orders.sightings import NotTakenError, Telling
from tracker.sentences import Sentence

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.orders.numberlists import NumberRow


def is_told(row: NumberRow) -> bool:
    """
    True for a row that tells of a scan; one without time and source is "still not scanned".
    """
    return row.at is not None or row.source is not None


def telling_of(row: NumberRow, source: str | None, now: datetime, zone: ZoneInfo) -> Telling:
    """
    What the row tells; ``source`` is who says it where the row does not.

    Raises :class:`NotTakenError` when time or source is missing.
    """
    said_by = row.source or source
    if row.at is None:
        raise NotTakenError(
            Sentence("%(number)s has a source and no time.", number=row.tracking_number)
        )
    if not said_by:
        raise NotTakenError(
            Sentence(
                "%(number)s has no source: say who told it, in the source column.",
                number=row.tracking_number,
            )
        )
    return Telling(
        tracking_number=row.tracking_number, at=not_ahead(row.at, now, zone), source=said_by
    )
