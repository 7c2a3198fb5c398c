"""
Whether a whole sorting centre seems late, so that its parcels are told under one heading (R9).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.messages.message import FIRST
from alerts.messages.words import Words
from tracker.model import AlertKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from alerts.messages.message import Line
    from tracker.model import CarrierName
    from tracker.store import Transaction

#: Over this share of at least so many parcels that were due lately are unscanned.
LATE_ABOVE = 0.8
LATE_NEEDS = 20
#: Deadlines further back than a week say nothing about how the centre works today.
DUE_WITHIN = timedelta(days=7)
_ACCUSING = frozenset({AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM})


def centre_notes(
    tx: Transaction, lines: Iterable[Line], language: str, now: datetime
) -> tuple[str, ...]:
    """
    One sentence for each centre of the newly told parcels that seems late as a whole.

    Nothing is said of a centre whose carrier is mistrusted: then the reading may be the trouble.
    """
    return tuple(_notes(tx, lines, Words(language), now))


def _notes(tx: Transaction, lines: Iterable[Line], words: Words, now: datetime) -> Iterator[str]:
    told = {
        (line.centre, line.carrier)
        for line in lines
        if line.kind in _ACCUSING and line.notice == FIRST and line.centre and line.carrier
    }
    for centre, carrier in sorted(told):
        counts = seems_late(tx, centre, carrier, now)
        if counts is not None:
            yield words.one("letter", "centre_late", centre, *counts)


def seems_late(
    tx: Transaction,
    centre: str,
    carrier: CarrierName,
    now: datetime,
    scope: frozenset[str] | None = None,
) -> tuple[int, int] | None:
    """
    How many of a late centre's last parcels are unscanned, and of how many; else ``None``.

    With a ``scope`` it is judged by the parcels of these shops alone.
    """
    if tx.health.carrier(carrier).mistrust is not None:
        return None
    late, due = tx.alerts.late_in_centre(
        centre, now, since=now - DUE_WITHIN, enough=LATE_NEEDS, scope=scope
    )
    return (late, due) if due >= LATE_NEEDS and late > LATE_ABOVE * due else None
