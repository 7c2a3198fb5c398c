"""
The clocks beside the ladder: what they tell when they strike, and what stops them. Pure.

Each can be switched off, for all shops or for one. A clock that rests on the order's status needs
one that was observed after it struck; until then fresh orders are asked for (promises.md R27).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.claimline import is_claimed
from alerts.facts import Closing, Opening, Reason
from alerts.ladder import handover_counts, has_passed, is_cancelled, is_late, is_lost
from alerts.rung import LADDER
from alerts.standing import closed_twin, is_settled, stands
from tracker.model import AlertKind, ClosedBecause, SellerStatus
from tracker.planning.clocks import DELIVERY_ENDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from alerts.facts import Facts

_ENDED = ClosedBecause.SELLER_STATUS


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """
    One clock: when it strikes, until when it is worth telling, and what stops it.

    ``deadline`` is the alert's identity and what its message shows; ``stopped`` says why the
    parcel gives it no cause, ``None`` if it runs. ``by_status`` marks one that rests on the order's
    status.
    """

    kind: AlertKind
    reason: Reason
    strikes_at: Callable[[Facts], datetime | None]
    deadline: Callable[[Facts], datetime | None]
    stopped: Callable[[Facts, datetime], ClosedBecause | None]
    until: Callable[[Facts], datetime | None] = lambda _: None
    by_status: bool = False


def _no_cancel_risk(facts: Facts, _now: datetime) -> ClosedBecause | None:
    if facts.scanned:
        return ClosedBecause.SCANNED
    ended = facts.seller_status is not None and facts.seller_status.ends_scan_watch
    return _ENDED if ended or is_cancelled(facts) else None


def _nothing_to_retrieve(facts: Facts, _now: datetime) -> ClosedBecause | None:
    if not is_cancelled(facts):
        return _ENDED
    sent = facts.scanned or handover_counts(facts)
    if not sent:
        return ClosedBecause.DEADLINE_MOVED
    return _ENDED if facts.stage is not None and facts.stage.is_terminal else None


def _is_synchronised(facts: Facts, _now: datetime) -> ClosedBecause | None:
    if not facts.scanned:
        return ClosedBecause.DEADLINE_MOVED
    known = facts.seller_status is not None and not facts.seller_status.ends_scan_watch
    return None if known and not is_cancelled(facts) else _ENDED


def _nothing_to_claim(facts: Facts, now: datetime) -> ClosedBecause | None:
    lost = is_lost(facts)
    if lost or is_late(facts, now):
        return ClosedBecause.MANUAL if is_claimed(facts, lost=lost) else None
    if facts.scanned:
        return ClosedBecause.SCANNED
    ended = facts.seller_status is not None and facts.seller_status.ends_scan_watch
    return _ENDED if ended or is_cancelled(facts) else ClosedBecause.DEADLINE_MOVED


def _is_delivered(facts: Facts, _now: datetime) -> ClosedBecause | None:
    if not facts.scanned:
        return ClosedBecause.DEADLINE_MOVED
    over = facts.stage is not None and facts.stage.is_terminal
    ended = facts.seller_status is None or facts.seller_status in DELIVERY_ENDS
    return _ENDED if over or ended else None


def _is_ready(facts: Facts, _now: datetime) -> ClosedBecause | None:
    return None if facts.seller_status is SellerStatus.PENDING else _ENDED


def _never(_facts: Facts, _now: datetime) -> ClosedBecause | None:
    return None


CLOCKS = (
    Clock(
        kind=AlertKind.CANCEL_RISK,
        reason=Reason.CANCEL_NEAR,
        strikes_at=lambda facts: facts.clocks.cancel_near,
        deadline=lambda facts: facts.clocks.cancelled_at,
        until=lambda facts: facts.clocks.cancelled_at,
        stopped=_no_cancel_risk,
    ),
    Clock(
        kind=AlertKind.RETRIEVE_PARCEL,
        reason=Reason.CANCELLED_SENT,
        strikes_at=lambda facts: facts.cancelled_first_seen_at,
        deadline=lambda facts: facts.cancelled_first_seen_at,
        stopped=_nothing_to_retrieve,
    ),
    Clock(
        kind=AlertKind.NOT_SYNCHRONISED,
        reason=Reason.SCANNED_NOT_SHIPPED,
        strikes_at=lambda facts: facts.clocks.sync_by,
        deadline=lambda facts: facts.clocks.sync_by,
        stopped=_is_synchronised,
        by_status=True,
    ),
    Clock(
        kind=AlertKind.CLAIM_WINDOW,
        reason=Reason.CLAIMS_END,
        strikes_at=lambda facts: facts.clocks.claims_end_soon,
        deadline=lambda facts: facts.clocks.claims_end,
        until=lambda facts: facts.clocks.claims_end,
        stopped=_nothing_to_claim,
    ),
    Clock(
        kind=AlertKind.OVERDUE_DELIVERY,
        reason=Reason.NOT_DELIVERED,
        strikes_at=lambda facts: facts.clocks.deliver_by,
        deadline=lambda facts: facts.clocks.deliver_by,
        stopped=_is_delivered,
        by_status=True,
    ),
    Clock(
        kind=AlertKind.RETURN_CLAIM,
        reason=Reason.PICKED_UP,
        strikes_at=lambda facts: facts.clocks.picked_up_at,
        deadline=lambda facts: facts.clocks.return_until,
        until=lambda facts: facts.clocks.return_until,
        stopped=_never,
    ),
    Clock(
        kind=AlertKind.PENDING_ORDER,
        reason=Reason.STILL_PENDING,
        strikes_at=lambda facts: facts.clocks.ready_by,
        deadline=lambda facts: facts.clocks.ready_by,
        stopped=_is_ready,
        by_status=True,
    ),
)

#: What is told about a parcel already leaves no room for "cancellation is near" beside it.
_TELLS_OF_CANCELLATION = frozenset(LADDER) - {AlertKind.CONFIRM_HANDOVER}


def struck(facts: Facts, told: Collection[AlertKind], now: datetime) -> Iterator[Opening]:
    """
    The alerts of clocks that have struck; ``told``: the ladder's kinds that stand or open now.
    """
    for clock in CLOCKS:
        if _is_due(clock, facts, told, now) and not _is_status_old(clock, facts):
            deadline = clock.deadline(facts)
            yield Opening(
                kind=clock.kind,
                deadline=deadline,
                reason=clock.reason,
                proof=None,
                reopens=closed_twin(facts, clock.kind, deadline),
            )


def wants_orders(facts: Facts, told: Collection[AlertKind], now: datetime) -> bool:
    """
    True if a clock has struck and the order's status is too old to say anything (R27).
    """
    return any(
        _is_status_old(clock, facts) and _is_due(clock, facts, told, now) for clock in CLOCKS
    )


def stopped(facts: Facts, told: Collection[AlertKind], now: datetime) -> Iterator[Closing]:
    """
    The open alerts whose clock does not run any more.
    """
    clocks = {clock.kind: clock for clock in CLOCKS}
    for alert in facts.alerts:
        if not alert.stands or alert.kind not in clocks:
            continue
        because = _stopped_because(clocks[alert.kind], facts, told, now)
        if because is not None:
            yield Closing(alert_id=alert.id, because=because, told=alert.told)


def goes_on(facts: Facts, kind: AlertKind, told: Collection[AlertKind], now: datetime) -> bool:
    """
    True while an alert of the clock stands that this decision does not close.
    """
    ended = {closing.alert_id for closing in stopped(facts, told, now)}
    return any(one.stands and one.kind is kind and one.id not in ended for one in facts.alerts)


def _is_due(clock: Clock, facts: Facts, told: Collection[AlertKind], now: datetime) -> bool:
    if stands(facts, {clock.kind}) or is_settled(facts, clock.kind, clock.deadline(facts)):
        return False
    return _stopped_because(clock, facts, told, now) is None


def _stopped_because(
    clock: Clock, facts: Facts, told: Collection[AlertKind], now: datetime
) -> ClosedBecause | None:
    if clock.kind not in facts.clocks_on:
        return ClosedBecause.MANUAL  # switched off by a person
    because = clock.stopped(facts, now)
    if because is not None:
        return because
    if not has_passed(clock.strikes_at(facts), now):
        return ClosedBecause.DEADLINE_MOVED
    if has_passed(clock.until(facts), now):
        return ClosedBecause.EXPIRED
    crowded = clock.kind is AlertKind.CANCEL_RISK and not _TELLS_OF_CANCELLATION.isdisjoint(told)
    return ClosedBecause.HIGHER_RUNG if crowded else None


def _is_status_old(clock: Clock, facts: Facts) -> bool:
    """
    True if the status was not observed since the instant that the clock speaks of.
    """
    at, seen = clock.strikes_at(facts), facts.seller_status_at
    return clock.by_status and at is not None and (seen is None or seen < at)
