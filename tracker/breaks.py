"""
Which break the operator should be reminded of: to enter the closures that centres announce.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.calendar import CENTRES, DEFAULT_CENTRE
from tracker.calendar.breaks import breaks_ahead, is_entered
from tracker.model import ParcelState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tracker.calendar.breaks import Break
    from tracker.settings import Settings
    from tracker.store import Transaction

_HONG_KONG = "hongkong"
_OVER = frozenset({ParcelState.ENDED, ParcelState.SUPERSEDED, ParcelState.ARCHIVED})


def coming_breaks(tx: Transaction, settings: Settings, now: datetime) -> Iterator[Break]:
    """
    Breaks of mainland China, and of Hong Kong if parcels go there, with no closure entered.

    Nothing when nothing is watched, or when ``watch.break_notice_days`` is 0.
    """
    if not settings.watch.break_notice_days or not tx.parcels.count():
        return
    entered = (*settings.calendar_exceptions, *tx.closures.in_force())
    for centre in (DEFAULT_CENTRE, *([_HONG_KONG] if _goes_to_hong_kong(tx, now) else [])):
        today = now.astimezone(CENTRES[centre].zone).date()
        for found in breaks_ahead(today, settings.watch.break_notice_days, centre=centre):
            if not is_entered(found, entered):
                yield found


def break_sentence(found: Break) -> str:
    """
    What the operator is reminded of, in English.
    """
    where = "mainland China" if found.mainland else "Hong Kong"
    guess = "; that year's make-up days are not published yet" if found.estimated else ""
    return (
        f"{where} has {found.days} days off from {found.first} to {found.last}{guess}: look for "
        "the closures and cut-offs that the sorting centres announce, and enter them: "
        "`tracker calendar enter`, or [[calendar.exceptions]]"
    )


def _goes_to_hong_kong(tx: Transaction, now: datetime) -> bool:
    return any(one.state not in _OVER for one in tx.parcels.matching(now, centre=_HONG_KONG))
