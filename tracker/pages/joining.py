"""
Two findings about one number made into one: what came later, and what was opened beside it.

Joining never makes a "no" out of doubt. Where two say different things, only a scan that was seen
is believed; everything else is unreadable (promises.md R5, R6, R7).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.model import Outcome, scanned_by
from tracker.pages.events import in_order
from tracker.pages.report import Finding, unreadable

if TYPE_CHECKING:
    from datetime import datetime

_A_DAY = timedelta(days=1)

#: A number that is shown and of which nothing is said, as in a panel that is still closed.
NOTHING_BESIDE = unreadable("the page shows the number and nothing we know beside it")


def answered(earlier: Finding | None, now: Finding) -> Finding:
    """
    What two answers of the page's own server say together, the later one asked again or a page on.

    A later answer wins, but events that were told stay: the pages of one history are one history,
    and the empty page behind the last one takes nothing back.
    """
    if earlier is None or earlier.outcome is not Outcome.EVENTS:
        return now
    if now.outcome is Outcome.EVENTS:
        return together(earlier, now)
    if now.outcome is Outcome.NO_EVENTS:
        return earlier
    if now.outcome is Outcome.NOT_FOUND:
        return unreadable("the page's own answers contradict each other")
    return earlier if scanned_by(earlier.events) else now


def opened(earlier: Finding | None, now: Finding) -> Finding:
    """
    What a page and the same page with more opened or turned say together.

    A closed panel that says "nothing yet" is no contradiction to the events that it then shows;
    a "nothing yet" after events is one. What cannot be read in one of them may be part of the same
    history, so that the other is not believed either.
    """
    if earlier is None or earlier == NOTHING_BESIDE:
        return now
    if now == NOTHING_BESIDE:
        return earlier
    kinds = earlier.outcome, now.outcome
    if kinds == (Outcome.EVENTS, Outcome.EVENTS):
        return together(earlier, now)
    if kinds == (Outcome.NO_EVENTS, Outcome.EVENTS) or earlier.outcome is now.outcome:
        return now
    if earlier.outcome.is_good and now.outcome.is_good:
        return unreadable("what the page shows first and what it shows then contradict each other")
    return now if earlier.outcome.is_good else earlier


def together(one: Finding, other: Finding) -> Finding:
    """
    The events of both, each once.
    """
    return replace(other, events=in_order((*one.events, *other.events)), summary=False)


def not_ahead(found: Finding, now: datetime) -> Finding:
    """
    The finding, unless it tells an event that is still to come: a plan, or a date misread.

    A day is left for clocks and zones that differ; ``now`` is aware.
    """
    ahead = any(event.occurred_at and event.occurred_at > now + _A_DAY for event in found.events)
    return unreadable("an event lies in the future: a plan is no event") if ahead else found


def held_back(found: Finding, why: str | None) -> Finding:
    """
    The finding when not everything was opened: then only a scan, or a doubt, is believed.

    ``why`` says what was not opened; ``None`` when everything was.
    """
    if why is None or not found.outcome.is_good:
        return found
    proves_none = found.outcome is not Outcome.EVENTS or scanned_by(found.events) is False
    return unreadable(f"not everything was opened: {why}") if proves_none else found
