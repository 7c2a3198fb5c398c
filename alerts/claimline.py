"""
What follows a claim: no second one, but the question after it, and the answer to Jumia's. Pure.

A claim that was raised is never raised again (domain.md 1.6). Three working days without a scan
and without an answer open ``follow_up_claim``; Jumia's question opens ``answer_claim`` with three
working days to answer it. "Accepted" or "rejected" ends the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.facts import Reason
from alerts.rung import Rung
from tracker.model import AlertKind, AlertState, ClaimAnswer, ClosedBecause

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.facts import AlertFact, Facts

#: The kinds that stand above ``raise_claim`` on the ladder.
AFTER_CLAIM = frozenset({AlertKind.FOLLOW_UP_CLAIM, AlertKind.ANSWER_CLAIM})


def is_claimed(facts: Facts, *, lost: bool) -> bool:
    """
    True if a claim was raised that covers the parcel as it is now.

    A parcel that was claimed as unscanned, answered for, and lost afterwards is a new case.
    """
    if facts.claimed_at is None:
        return False
    return not lost or any(_covers_loss(alert) for alert in facts.alerts)


def _covers_loss(alert: AlertFact) -> bool:
    if alert.kind in AFTER_CLAIM:
        return alert.stands
    if alert.kind is not AlertKind.RAISE_CLAIM:
        return False
    if alert.stands:
        return alert.state is AlertState.ACTED
    settled = {ClosedBecause.HIGHER_RUNG, ClosedBecause.MANUAL}
    return alert.deadline is None and alert.closed_because in settled


def rung_after_claim(facts: Facts, now: datetime) -> Rung | None:
    """
    The rung that a claimed parcel stands on at ``now``; ``None`` while an answer is awaited.
    """
    if is_answered(facts):
        return None
    if facts.claim_answer is ClaimAnswer.INFO_NEEDED:
        return Rung(
            kind=AlertKind.ANSWER_CLAIM,
            deadline=facts.reply_by,
            since=facts.scan_deadline,
            reason=Reason.INFO_NEEDED,
        )
    due = facts.claim_answer_by
    if due is None or now < due:
        return None
    return Rung(
        kind=AlertKind.FOLLOW_UP_CLAIM,
        deadline=due,
        since=facts.scan_deadline,
        reason=Reason.CLAIM_UNANSWERED,
    )


def is_answered(facts: Facts) -> bool:
    """
    True if Jumia accepted or rejected the claim.
    """
    return facts.claim_answer is not None and facts.claim_answer.ends_claim


def is_dealt_with(facts: Facts, kind: AlertKind, now: datetime) -> bool:
    """
    True if a person did what an alert after the claim asked for: the clock began anew.
    """
    if kind is AlertKind.ANSWER_CLAIM:
        return facts.claim_answer is not ClaimAnswer.INFO_NEEDED
    if kind is AlertKind.FOLLOW_UP_CLAIM:
        return facts.claim_answer_by is None or now < facts.claim_answer_by
    return False
