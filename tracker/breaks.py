"""
Which break the operator should be reminded of: to enter the closures that centres announce.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.calendar import CENTRES, DEFAULT_CENTRE
from tracker.calendar.breaks import breaks_ahead, is_entered
from tracker.model import ParcelState
from tracker.sentences import Sentence

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


def break_sentence(found: Break) -> Sentence:
    """
    What the operator is reminded of.
    """
    days = {
        "where": Sentence("mainland China") if found.mainland else Sentence("Hong Kong"),
        "days": found.days,
        "first": found.first,
        "last": found.last,
    }
    if found.estimated:
        return Sentence(
            "%(where)s has %(days)s days off from %(first)s to %(last)s; that year's make-up days "
            "are not published yet: look for the closures and cut-offs that the sorting centres "
            "announce, and enter them: `tracker calendar enter`, or [[calendar.exceptions]]",
            **days,
        )
    return Sentence(
        "%(where)s has %(days)s days off from %(first)s to %(last)s: look for "
        "the closures and cut-offs that the sorting centres announce, and enter them: "
        "`tracker calendar enter`, or [[calendar.exceptions]]",
        **days,
    )


def _goes_to_hong_kong(tx: Transaction, now: datetime) -> bool:
    return any(one.state not in _OVER for one in tx.parcels.matching(now, centre=_HONG_KONG))
