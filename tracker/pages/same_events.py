"""
Several lists of one number's events on a page: a summary and its details are one history.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tracker.model import Stage
from tracker.pages.events import identity
from tracker.stages import normalise_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from tracker.model import ScanEvent

Group = tuple["ScanEvent", ...]


def one_history(groups: Sequence[Group], *, alone: bool) -> list[ScanEvent] | None:
    """
    The events of all groups together; ``None`` where one of them may be another parcel's.

    That is ruled out when the page shows no other parcel (``alone``), or when the smaller groups
    only repeat events of the largest: the latest status above the list, the list drawn twice.
    """
    if not groups:
        return []
    longest = max(groups, key=len)
    extra = [event for group in groups for event in group if not _repeats(event, longest)]
    if extra and not alone:
        return None
    return [*longest, *extra]


def _repeats(event: ScanEvent, events: Sequence[ScanEvent]) -> bool:
    return any(_same(event, other) for other in events)


def _same(event: ScanEvent, other: ScanEvent) -> bool:
    """
    True for one event told twice: at one instant, or on its day where only the day is printed.
    """
    if identity(event) == identity(other):
        return True
    same_text = normalise_text(event.text) == normalise_text(other.text)
    same_stage = (event.stage, event.is_scan) == (other.stage, other.is_scan)
    if event.occurred_at is not None and event.occurred_at == other.occurred_at:
        return same_text or (same_stage and event.stage is not Stage.UNCLASSIFIED)
    return same_text and _day_only(event) is not None and _day_only(event) == _day(other)


def _day_only(event: ScanEvent) -> date | None:
    local = _local(event)
    return local.date() if local is not None and local.time() == time.min else None


def _day(event: ScanEvent) -> date | None:
    local = _local(event)
    return None if local is None else local.date()


def _local(event: ScanEvent) -> datetime | None:
    """
    The event's instant where it was read; ``None`` without one, or where an offset names the zone.
    """
    if event.occurred_at is None or event.zone is None or not event.zone_assumed:
        return None
    return event.occurred_at.astimezone(ZoneInfo(event.zone))
