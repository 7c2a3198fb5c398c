"""
Scan events made from what a reader found, whatever the form it stood in.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracker.model import ScanEvent
from tracker.pages.masking import mask
from tracker.stages import normalise_code, normalise_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.model import CarrierName
    from tracker.pages.dates import Instant
    from tracker.stages import Tables

_NEVER = datetime.min.replace(tzinfo=UTC)


def scan_event(
    tables: Tables,
    carrier: CarrierName,
    *,
    instant: Instant | None,
    text: str,
    location: str | None,
    code: str | None,
) -> ScanEvent:
    """
    One normalised event; a person's name or number in its text is masked.
    """
    plain = _one_line(mask(text))
    place = _one_line(mask(location)) if location else None
    meaning = tables.classify(carrier, plain, code)
    return ScanEvent(
        occurred_at=instant.at if instant else None,
        zone=instant.zone if instant else None,
        zone_assumed=instant.zone_assumed if instant else False,
        stage=meaning.stage,
        is_scan=meaning.is_scan,
        code=normalise_code(code) or None if code else None,
        text=plain,
        location=place or None,
    )


def in_order(events: Iterable[ScanEvent]) -> tuple[ScanEvent, ...]:
    """
    The events oldest first, each once (identity: instant and code or text, promises.md R7).

    A list that runs from new to old is turned round, so that equal instants keep their order too;
    a list with an event whose date could not be read stays in the order in which it stood.
    """
    seen: dict[tuple[object, ...], ScanEvent] = {}
    for event in events:
        seen.setdefault(identity(event), event)
    once = tuple(seen.values())
    once = once[::-1] if _runs_backwards(once) else once
    instants = [event.occurred_at for event in once if event.occurred_at]
    if len(instants) < len(once):
        return once
    return tuple(sorted(once, key=lambda event: event.occurred_at or _NEVER))


def identity(event: ScanEvent) -> tuple[object, ...]:
    """
    What makes two readings the same event; never the place.
    """
    return event.occurred_at, event.code or normalise_text(event.text)


def _runs_backwards(events: Sequence[ScanEvent]) -> bool:
    dated = [event.occurred_at for event in events if event.occurred_at]
    return len(dated) > 1 and dated[0] > dated[-1]


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
