"""
A page's own data against what the page shows: which is believed, and what a number comes to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.model import Outcome, scanned_by
from tracker.pages.events import in_order
from tracker.pages.joining import NOTHING_BESIDE
from tracker.pages.report import Finding, Harvest, of_refusal, unreadable
from tracker.pages.same_events import one_history

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.pages.http import Refusal

FAILED = unreadable("the page's own answer says that the request failed")
_CONTRADICTION = unreadable("the page's data and what it shows contradict each other")


def chosen(
    data: Finding | None, seen: Finding | None, trouble: Refusal | None, *, whole: bool = True
) -> Finding | None:
    """
    The page's own data before what it draws; two that contradict each other are unreadable.

    Beside a latest status the page may show the history: where it is not ``whole`` or cannot
    be read, the status is not believed.
    """
    if data is not None and data.summary and (not whole or _is_broken(seen)):
        return seen or unreadable("the page that tells more of the number cannot be read")
    if data is not None and seen is not None and data.outcome.is_good and seen.outcome.is_good:
        if (data.outcome is Outcome.EVENTS) != (seen.outcome is Outcome.EVENTS):
            return _CONTRADICTION
        # An empty list may mean either: then the sentence that the page makes of it says which.
        says_more = data.outcome is Outcome.NO_EVENTS and seen.outcome is Outcome.NOT_FOUND
        return _both(data, seen) if data.outcome is Outcome.EVENTS else seen if says_more else data
    if data is not None:
        shows_events = seen is not None and seen.outcome is Outcome.EVENTS
        return seen if shows_events and not data.outcome.is_good else data
    cools = trouble is not None and trouble.outcome is not Outcome.UNREADABLE
    if seen is not None and seen.outcome is not Outcome.EVENTS and trouble is not None and cools:
        return of_refusal(trouble)
    return seen


def _is_broken(seen: Finding | None) -> bool:
    return seen is not None and not seen.outcome.is_good and seen != NOTHING_BESIDE


def _both(data: Finding, seen: Finding) -> Finding:
    """
    Events from both sides: the page may show more than the summary that was fetched for it.
    """
    told, shown = scanned_by(data.events), scanned_by(seen.events)
    if len(seen.events) >= len(data.events) and told is None and shown is not None:
        return seen  # the data speak in codes, and the page says what they mean
    if len(seen.events) <= len(data.events):
        return _CONTRADICTION if told is False and shown is True else data
    history = one_history([seen.events, data.events], alone=True) or ()
    return replace(data, events=in_order(history), summary=False)


def rest(
    settled: Mapping[str, Finding],
    data: Harvest,
    seen: Harvest,
    refused: Refusal | None,
    *,
    submitted: bool,
) -> Finding:
    """
    What holds for the numbers of which nothing was said.
    """
    if any(finding.outcome.is_good for finding in settled.values()):
        return Finding(Outcome.MISSING, detail="the page answered and lacks this number")
    if refused is not None:
        return of_refusal(refused)
    if not submitted:
        return unreadable(
            "no field for tracking numbers, or no way to submit it, was found on the page"
        )
    if data.strangers or seen.strangers:
        return Finding(Outcome.MISSING, detail="the page answered for another parcel")
    return unreadable("nothing on the page was recognised")
