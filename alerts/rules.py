"""
The deciding rules: facts about one parcel and an instant in, one decision out. Pure.

The ladder itself stands in :mod:`alerts.ladder`. A proved rung opens its alert; without proof the
parcel is looked up with priority, and is ``unverified`` once the grace is over (promises.md R3,
R4). Facts that end an alert close it. Bad looks appear nowhere: of the looks only
``Facts.last_good`` is read, and closings read no look at all (P4, R5).

The rungs of later work (``retrieve_parcel`` beside the claim for a cancelled parcel,
``follow_up_claim``, ``cancel_risk``) join :func:`_openings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.facts import AlertFact, Closing, Decision, Facts, LookFact, Opening, Reason
from alerts.ladder import (
    Rung,
    cancelled_too_late,
    confirm_due,
    deadline_holds,
    handover_counts,
    has_passed,
    is_assumed_late,
    is_cancelled,
    is_late,
    is_lost,
    is_since,
    joint_look,
    proof_of,
    reason_of,
    rung_of,
    status_ends_watch,
)
from tracker.model import AlertKind, ClosedBecause

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = [
    "AlertFact",
    "Closing",
    "Decision",
    "Facts",
    "LookFact",
    "Opening",
    "Reason",
    "decide",
    "handover_counts",
    "joint_look",
]

#: The two kinds that accuse somebody of not having scanned.
SCAN_KINDS = frozenset({AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM})

#: The kinds that this module opens and closes.
OWN_KINDS = SCAN_KINDS | {AlertKind.CONFIRM_HANDOVER}

#: Ended by facts that may turn back: the same alert may be needed again (P1). An alert that a
#: person ended, a scan ended or a higher rung replaced is settled for its deadline.
_MAY_REOPEN = frozenset(
    {
        ClosedBecause.DEADLINE_MOVED,
        ClosedBecause.NUMBER_CHANGED,
        ClosedBecause.RECOVERED,
        ClosedBecause.SELLER_STATUS,
    }
)


def decide(facts: Facts, now: datetime) -> Decision:
    """
    What to open, close, list as unverified and look up for this parcel at ``now`` (UTC).

    Total: it raises nothing for any combination of facts. Deciding again on the outcome opens and
    closes nothing more. The whole matrix stands in ``tests/unit/rules_matrix.txt``.
    """
    if facts.archived:
        return Decision(why="archived: left as it is")
    if facts.superseded:
        return Decision(closings=_close_all(facts), why="superseded by another number (R24)")
    rung = rung_of(facts, now)
    openings = _openings(facts, rung, now)
    closings = tuple(_closings(facts, openings, now))
    unverified = not openings and _is_unverified(facts, rung, closings, now)
    look_now = not openings and _wants_look(facts, rung, now)
    why = _why(facts, rung, openings)
    return Decision(
        openings=openings, closings=closings, unverified=unverified, look_now=look_now, why=why
    )


def _openings(facts: Facts, rung: Rung | None, now: datetime) -> tuple[Opening, ...]:
    """
    At most one opening: the proved rung, or the question whether the parcel was handed over.
    """
    if facts.carrier is None:
        return ()  # nobody to ask, so nothing can be proved
    opening = _open_confirmation(facts, now) if rung is None else _open_rung(facts, rung)
    return () if opening is None else (opening,)


def _open_rung(facts: Facts, rung: Rung) -> Opening | None:
    proof = proof_of(facts, rung)
    if proof is None or _is_taken(facts, rung):
        return None
    return Opening(
        kind=rung.kind,
        deadline=rung.deadline,
        reason=rung.reason or reason_of(proof),
        proof=proof,
        reopens=_closed_twin(facts, rung.kind, rung.deadline),
    )


def _open_confirmation(facts: Facts, now: datetime) -> Opening | None:
    due = confirm_due(facts)
    if facts.scanned or status_ends_watch(facts) or is_cancelled(facts):
        return None
    if not has_passed(due, now):
        return None
    kind = AlertKind.CONFIRM_HANDOVER
    if _stands(facts, kind) or _is_settled(facts, kind, due):
        return None
    return Opening(
        kind=kind,
        deadline=due,
        reason=Reason.ASSUMED_HANDOVER,
        proof=None,
        reopens=_closed_twin(facts, kind, due),
    )


def _is_taken(facts: Facts, rung: Rung) -> bool:
    """
    True if this rung or a higher one stands open, or was settled for this very deadline.

    An open alert of an earlier deadline that has also passed stays the one alert of its kind.
    """
    if _stands(facts, rung.kind) or _stands(facts, AlertKind.RAISE_CLAIM):
        return True
    return _is_settled(facts, rung.kind, rung.deadline)


def _stands(facts: Facts, kind: AlertKind) -> bool:
    return any(alert.stands and alert.kind is kind for alert in facts.alerts)


def _twins(facts: Facts, kind: AlertKind, deadline: datetime | None) -> tuple[AlertFact, ...]:
    """
    The closed alerts with this identity; the store's unique key allows at most one.
    """
    return tuple(
        alert
        for alert in facts.alerts
        if not alert.stands and alert.kind is kind and alert.deadline == deadline
    )


def _is_settled(facts: Facts, kind: AlertKind, deadline: datetime | None) -> bool:
    return any(_is_final(facts, alert) for alert in _twins(facts, kind, deadline))


def _is_final(facts: Facts, alert: AlertFact) -> bool:
    """
    True for an alert that nothing opens again: "scanned" holds until that scan is taken back.
    """
    if alert.closed_because is ClosedBecause.SCANNED and not facts.scanned:
        return False
    return alert.closed_because not in _MAY_REOPEN


def _closed_twin(facts: Facts, kind: AlertKind, deadline: datetime | None) -> int | None:
    return next((alert.id for alert in _twins(facts, kind, deadline)), None)


def _closings(facts: Facts, openings: tuple[Opening, ...], now: datetime) -> Iterable[Closing]:
    """
    The open alerts of our kinds that the facts have ended; no look is read here (P4).
    """
    claimed = _stands(facts, AlertKind.RAISE_CLAIM) or any(
        opening.kind is AlertKind.RAISE_CLAIM for opening in openings
    )
    for alert in facts.alerts:
        if alert.stands and alert.kind in OWN_KINDS:
            because = _ended_because(facts, alert.kind, now, claimed=claimed)
            if because is not None:
                yield Closing(alert_id=alert.id, because=because, told=alert.told)


def _ended_because(
    facts: Facts, kind: AlertKind, now: datetime, *, claimed: bool
) -> ClosedBecause | None:
    if kind is AlertKind.RAISE_CLAIM:
        return None if is_lost(facts) else _claim_ended(facts, now)
    if facts.scanned:
        return ClosedBecause.SCANNED
    if status_ends_watch(facts) or is_cancelled(facts):
        return ClosedBecause.SELLER_STATUS
    if kind is AlertKind.CONFIRM_HANDOVER:
        ended = _confirmation_ended(facts, now)
    else:
        ended = None if deadline_holds(facts, now) else ClosedBecause.DEADLINE_MOVED
    if ended is None and claimed:
        return ClosedBecause.HIGHER_RUNG
    return ended


def _claim_ended(facts: Facts, now: datetime) -> ClosedBecause | None:
    if facts.scanned:
        return ClosedBecause.SCANNED
    if status_ends_watch(facts):
        return ClosedBecause.SELLER_STATUS
    if not deadline_holds(facts, now):
        return ClosedBecause.DEADLINE_MOVED
    if is_cancelled(facts) and not cancelled_too_late(facts, now):
        return ClosedBecause.SELLER_STATUS
    return None


def _confirmation_ended(facts: Facts, now: datetime) -> ClosedBecause | None:
    """
    ``manual`` once the hand-over is given or trusted: a person answered the question.
    """
    if handover_counts(facts):
        return ClosedBecause.MANUAL
    if not has_passed(confirm_due(facts), now):
        return ClosedBecause.DEADLINE_MOVED
    return None


def _close_all(facts: Facts) -> tuple[Closing, ...]:
    """
    Every open alert of the parcel's own, of whatever kind, ends with its number (R24).
    """
    return tuple(
        Closing(alert_id=alert.id, because=ClosedBecause.NUMBER_CHANGED, told=alert.told)
        for alert in facts.alerts
        if alert.stands and not alert.kind.is_operators
    )


def _is_unverified(
    facts: Facts, rung: Rung | None, closings: tuple[Closing, ...], now: datetime
) -> bool:
    """
    True if the parcel is late, no alert tells of it, nobody dealt with it, and the grace is over.

    A late parcel without a carrier is unverified too: P1 knows no exception, and nobody can look.
    """
    if rung is None or not is_late(facts, now) or not has_passed(facts.grace_ends_at, now):
        return False
    ended = {closing.alert_id for closing in closings}
    told = any(
        alert.stands and alert.kind in SCAN_KINDS and alert.id not in ended
        for alert in facts.alerts
    )
    return not told and not _is_settled(facts, rung.kind, rung.deadline)


def _wants_look(facts: Facts, rung: Rung | None, now: datetime) -> bool:
    """
    True if a deadline has passed and no good look has been made since (R3).
    """
    if facts.carrier is None:
        return False
    if rung is not None:
        return not is_since(facts.last_good, rung.since) and not _is_taken(facts, rung)
    return is_assumed_late(facts, now) and not is_since(facts.last_good, facts.scan_deadline)


def _why(facts: Facts, rung: Rung | None, openings: tuple[Opening, ...]) -> str:
    """
    One line for the log: what decided it.
    """
    if openings:
        opening = openings[0]
        seen = "" if opening.proof is None else f", look {opening.proof.look_id}"
        return f"{opening.kind} opens: {opening.reason}, deadline {opening.deadline}{seen}"
    if rung is not None:
        return f"{rung.kind} not opened: {_why_held(facts, rung)}"
    return _why_quiet(facts)


def _why_held(facts: Facts, rung: Rung) -> str:
    if _is_taken(facts, rung):
        return "it or a higher rung stands, or was settled for this deadline"
    if facts.carrier is None:
        return "no carrier to look at"
    if not is_since(facts.last_good, rung.since):
        return f"no good look since {rung.since}"
    return "carrier blind" if facts.carrier_blind else "unclassified text, no proof either way"


def _why_quiet(facts: Facts) -> str:
    if facts.scanned:
        return _why_scanned(facts)
    if status_ends_watch(facts) or is_cancelled(facts):
        return f"seller status {facts.seller_status}"
    if facts.handed_over_at is None:
        return "no hand-over"
    if not handover_counts(facts):
        return f"hand-over assumed, to be confirmed at {confirm_due(facts)}"
    return f"in time until {facts.scan_deadline}"


def _why_scanned(facts: Facts) -> str:
    """
    "late" if the scan itself was; "seen late" if a scan in time only showed after the deadline.
    """
    deadline = facts.scan_deadline
    if deadline is None or facts.first_scan_at is None:
        return "scanned"
    if facts.first_scan_at >= deadline:
        return "scanned late"
    seen = facts.scan_first_seen_at
    seen_late = seen is not None and seen >= deadline
    return "scanned in time, seen late" if seen_late else "scanned in time"
