"""
One deciding round: facts from the store, decisions by the rules, alerts and deliveries written.

Each parcel is decided in a transaction of its own, with its deadline counted anew and its row
locked, so that two deciders cannot open two alerts and a crash loses none (promises.md R1, R11).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.claimline import AFTER_CLAIM
from alerts.facts import Decision
from alerts.freshness import Freshness
from alerts.gathering import Gatherer
from alerts.ladder import is_lost
from alerts.notices import Notices
from alerts.operators import OperatorAlerts
from alerts.rules import decide
from alerts.rung import at_or_above
from alerts.tally import Tally
from alerts.wordings import WordingAlerts
from tracker.crashpoints import CrashPoint, reached
from tracker.events import tell
from tracker.model import AlertKind, CarrierName
from tracker.store import StoreUnavailable
from tracker.store.alerts import NewAlert, occasion_of, parcel_subject
from tracker.urgemail import is_to_be_mailed

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.facts import Closing, Facts, LookFact, Opening
    from tracker.deadlines import Deadlines
    from tracker.model import Alert
    from tracker.store import Store, Transaction
    from tracker.store.parcels import WatchRecord

log = logging.getLogger(__name__)

DECIDING_FAILED = "deciding failed"
#: What may open in the place of a lower rung.
_HIGHER_RUNGS = at_or_above(AlertKind.RAISE_CLAIM)
#: What says "unscanned", the follow-up of a claim too, rests on the newest look that shows it.
_REST_ON_LOOKS = at_or_above(AlertKind.URGE_SCAN)
#: Parcels decided in one round; what is left comes in the next one.
ROUND_LIMIT = 2_000


@dataclass(slots=True)
class RoundResult:
    """
    What a round did: ``opened`` and ``closed`` count every alert, the operator's too.
    """

    decided: int = 0
    opened: int = 0
    closed: int = 0
    put_off: int = 0


class Decider:
    """
    Decides what is due and writes it down; it sends nothing.
    """

    def __init__(self, store: Store, deadlines: Deadlines) -> None:
        self._store = store
        self._deadlines = deadlines
        self._gatherer = Gatherer(deadlines)
        self._notices = Notices(deadlines)
        self._tally = Tally()
        self._freshness = Freshness(self._notices, self._tally)
        self._operators = OperatorAlerts(store, self._notices, self._tally)
        self._wordings = WordingAlerts(
            store, self._notices, self._tally, deadlines.settings.wordings.file
        )

    def round(self, now: datetime) -> RoundResult:
        """
        Every parcel whose decision is due is decided, blind carriers and new wordings are told.
        """
        result = RoundResult()
        self._tally.clear()
        self._follow_calendar()
        # First, so that what became unverified by a blindness is not told beside it (R4).
        for carrier in CarrierName:
            self._operators.judge_carrier(carrier, now)
        with self._store.read() as tx:
            due = tx.parcels.to_decide(now, ROUND_LIMIT)
        for parcel_id in due:
            self._decide_safely(parcel_id, now, result)
        self._wordings.settle(now)
        self._wordings.tell(now)
        result.opened, result.closed = self._tally.opened, self._tally.closed
        return result

    def remind(self, now: datetime) -> int:
        """
        Each open alert that was told before today is told again, once a working day (R15).
        """
        with self._store.read() as tx:
            self._deadlines.follow(tx)
            open_alerts = tx.alerts.matching()
        return sum(self._notices.remind(self._store, alert, now) for alert in open_alerts)

    def _follow_calendar(self) -> None:
        with self._store.read() as tx:
            self._deadlines.follow(tx)

    def _decide_safely(self, parcel_id: int, now: datetime, result: RoundResult) -> None:
        """
        A parcel that throws steps aside for an hour and the others go on (promises.md R10).
        """
        before = self._tally.copy()
        try:
            with self._store.begin() as tx:
                number, decision = self._decide(tx, parcel_id, now)
            reached(CrashPoint.OPENED_ALERT)
        except StoreUnavailable:
            raise  # the database is the trouble, not this parcel: the whole step fails
        except Exception as error:
            log.exception("deciding parcel %s failed; it is put off for an hour", parcel_id)
            with self._store.begin() as tx:
                reason = f"{DECIDING_FAILED}: {type(error).__name__}"
                tx.parcels.put_off_decision(parcel_id, now, reason)
            self._tally.back_to(before)
            result.put_off += 1
        else:
            result.decided += 1
            _log(parcel_id, number, decision)

    def _decide(
        self, tx: Transaction, parcel_id: int, now: datetime
    ) -> tuple[str | None, Decision]:
        """
        The parcel's number, and what was decided and written down.
        """
        self._deadlines.follow(tx)
        record = tx.parcels.get(parcel_id, now, lock=True)
        if record is None:
            return None, Decision(why="gone")
        record = self._recounted(tx, record, now)
        if record.parcel.order_number is None:
            tx.parcels.decide_at(parcel_id, None)
            number = record.parcel.tracking_number
            return number, Decision(why="an unwatched number opens no alert (contract.md)")
        facts = self._gatherer.facts(tx, record)
        decision = decide(facts, now)
        climbed = any(one.kind in _HIGHER_RUNGS for one in decision.openings)
        for closing in decision.closings:
            # A rung that opens now brings its own message: nobody reads "settled" beside it.
            self._close(tx, record, closing, now, tell=not climbed)
        for opening in decision.openings:
            self._open(tx, record, opening, now)
        self._refresh_proof(tx, facts)
        self._operators.set_unverified(tx, record, now, unverified=decision.unverified)
        self._freshness.set_wanted(tx, record, now, wanted=decision.wants_orders)
        if decision.look_now and _never_asked_since(record, _proof_due(facts, now)):
            tx.parcels.look_soon([parcel_id], now)
        tx.parcels.decide_at(parcel_id, self._again_at(tx, record, facts, now))
        if (record.put_off_reason or "").startswith(DECIDING_FAILED):
            tx.parcels.put_back(parcel_id)
        return record.parcel.tracking_number, decision

    def _recounted(self, tx: Transaction, record: WatchRecord, now: datetime) -> WatchRecord:
        """
        The deadline as the calendar has it now, stored if it moved (promises.md R1).
        """
        draft = tx.parcels.draft(record.parcel.id)
        counted = self._deadlines.derived(draft)
        if counted == draft:
            return record
        tx.parcels.change(record.parcel.id, counted)
        return tx.parcels.get(record.parcel.id, now) or record

    def _again_at(
        self, tx: Transaction, record: WatchRecord, facts: Facts, now: datetime
    ) -> datetime | None:
        """
        The next instant at which time alone can change the decision; facts set it anew.
        """
        parcel = record.parcel
        if facts.superseded or facts.archived:
            return None
        instants: tuple[datetime | None, ...] = facts.clocks.instants()
        if not facts.scanned or is_lost(facts):
            draft = tx.parcels.draft(parcel.id)
            instants += (
                self._deadlines.decision_at(draft),
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

    def _refresh_proof(self, tx: Transaction, facts: Facts) -> None:
        """
        An open alert rests on the newest look that still proves it.
        """
        look = facts.last_good
        if look is None or look.scanned is not False or facts.unclassified:
            return
        for alert in facts.alerts:
            if not alert.stands or alert.kind not in _REST_ON_LOOKS:
                continue
            stored = tx.alerts.get(alert.id)
            if stored is not None and _is_newer(look, stored):
                tx.alerts.prove(alert.id, look.look_id, stored.reason)


def _log(parcel_id: int, number: str | None, decision: Decision) -> None:
    """
    A decision that changed something is told, any other one only to whoever wants every detail.
    """
    changed = bool(decision.openings or decision.closings)
    tell(
        log,
        "decision",
        level=logging.INFO if changed else logging.DEBUG,
        parcel_id=parcel_id,
        number=number,
        opened=[one.kind.value for one in decision.openings],
        closed=[one.because.value for one in decision.closings],
        why=decision.why,
    )


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


def _is_newer(look: LookFact, alert: Alert) -> bool:
    return alert.proof is None or look.looked_at > alert.proof.looked_at
