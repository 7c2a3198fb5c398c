"""
Decisions within one transaction: facts of several parcels, decided by the rules, written down.

What is written is stored with the decision or not at all: alerts, their deliveries, the parcel's
place on the lists about the watching, and when time alone can change the decision (R1, R11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.claimline import AFTER_CLAIM
from alerts.freshness import Freshness
from alerts.gathering import Gatherer
from alerts.ladder import is_lost
from alerts.rules import decide
from alerts.rung import at_or_above
from alerts.unverified import Unverified
from tracker.crashpoints import CrashPoint, reached
from tracker.model import AlertKind
from tracker.store.alerts import NewAlert, occasion_of, parcel_subject
from tracker.urgemail import is_to_be_mailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.facts import AlertFact, Closing, Decision, Facts, LookFact, Opening
    from alerts.notices import Notices
    from alerts.tally import Tally
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

DECIDING_FAILED = "deciding failed"
#: What may open in the place of a lower rung.
_HIGHER_RUNGS = at_or_above(AlertKind.RAISE_CLAIM)
#: What says "unscanned", the follow-up of a claim too, rests on the newest look that shows it.
_REST_ON_LOOKS = at_or_above(AlertKind.URGE_SCAN)


@dataclass(frozen=True, slots=True)
class Decided:
    """
    A parcel's number and what was decided about it; ``None``: no rule asks about it.
    """

    number: str | None
    decision: Decision | None


class Decisions:
    """
    Decides about parcels that the caller's transaction holds, and writes it down; sends nothing.
    """

    def __init__(
        self,
        deadlines: Deadlines,
        notices: Notices,
        tally: Tally,
    ) -> None:
        self._deadlines = deadlines
        self._gatherer = Gatherer(deadlines)
        self._notices = notices
        self._unverified = Unverified(notices, tally)
        self._freshness = Freshness(notices, tally)
        self._tally = tally

    def make(self, tx: Transaction, parcel_ids: Sequence[int], now: datetime) -> dict[int, Decided]:
        """
        What was decided about each of the parcels, in this order, and written down.

        Those that do not exist any more are left out.
        """
        self._deadlines.follow(tx)
        records = self._recounted(tx, parcel_ids, now)
        watched = [one for one in records if one.parcel.order_number is not None]
        # An unwatched number opens no alert (contract.md).
        made = {one.parcel.id: Decided(one.parcel.tracking_number, None) for one in records}
        again: dict[int, datetime | None] = dict.fromkeys(made)
        decided = []
        for record, facts in zip(watched, self._gatherer.facts_of(tx, watched), strict=True):
            decision = decide(facts, now)
            self._write(tx, record, facts, decision, now)
            decided.append((record, decision))
            again[record.parcel.id] = self._again_at(record, facts, now)
            made[record.parcel.id] = Decided(record.parcel.tracking_number, decision)
        self._list(tx, decided, now)
        tx.parcels.decide_all(again)
        return made

    def _list(
        self, tx: Transaction, decided: Sequence[tuple[WatchRecord, Decision]], now: datetime
    ) -> None:
        """
        Each parcel stands on the lists on which it belongs, and on no other one.
        """
        marked = [(one, one.unverified_since is not None, it.unverified) for one, it in decided]
        self._unverified.leave(tx, [one for one, was, now_is in marked if was and not now_is], now)
        self._unverified.join(tx, [one for one, was, now_is in marked if now_is and not was], now)
        self._freshness.settle(
            tx,
            [one for one, decision in decided if decision.wants_orders],
            [one for one, decision in decided if not decision.wants_orders],
            now,
        )

    def _write(
        self,
        tx: Transaction,
        record: WatchRecord,
        facts: Facts,
        decision: Decision,
        now: datetime,
    ) -> None:
        climbed = any(one.kind in _HIGHER_RUNGS for one in decision.openings)
        for closing in decision.closings:
            # A rung that opens now brings its own message: nobody reads "settled" beside it.
            self._close(tx, record, closing, now, tell=not climbed)
        for opening in decision.openings:
            self._open(tx, record, opening, now)
        _refresh_proof(tx, facts)
        if decision.look_now and _never_asked_since(record, _proof_due(facts, now)):
            tx.parcels.look_soon([record.parcel.id], now)
        if (record.put_off_reason or "").startswith(DECIDING_FAILED):
            tx.parcels.put_back(record.parcel.id)

    def _recounted(
        self, tx: Transaction, parcel_ids: Sequence[int], now: datetime
    ) -> list[WatchRecord]:
        """
        The parcels with their deadlines as the calendar has them now, stored if they moved (R1).
        """
        stored = tx.parcels.drafts(parcel_ids)
        counted = {one: self._deadlines.derived(draft) for one, draft in stored.items()}
        tx.parcels.recounted({one: draft for one, draft in counted.items() if draft != stored[one]})
        records = {one.parcel.id: one for one in tx.parcels.records(dict.fromkeys(stored, now))}
        return [records[one] for one in parcel_ids if one in records]

    def _again_at(self, record: WatchRecord, facts: Facts, now: datetime) -> datetime | None:
        """
        The next instant at which time alone can change the decision; facts set it anew.
        """
        if facts.superseded or facts.archived:
            return None
        instants: tuple[datetime | None, ...] = facts.clocks.instants()
        if not facts.scanned or is_lost(facts):
            instants += (
                self._deadlines.decision_at(record.parcel),
                facts.grace_ends_at,
                facts.claim_after,
                facts.claim_by,
                facts.claim_answer_by,
            )
        return min((one for one in instants if one is not None and one > now), default=None)

    def _open(self, tx: Transaction, record: WatchRecord, opening: Opening, now: datetime) -> None:
        proof = opening.proof.look_id if opening.proof else None
        if opening.reopens is not None:
            tx.alerts.reopen(opening.reopens, opening.reason.value, proof)
            alert_id: int | None = opening.reopens
            self._tally.opened += 1
            tx.outbox.again(
                opening.reopens, self._notices.opens_for(record, now, record.parcel.shop)
            )
        else:
            alert_id = tx.alerts.open(_new_alert(record, opening, proof), now)
            self._tally.opened += alert_id is not None
        if alert_id is None:
            return
        reached(CrashPoint.OPENING_ALERT)
        if is_to_be_mailed(opening.kind, record.parcel):
            self._notices.urge_seko(tx, alert_id, record, now)  # first: the shop reads of it
        self._notices.tell_shop(tx, alert_id, record, now)

    def _close(
        self,
        tx: Transaction,
        record: WatchRecord,
        closing: Closing,
        now: datetime,
        *,
        tell: bool,
    ) -> None:
        if not tx.alerts.close(closing.alert_id, closing.because, now):
            return
        self._tally.closed += 1
        # First stop what is not under way, then see who knows or is being told just now.
        tx.outbox.supersede(closing.alert_id)
        told = {(one.channel, one.recipient) for one in tx.outbox.told(closing.alert_id)}
        if tell and closing.notice is not None and told:
            tx.outbox.add(
                closing.alert_id,
                shop=record.parcel.shop,
                recipients=sorted(told),
                notice=closing.notice,
                now=now,
                not_before=self._notices.opens_for(record, now, record.parcel.shop),
            )


def _refresh_proof(tx: Transaction, facts: Facts) -> None:
    """
    An open alert rests on the newest look that still proves it.
    """
    look = facts.last_good
    if look is None or look.scanned is not False or facts.unclassified:
        return
    for alert in facts.alerts:
        if alert.stands and alert.kind in _REST_ON_LOOKS and _is_newer(look, alert):
            tx.alerts.prove(alert.id, look.look_id)


def _proof_due(facts: Facts, now: datetime) -> datetime | None:
    """
    What a look has to come after: the scan deadline, or the end of the wait after urging.
    """
    claim_after = facts.claim_after
    return claim_after if claim_after is not None and claim_after <= now else facts.scan_deadline


def _never_asked_since(record: WatchRecord, deadline: datetime | None) -> bool:
    """
    Only the first confirming look is asked for here: later ones follow the cadence.
    """
    last = record.parcel.last_look_at
    return deadline is None or last is None or last < deadline


def _new_alert(record: WatchRecord, opening: Opening, proof: int | None) -> NewAlert:
    return NewAlert(
        kind=opening.kind,
        subject=parcel_subject(record.parcel.id),
        occasion=occasion_of(opening.deadline),
        reason=opening.reason.value,
        parcel_id=record.parcel.id,
        shop=record.parcel.shop,
        carrier=record.parcel.carrier,
        deadline=opening.deadline,
        proof_look_id=proof,
        case_id=record.case_id if opening.kind in AFTER_CLAIM else None,
    )


def _is_newer(look: LookFact, alert: AlertFact) -> bool:
    return alert.proved_at is None or look.looked_at > alert.proved_at
