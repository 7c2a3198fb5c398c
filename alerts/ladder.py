"""
Which rung of the ladder a parcel stands on, and what would prove it. Pure.

The ladder for a parcel whose hand-over counts and whose deadline has passed without a scan
(domain.md 1.1, promises.md R3, R25, R26)::

    claimed                            -> what follows the claim (alerts.claimline), never another
    the carrier says "lost"            -> raise_claim      needs no deadline
    cancelled after the deadline       -> raise_claim      "cancelled_unscanned"
    postal                             -> raise_claim
    DS, one day before cancellation    -> raise_claim      urged or not
    DS, urged, claim_after has passed  -> raise_claim      proof at or after claim_after
    DS                                 -> urge_scan

A rung up to the claim needs proof: a good look, at or after its instant, that says "not scanned". A
hand-over that is only assumed stands on no rung: it is asked about and accuses nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.claimline import is_claimed, rung_after_claim
from alerts.facts import Reason
from alerts.rung import Rung
from tracker.model import AlertKind, CarrierName, Outcome, SellerStatus, Service, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.facts import Facts, LookFact

#: SHIPPED only says "scanned": it is no answer to a parcel that the carrier lost after that.
_ENDS_LOSS = frozenset({SellerStatus.DELIVERED, SellerStatus.FAILED, SellerStatus.RETURNED})


def handover_counts(facts: Facts) -> bool:
    """
    True if the hand-over is given, or assumed and trusted by setting (promises.md R25).
    """
    return facts.handed_over_at is not None and (not facts.handover_assumed or facts.trust_assumed)


def joint_look(last_good: Iterable[LookFact | None]) -> LookFact | None:
    """
    The look that proves least among the latest good looks of several carriers, one entry each.

    Where field and shape disagree both portals are asked and an alert needs proof from both
    (contract.md): a portal without a good look leaves none, an unclear look comes before a clear
    one, and an older look before a newer one.
    """
    looks = tuple(last_good)
    known = [look for look in looks if look is not None]
    if not known or len(known) < len(looks):
        return None
    return min(known, key=lambda look: (look.scanned is False, look.looked_at))


def rung_of(facts: Facts, now: datetime) -> Rung | None:
    """
    The rung of the ladder that the parcel stands on, ``None`` if it gives no cause for an alert.
    """
    lost, late = is_lost(facts), is_late(facts, now)
    if (lost or late) and is_claimed(facts, lost=lost):
        return rung_after_claim(facts, now)
    if lost:
        return Rung(kind=AlertKind.RAISE_CLAIM, deadline=None, since=None, reason=Reason.LOST)
    return _rung_of_late(facts, now) if late else None


def _rung_of_late(facts: Facts, now: datetime) -> Rung:
    deadline = facts.scan_deadline
    if is_cancelled(facts):
        return Rung(
            kind=AlertKind.RAISE_CLAIM,
            deadline=deadline,
            since=deadline,
            reason=Reason.CANCELLED_UNSCANNED,
        )
    if urging_comes_first(facts.service, facts.carrier):
        return _after_urging(facts, now)
    return Rung(kind=AlertKind.RAISE_CLAIM, deadline=deadline, since=deadline)


def _after_urging(facts: Facts, now: datetime) -> Rung:
    """
    DS: urge first; a claim once the wait after urging is over (domain.md 1.1).

    Nobody waits for the last lead-time day: then the proof of the urging proves the claim too.
    """
    deadline = facts.scan_deadline
    if has_passed(facts.claim_by, now):
        return Rung(kind=AlertKind.RAISE_CLAIM, deadline=deadline, since=deadline)
    if facts.claim_after is not None and now >= facts.claim_after:
        return Rung(kind=AlertKind.RAISE_CLAIM, deadline=deadline, since=facts.claim_after)
    return Rung(kind=AlertKind.URGE_SCAN, deadline=deadline, since=deadline)


def is_late(facts: Facts, now: datetime) -> bool:
    """
    True if the hand-over counts, its deadline has passed, and nothing says "scanned" or "over".
    """
    if facts.scanned or not handover_counts(facts) or status_ends_watch(facts):
        return False
    if not has_passed(facts.scan_deadline, now):
        return False
    return not is_cancelled(facts) or cancelled_too_late(facts, now)


def is_assumed_late(facts: Facts, now: datetime) -> bool:
    """
    True if only a guess says that the parcel is late: worth a look, never an accusation.
    """
    if facts.scanned or status_ends_watch(facts) or is_cancelled(facts):
        return False
    return confirm_due(facts) is not None and has_passed(facts.scan_deadline, now)


def is_lost(facts: Facts) -> bool:
    """
    True if the carrier says that it lost the parcel and the platform does not say otherwise.
    """
    return facts.stage is Stage.LOST and facts.seller_status not in _ENDS_LOSS


def is_cancelled(facts: Facts) -> bool:
    """
    True if the order was cancelled: urging is over, a claim may not be (promises.md R26).
    """
    return facts.seller_status is SellerStatus.CANCELED


def cancelled_too_late(facts: Facts, now: datetime) -> bool:
    """
    True if the deadline had passed when the cancellation was first seen: the claim survives (R26).

    A cancellation whose first sighting was not recorded counts as seen now: the claim is the
    seller's money and a look after the deadline must still prove it.
    """
    seen = facts.cancelled_first_seen_at or now
    return facts.scan_deadline is not None and facts.scan_deadline <= seen


def status_ends_watch(facts: Facts) -> bool:
    """
    True if the platform itself says that the parcel was scanned (promises.md R26).
    """
    return facts.seller_status is not None and facts.seller_status.ends_scan_watch


def urging_comes_first(service: Service | None, carrier: CarrierName | None) -> bool:
    """
    True for DS. A parcel with a carrier and no service goes by its carrier: silence would lose it.
    """
    if service is None:
        return carrier is CarrierName.SEKO
    return service is Service.DS


def deadline_holds(facts: Facts, now: datetime) -> bool:
    """
    True while the ground of a scan alert stands: a hand-over that counts, and a passed deadline.
    """
    return handover_counts(facts) and has_passed(facts.scan_deadline, now)


def confirm_due(facts: Facts) -> datetime | None:
    """
    When an assumed hand-over must be confirmed: its deadline or ``confirm_by``, the earlier (R25).

    ``None`` if the hand-over counts, and also if none is even assumed: with the assumption turned
    off nobody claims that the parcel is on its way; its lead time is ``cancel_risk``'s matter.
    """
    if facts.handed_over_at is None or handover_counts(facts):
        return None
    instants = (facts.scan_deadline, facts.confirm_by)
    return min((instant for instant in instants if instant is not None), default=None)


def has_passed(instant: datetime | None, now: datetime) -> bool:
    """
    True from the instant on; an unknown instant has not passed.
    """
    return instant is not None and now >= instant


def proof_of(facts: Facts, rung: Rung) -> LookFact | None:
    """
    The good look that proves the rung; ``None`` if there is none or it is held back (R3, R9).
    """
    look = facts.last_good
    if look is None or not look.outcome.is_good or facts.carrier_blind:
        return None
    if rung.reason is Reason.LOST:
        return look  # the stage is the carrier's own word, whenever it said so
    if facts.unclassified or look.scanned is not False:
        return None
    return look if is_since(look, rung.since) else None


def is_since(look: LookFact | None, since: datetime | None) -> bool:
    """
    True if there is a look, made at or after ``since`` (``None``: whenever).
    """
    return look is not None and (since is None or look.looked_at >= since)


def reason_of(proof: LookFact) -> Reason:
    """
    What the portal said in the look that proves the parcel unscanned.
    """
    if proof.outcome is Outcome.NOT_FOUND:
        return Reason.NOT_FOUND
    if proof.outcome is Outcome.NO_EVENTS:
        return Reason.NO_EVENTS
    return Reason.ANNOUNCED_ONLY
