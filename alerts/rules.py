"""
The deciding rules: facts about one parcel and an instant in, one decision out. Pure.

The ladder itself stands in :mod:`alerts.ladder`, what ends its alerts in :mod:`alerts.endings`. A
proved rung opens its alert; without proof the parcel is looked up with priority, and is
``unverified`` once the grace is over (promises.md R3, R4). Bad looks appear nowhere: of the looks
only ``Facts.last_good`` is read (P4, R5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.claimline import is_dealt_with
from alerts.clocks import goes_on, stopped, struck, wants_orders
from alerts.endings import close_all, endings
from alerts.facts import AlertFact, Closing, Decision, Facts, LookFact, Opening, Reason
from alerts.ladder import (
    confirm_due,
    handover_counts,
    has_passed,
    is_assumed_late,
    is_cancelled,
    is_late,
    is_since,
    joint_look,
    proof_of,
    reason_of,
    rung_of,
    status_ends_watch,
)
from alerts.rung import at_or_above
from alerts.standing import closed_twin, is_settled, stands
from tracker.model import AlertKind, ClosedBecause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from alerts.rung import Rung

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

#: The kinds that tell somebody of a late parcel.
_TOLD_BY = at_or_above(AlertKind.URGE_SCAN)


def decide(facts: Facts, now: datetime) -> Decision:
    """
    What to open, close, list as unverified and look up for this parcel at ``now`` (UTC).

    Total: it raises nothing for any combination of facts. Deciding again on the outcome opens and
    closes nothing more. The whole matrix stands in ``tests/unit/rules_matrix.txt``.
    """
    if facts.archived:
        return Decision(why="archived: left as it is")
    if facts.superseded:
        return Decision(closings=close_all(facts), why="superseded by another number (R24)")
    rung = rung_of(facts, now)
    ladder = _openings(facts, rung, now)
    closings = tuple(endings(facts, ladder, now))
    told = _told_kinds(facts, ladder, closings)
    clocks = tuple(struck(facts, told, now))
    risk = any(one.kind is AlertKind.CANCEL_RISK for one in clocks)
    openings = (*(one for one in ladder if not (risk and one.proof is None)), *clocks)
    return Decision(
        openings=openings,
        closings=(*closings, *stopped(facts, told, now), *_replaced(facts, closings, risk=risk)),
        unverified=not ladder and _is_unverified(facts, rung, closings, now),
        look_now=not ladder and _wants_look(facts, rung, now),
        wants_orders=wants_orders(facts, told, now),
        why=_why(facts, rung, openings, now),
    )


def _told_kinds(
    facts: Facts, openings: tuple[Opening, ...], closings: tuple[Closing, ...]
) -> frozenset[AlertKind]:
    """
    The kinds of the ladder that stand after this decision.
    """
    ended = {closing.alert_id for closing in closings}
    held = {one.kind for one in facts.alerts if one.stands and one.id not in ended}
    return frozenset(held | {opening.kind for opening in openings})


def _replaced(facts: Facts, closings: tuple[Closing, ...], *, risk: bool) -> Iterator[Closing]:
    """
    "Cancellation is near" asks for the hand-over too: it takes the place of that question.
    """
    ended = {closing.alert_id for closing in closings}
    for alert in facts.alerts:
        asks = alert.stands and alert.kind is AlertKind.CONFIRM_HANDOVER
        if risk and asks and alert.id not in ended:
            yield Closing(alert_id=alert.id, because=ClosedBecause.HIGHER_RUNG, told=alert.told)


def _openings(facts: Facts, rung: Rung | None, now: datetime) -> tuple[Opening, ...]:
    """
    At most one opening: the proved rung, or the question whether the parcel was handed over.
    """
    if facts.carrier is None:
        return ()  # nobody to ask, so nothing can be proved
    opening = _open_confirmation(facts, now) if rung is None else _open_rung(facts, rung, now)
    return () if opening is None else (opening,)


def _open_rung(facts: Facts, rung: Rung, now: datetime) -> Opening | None:
    if _is_taken(facts, rung, now):
        return None
    proof = proof_of(facts, rung)
    reason = rung.reason or (reason_of(proof) if proof else None)
    if reason is None or (proof is None and rung.needs_proof):
        return None
    return Opening(
        kind=rung.kind,
        deadline=rung.deadline,
        reason=reason,
        proof=proof,
        reopens=closed_twin(facts, rung.kind, rung.deadline),
    )


def _open_confirmation(facts: Facts, now: datetime) -> Opening | None:
    due = confirm_due(facts)
    if facts.scanned or status_ends_watch(facts) or is_cancelled(facts):
        return None
    if not has_passed(due, now):
        return None
    kind = AlertKind.CONFIRM_HANDOVER
    if stands(facts, {kind}) or is_settled(facts, kind, due):
        return None
    told = _told_kinds(facts, (), tuple(endings(facts, (), now)))
    if goes_on(facts, AlertKind.CANCEL_RISK, told, now):
        return None  # it asks for the hand-over too
    return Opening(
        kind=kind,
        deadline=due,
        reason=Reason.ASSUMED_HANDOVER,
        proof=None,
        reopens=closed_twin(facts, kind, due),
    )


def _is_taken(facts: Facts, rung: Rung, now: datetime) -> bool:
    """
    True if this rung or a higher one stands open, or was settled for this very deadline.

    An open alert of an earlier deadline that has also passed stays the one alert of its kind.
    """
    kinds = at_or_above(rung.kind)
    if stands(facts, {kind for kind in kinds if not is_dealt_with(facts, kind, now)}):
        return True
    return is_settled(facts, rung.kind, rung.deadline)


def _is_unverified(
    facts: Facts, rung: Rung | None, closings: tuple[Closing, ...], now: datetime
) -> bool:
    """
    True if the parcel is late, no alert tells of it, nobody dealt with it, and the grace is over.

    A late parcel without a carrier is unverified too: P1 knows no exception, and nobody can look.
    """
    if (
        rung is None
        or not rung.needs_proof
        or not is_late(facts, now)
        or not has_passed(facts.grace_ends_at, now)
    ):
        return False
    ended = {closing.alert_id for closing in closings}
    told = any(
        alert.stands and alert.kind in _TOLD_BY and alert.id not in ended for alert in facts.alerts
    )
    return not told and not is_settled(facts, rung.kind, rung.deadline)


def _wants_look(facts: Facts, rung: Rung | None, now: datetime) -> bool:
    """
    True if a deadline has passed and no good look has been made since (R3).
    """
    if facts.carrier is None:
        return False
    if rung is not None and not rung.needs_proof:
        return False
    if rung is not None:
        return not is_since(facts.last_good, rung.since) and not _is_taken(facts, rung, now)
    return is_assumed_late(facts, now) and not is_since(facts.last_good, facts.scan_deadline)


def _why(facts: Facts, rung: Rung | None, openings: tuple[Opening, ...], now: datetime) -> str:
    """
    One line for the log: what decided it.
    """
    if openings:
        opening = openings[0]
        seen = "" if opening.proof is None else f", look {opening.proof.look_id}"
        return f"{opening.kind} opens: {opening.reason}, deadline {opening.deadline}{seen}"
    if rung is not None:
        return f"{rung.kind} not opened: {_why_held(facts, rung, now)}"
    return _why_quiet(facts)


def _why_held(facts: Facts, rung: Rung, now: datetime) -> str:
    if _is_taken(facts, rung, now):
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
