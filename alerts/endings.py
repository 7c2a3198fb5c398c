"""
What ends an open alert of the ladder. Pure; no look is read here (promises.md P4, R5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.claimline import AFTER_CLAIM, is_answered, is_claimed, is_dealt_with
from alerts.facts import Closing
from alerts.ladder import (
    cancelled_too_late,
    confirm_due,
    deadline_holds,
    handover_counts,
    has_passed,
    is_cancelled,
    is_lost,
    status_ends_watch,
)
from alerts.rung import LADDER, above
from tracker.model import AlertKind, ClosedBecause

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.facts import Facts, Opening

_CLAIM_LINE = AFTER_CLAIM | {AlertKind.RAISE_CLAIM}


def endings(facts: Facts, openings: Iterable[Opening], now: datetime) -> Iterable[Closing]:
    """
    The open alerts of the ladder that the facts, or a higher rung, have ended.
    """
    own = [alert for alert in facts.alerts if alert.stands and alert.kind in LADDER]
    ended = {alert.id: _ended_because(facts, alert.kind, now) for alert in own}
    held = {alert.kind for alert in own if ended[alert.id] is None}
    held.update(opening.kind for opening in openings)
    for alert in own:
        because = ended[alert.id]
        if because is None and held & above(alert.kind):
            because = ClosedBecause.HIGHER_RUNG
        if because is not None:
            yield Closing(alert_id=alert.id, because=because, told=alert.told)


def close_all(facts: Facts) -> tuple[Closing, ...]:
    """
    Every open alert of the parcel's own, of whatever kind, ends with its number (R24).
    """
    return tuple(
        Closing(alert_id=alert.id, because=ClosedBecause.NUMBER_CHANGED, told=alert.told)
        for alert in facts.alerts
        if alert.stands and not alert.kind.is_operators
    )


def _ended_because(facts: Facts, kind: AlertKind, now: datetime) -> ClosedBecause | None:
    if kind in _CLAIM_LINE and is_lost(facts):
        return _answered(facts, kind, now, lost=True)
    if facts.scanned:
        return ClosedBecause.SCANNED
    if status_ends_watch(facts):
        return ClosedBecause.SELLER_STATUS
    if kind is AlertKind.CONFIRM_HANDOVER:
        return _confirmation_ended(facts, now)
    ended = _claim_ended(facts, now) if kind in _CLAIM_LINE else _urging_ended(facts, now)
    return ended or _answered(facts, kind, now, lost=False)


def _urging_ended(facts: Facts, now: datetime) -> ClosedBecause | None:
    if is_cancelled(facts):
        return ClosedBecause.SELLER_STATUS
    return None if deadline_holds(facts, now) else ClosedBecause.DEADLINE_MOVED


def _claim_ended(facts: Facts, now: datetime) -> ClosedBecause | None:
    if not deadline_holds(facts, now):
        return ClosedBecause.DEADLINE_MOVED
    if is_cancelled(facts) and not cancelled_too_late(facts, now):
        return ClosedBecause.SELLER_STATUS
    return None


def _answered(facts: Facts, kind: AlertKind, now: datetime, *, lost: bool) -> ClosedBecause | None:
    """
    ``manual`` once a person dealt with it, or Jumia's last word on the claim is known.
    """
    over = is_claimed(facts, lost=lost) and is_answered(facts)
    return ClosedBecause.MANUAL if over or is_dealt_with(facts, kind, now) else None


def _confirmation_ended(facts: Facts, now: datetime) -> ClosedBecause | None:
    """
    ``manual`` once the hand-over is given or trusted: a person answered the question.
    """
    if is_cancelled(facts):
        return ClosedBecause.SELLER_STATUS
    if handover_counts(facts):
        return ClosedBecause.MANUAL
    if not has_passed(confirm_due(facts), now):
        return ClosedBecause.DEADLINE_MOVED
    return None
