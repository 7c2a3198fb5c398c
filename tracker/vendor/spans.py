"""
Which orders to ask for: what changed since the last sync, or at first all that can matter. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: Orders older than this are kept as archived and open no alert (contract.md).
OLDEST: Final = timedelta(days=95)
#: A range of the API may span three months; the shortest three have 89 days.
LONGEST: Final = timedelta(days=60)
#: Asked again each time: clocks differ, and an order may show before its items do.
OVERLAP: Final = timedelta(hours=2)
#: What was left out is asked again for so long.
AGAIN: Final = timedelta(days=1)
#: The end lies ahead, so that the server's clock may be.
AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """
    A range of creation or change; both ends are UTC.
    """

    by: str  # "created" or "updated"
    after: datetime
    before: datetime

    def parameters(self) -> list[tuple[str, str]]:
        """
        As the API is asked for it.
        """
        return [(f"{self.by}After", _stamp(self.after)), (f"{self.by}Before", _stamp(self.before))]


def spans(synced_until: datetime | None, now: datetime) -> tuple[Span, ...]:
    """
    The ranges to ask for, oldest first, none longer than the API allows.

    Before the first whole sync they go by creation: an order that nobody touched counts too.
    """
    oldest, end = now - OLDEST, now + AHEAD
    by = "created" if synced_until is None else "updated"
    after = oldest if synced_until is None else max(synced_until - OVERLAP, oldest)
    found = []
    while end - after > LONGEST:
        found.append(Span(by=by, after=after, before=after + LONGEST))
        after += LONGEST
    return (*found, Span(by=by, after=after, before=end))


def known_until(started: datetime, before: datetime | None, *, whole: bool) -> datetime:
    """
    Up to when everything is known after a sync that began at ``started``.

    What was left out is asked again for a day, and not for ever: it was told.
    """
    if whole:
        return started
    again = started - AGAIN
    return again if before is None else max(before, again)


def _stamp(at: datetime) -> str:
    """
    As the API's public clients write instants: ``2026-11-24T06:00:00.000Z``.
    """
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
