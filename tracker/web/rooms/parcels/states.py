"""
What the states of a parcel are called, and what each means.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.model import ParcelState
from tracker.web.language import marked as _


@dataclass(frozen=True, slots=True)
class StateWords:
    """
    A state in a word, in a sentence, and the tone of its badge.
    """

    name: str
    means: str
    tone: str


STATES = {
    ParcelState.OVERDUE: StateWords(
        _("Overdue"),
        _("The deadline has passed and no scan was seen: somebody has to act."),
        "bad",
    ),
    ParcelState.UNVERIFIED: StateWords(
        _("Unverified"),
        _("The deadline has passed and the portal could not be read since: look by hand."),
        "warn",
    ),
    ParcelState.WAITING: StateWords(
        _("Waiting"),
        _("Not scanned yet, and still in time or not handed over."),
        "info",
    ),
    ParcelState.SCANNED: StateWords(
        _("Scanned"),
        _("The sorting centre has scanned it."),
        "good",
    ),
    ParcelState.NO_NUMBER: StateWords(
        _("No number"),
        _("The order has no tracking number yet: nothing can be looked up."),
        "plain",
    ),
    ParcelState.NO_CARRIER: StateWords(
        _("No carrier"),
        _("Nothing tells whose portal shows this parcel: it is not looked up."),
        "warn",
    ),
    ParcelState.ENDED: StateWords(
        _("Ended"),
        _("The platform's order status says that it was scanned, or that the order is over."),
        "plain",
    ),
    ParcelState.SUPERSEDED: StateWords(
        _("Superseded"),
        _("The order has another tracking number now; this one is not watched."),
        "plain",
    ),
    ParcelState.ARCHIVED: StateWords(
        _("Archived"),
        _("Old, or long finished: it is kept and not watched."),
        "plain",
    ),
}
