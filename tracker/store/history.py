"""
A parcel's history: which events are the same, whose they are, and what they say together. Pure.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from tracker.model import (
    CarrierName,
    ScanEvent,
    Stage,
    StoredEvent,
    first_scan,
    scanned_by,
    stage_of,
)
from tracker.stages import normalise_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import RowMapping

    from tracker.model import LookReport

    Row = RowMapping | dict[str, Any]  # as stored, or as it is going to be

#: Events this long before the order are an earlier parcel's that bore the number (R7).
FOREIGN_BEFORE_ORDER = timedelta(days=3)
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def history(rows: Iterable[Row], order_created_at: datetime | None) -> tuple[StoredEvent, ...]:
    """
    Stored events in order of time, undated ones first; equal instants keep the order of entry.
    """
    found = [stored_event(row, order_created_at) for row in rows]
    return tuple(sorted(found, key=lambda one: one.event.occurred_at or _BEFORE_ALL))


def identity(event: ScanEvent) -> str:
    """
    What makes an event the same event: instant + code-or-normalised-text (promises.md R7).
    """
    at = event.occurred_at
    instant = at.astimezone(UTC).isoformat() if at else "undated"
    what = f"code:{event.code}" if event.code else f"text:{normalise_text(event.text)}"
    return hashlib.sha256(f"{instant}|{what}".encode()).hexdigest()


def by_identity(listed: Iterable[ScanEvent]) -> dict[str, ScanEvent]:
    """
    Each event once; of two with one identity the scan is kept.
    """
    found: dict[str, ScanEvent] = {}
    for event in listed:
        key = identity(event)
        known = found.get(key)
        if known is None or event.is_scan or not known.is_scan:
            found[key] = event
    return found


def stored_event(row: Row, order_created_at: datetime | None) -> StoredEvent:
    """
    The row as a value; whose it is follows from the order's date.
    """
    event = ScanEvent(
        occurred_at=row["occurred_at"],
        zone=row["zone"],
        zone_assumed=row["zone_assumed"],
        stage=Stage(row["stage"]),
        is_scan=row["is_scan"],
        code=row["code"],
        text=row["text"],
        location=row["location"],
        wording_id=row["wording_id"],
    )
    return StoredEvent(
        event=event,
        carrier=CarrierName(row["carrier"]),
        first_seen_at=row["first_seen_at"],
        foreign=is_foreign(event, order_created_at),
    )


class Dated(Protocol):
    """
    Whatever has an instant, if one is known.
    """

    @property
    def occurred_at(self) -> datetime | None:
        """
        When it happened.
        """


def is_foreign(event: Dated, order_created_at: datetime | None) -> bool:
    """
    True for an event of an earlier parcel that bore the same number (promises.md R7).
    """
    if order_created_at is None or event.occurred_at is None:
        return False
    return event.occurred_at < order_created_at - FOREIGN_BEFORE_ORDER


def own_verdict(report: LookReport, order_created_at: datetime | None) -> bool | None:
    """
    The look's verdict on this parcel: an earlier parcel's events say nothing about it.
    """
    if not report.outcome.is_good:
        return None
    return scanned_by(e for e in report.events if not is_foreign(e, order_created_at))


def summary_of(own: Iterable[ScanEvent], told: datetime | None = None) -> dict[str, Any]:
    """
    What a parcel's own events say together, as columns of its row.

    A scan that a person ``told`` of counts as one; the stage is the carriers' alone.
    """
    listed = list(own)
    stage = stage_of(listed)
    known = [at for at in (first_scan(listed), told) if at is not None]
    return {
        "stage": stage.value if stage else None,
        "scanned": told is not None or any(event.is_scan for event in listed),
        "first_scan_at": min(known, default=None),
    }
