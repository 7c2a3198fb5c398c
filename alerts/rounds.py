"""
One deciding round: facts from the store, decisions by the rules, alerts and deliveries written.

Each parcel is decided in a transaction of its own, with its deadline counted anew and its row
locked, so that two deciders cannot open two alerts and a crash loses none (promises.md R1, R11).
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.facts import AlertFact, Decision, Facts, LookFact
from alerts.lines import calendar_of_alert
from alerts.rules import decide
from tracker.crashpoints import CrashPoint, reached
from tracker.model import (
    Alert,
    AlertKind,
    AlertState,
    CarrierName,
    ClosedBecause,
    DeliveryState,
    Stage,
)
from tracker.stages import normalise_text
from tracker.store import StoreUnavailable
from tracker.store.alerts import NewAlert, carrier_subject, occasion_of, parcel_subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime, tzinfo

    from alerts.facts import Closing, Opening
    from tracker.deadlines import Deadlines
    from tracker.model import StoredLook
    from tracker.settings import Recipient
    from tracker.store import Store, Transaction
    from tracker.store.parcels import WatchRecord

log = logging.getLogger(__name__)

DECIDING_FAILED = "deciding failed"
#: Parcels decided in one round; what is left comes in the next one.
ROUND_LIMIT = 2_000
#: When nobody even attempts a look, the grace begins this much later (promises.md P1).
UNASKED_EXTRA_MINUTES = 60
#: A carrier is bad below the first share of good looks and good again above the second (R19).
HEALTH_WINDOW = 10
HEALTH_NEEDS = 5
BAD_BELOW = 0.3
GOOD_ABOVE = 0.7


@dataclass(slots=True)
class RoundResult:
    """
    What a round did.
    """

    decided: int = 0
    opened: int = 0
    closed: int = 0
    put_off: int = 0

    @property
    def found_work(self) -> bool:
        """
        True when there was anything to decide.
        """
        return bool(self.decided or self.put_off)


class Decider:
    """
    Decides what is due and writes it down; it sends nothing.
    """

    def __init__(self, store: Store, deadlines: Deadlines) -> None:
        self._store = store
        self._deadlines = deadlines
        self._settings = deadlines.settings

    def round(self, now: datetime) -> RoundResult:
        """
        Every parcel whose decision is due is decided, new wordings and blind carriers are told.
        """
        result = RoundResult()
        with self._store.read() as tx:
            due = tx.parcels.to_decide(now, ROUND_LIMIT)
        for parcel_id in due:
            self._decide_safely(parcel_id, now, result)
        self._tell_wordings(now)
        for carrier in CarrierName:
            self._judge_carrier(carrier, now)
        return result

    def remind(self, now: datetime) -> int:
        """
        Each open alert that was told before today is told again, once a working day (R15).
        """
        with self._store.read() as tx:
            open_alerts = tx.alerts.matching()
        return sum(self._remind_one(alert, now) for alert in open_alerts)

    # -- one parcel --------------------------------------------------------------------------

    def _decide_safely(self, parcel_id: int, now: datetime, result: RoundResult) -> None:
        """
        A parcel that throws steps aside for an hour and the others go on (promises.md R10).
        """
        try:
            with self._store.begin() as tx:
                decision = self._decide(tx, parcel_id, now)
            reached(CrashPoint.OPENED_ALERT)
        except StoreUnavailable:
            raise  # the database is the trouble, not this parcel: the whole step fails
        except Exception as error:
            log.exception("deciding parcel %s failed; it is put off for an hour", parcel_id)
            with self._store.begin() as tx:
                reason = f"{DECIDING_FAILED}: {type(error).__name__}"
                tx.parcels.put_off_decision(parcel_id, now, reason)
            result.put_off += 1
        else:
            result.decided += 1
            result.opened += len(decision.openings)
            result.closed += len(decision.closings)

    def _decide(self, tx: Transaction, parcel_id: int, now: datetime) -> Decision:
        record = tx.parcels.get(parcel_id, now, lock=True)
        if record is None:
            return Decision(why="gone")
        record = self._recounted(tx, record, now)
        if record.parcel.order_number is None:
            tx.parcels.decide_at(parcel_id, None)
            return Decision(why="an unwatched number opens no alert (contract.md)")
        facts = self._facts(tx, record)
        decision = decide(facts, now)
        log.info("parcel %s: %s", record.parcel.tracking_number, decision.why)
        claimed = any(one.kind is AlertKind.RAISE_CLAIM for one in decision.openings)
        for closing in decision.closings:
            # A claim that opens now brings its own message: nobody reads "settled" beside it.
            self._close(tx, record, closing, now, tell=not claimed)
        for opening in decision.openings:
            self._open(tx, record, opening, now)
        self._refresh_proof(tx, facts)
        self._set_unverified(tx, record, now, unverified=decision.unverified)
        if decision.look_now and _never_asked_since(record, _proof_due(facts, now)):
            tx.parcels.look_soon([parcel_id], now)
        tx.parcels.decide_at(parcel_id, self._again_at(tx, record, facts, now))
        if (record.put_off_reason or "").startswith(DECIDING_FAILED):
            tx.parcels.put_back(parcel_id)
        return decision

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

    def _facts(self, tx: Transaction, record: WatchRecord) -> Facts:
        parcel = record.parcel
        deadline = parcel.scan_deadline
        urged_at = record.urged_at
        if urged_at is not None and (deadline is None or urged_at < deadline):
            urged_at = None
        own = [one for one in tx.looks.events(parcel.id) if not one.foreign]
        attempt = tx.looks.first_attempt_since(parcel.id, deadline) if deadline else None
        return Facts(
            tracking_number=parcel.tracking_number,
            service=parcel.service,
            carrier=parcel.carrier,
            seller_status=parcel.seller_status,
            seller_status_at=parcel.seller_status_at,
            cancelled_first_seen_at=record.cancelled_seen_at,
            created_at=parcel.created_at,
            handed_over_at=parcel.handed_over_at,
            handover_assumed=parcel.handover_assumed,
            trust_assumed=self._settings.watch.trust_assumed_handover,
            scan_deadline=deadline,
            confirm_by=self._deadlines.confirm_by(parcel),
            auto_cancel_at=parcel.auto_cancel_at,
            scanned=parcel.scanned,
            stage=parcel.stage,
            superseded=record.superseded_at is not None,
            archived=record.archived_at is not None,
            urged_at=urged_at,
            claim_after=self._deadlines.claim_after(parcel, urged_at) if urged_at else None,
            last_look=_look_fact(tx.looks.last(parcel.id)),
            last_good=_look_fact(tx.looks.last_good(parcel.id)),
            first_attempt_after_deadline=attempt,
            grace_ends_at=self._grace_end(record, attempt),
            unclassified=any(one.event.stage is Stage.UNCLASSIFIED for one in own),
            alerts=tuple(_alert_fact(tx, alert) for alert in tx.alerts.on_parcel(parcel.id)),
            carrier_blind=False,
            first_scan_at=parcel.first_scan_at,
            scan_first_seen_at=min(
                (one.first_seen_at for one in own if one.event.is_scan), default=None
            ),
        )

    def _grace_end(self, record: WatchRecord, attempt: datetime | None) -> datetime | None:
        """
        The grace runs inside the send window, from the later of deadline and first attempt (R4).

        An attempt that is overdue because the carrier cools down, or nobody polls, ends it too.
        """
        parcel = record.parcel
        if parcel.scan_deadline is None:
            return None
        minutes = self._settings.watch.verify_grace_minutes
        start = attempt
        if start is None:
            start = max(parcel.scan_deadline, parcel.next_look_at or parcel.scan_deadline)
            minutes += UNASKED_EXTRA_MINUTES
        calendar = self._deadlines.calendar_of(parcel)
        window = self._settings.window
        return window.after_minutes_inside(max(start, parcel.scan_deadline), minutes, calendar)

    def _again_at(
        self, tx: Transaction, record: WatchRecord, facts: Facts, now: datetime
    ) -> datetime | None:
        """
        The next instant at which time alone can change the decision; facts set it anew.
        """
        parcel = record.parcel
        if facts.scanned or facts.superseded or facts.archived:
            return None
        draft = tx.parcels.draft(parcel.id)
        instants: Iterable[datetime | None] = (
            self._deadlines.decision_at(draft),
            facts.grace_ends_at,
            facts.claim_after,
        )
        return min((one for one in instants if one is not None and one > now), default=None)

    def _open(self, tx: Transaction, record: WatchRecord, opening: Opening, now: datetime) -> None:
        proof = opening.proof.look_id if opening.proof else None
        if opening.reopens is not None:
            tx.alerts.reopen(opening.reopens, opening.reason.value, proof)
            alert_id: int | None = opening.reopens
            tx.outbox.again(opening.reopens, self._next_open(record, now))
        else:
            alert_id = tx.alerts.open(_new_alert(record, opening, proof), now)
        if alert_id is None:
            return
        reached(CrashPoint.OPENING_ALERT)
        shop = record.parcel.shop
        self._tell(tx, alert_id, record, self._settings.recipients_of(shop), shop=shop, now=now)

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
                not_before=self._next_open(record, now),
            )

    def _refresh_proof(self, tx: Transaction, facts: Facts) -> None:
        """
        An open alert rests on the newest look that still proves it.
        """
        look = facts.last_good
        if look is None or look.scanned is not False or facts.unclassified:
            return
        for alert in facts.alerts:
            if not alert.stands or alert.kind not in {AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM}:
                continue
            stored = tx.alerts.get(alert.id)
            if stored is not None and _is_newer(look, stored):
                tx.alerts.prove(alert.id, look.look_id, stored.reason)

    # -- unverified parcels ------------------------------------------------------------------

    def _set_unverified(
        self, tx: Transaction, record: WatchRecord, now: datetime, *, unverified: bool
    ) -> None:
        if unverified and record.unverified_since is None:
            tx.parcels.mark(record.parcel.id, unverified_since=now)
            alert_id = self._carriers_alert(
                tx,
                AlertKind.UNVERIFIED,
                record.parcel.carrier,
                "no good look since the deadline",
                now,
            )
            tx.alerts.cover(alert_id, record.parcel.id, now)
            self._tell_unverified(tx, alert_id, record, now)
        elif not unverified and record.unverified_since is not None:
            tx.parcels.verified(record.parcel.id)
            for listed in tx.alerts.covering(record.parcel.id):
                self._take_off(tx, listed, record.parcel.id, now)

    def _take_off(self, tx: Transaction, listed: Alert, parcel_id: int, now: datetime) -> None:
        """
        The parcel leaves the list; a list that is empty now has ended.
        """
        if listed.kind is not AlertKind.UNVERIFIED or listed.closed_at is not None:
            return
        # The list is read again under its lock: another parcel may just be joining it.
        alert = tx.alerts.open_on(carrier_subject(listed.carrier), AlertKind.UNVERIFIED)
        if alert is None:
            return
        tx.alerts.uncover(alert.id, parcel_id)
        if set(alert.parcel_ids) <= {parcel_id}:
            self._close_operators(tx, alert, now)

    def _carriers_alert(
        self,
        tx: Transaction,
        kind: AlertKind,
        carrier: CarrierName | None,
        reason: str,
        now: datetime,
    ) -> int:
        """
        The one open alert of the kind on the carrier, opened if there is none.
        """
        subject = carrier_subject(carrier)
        known = tx.alerts.open_on(subject, kind)
        if known is not None:
            return known.id
        new = NewAlert(
            kind=kind, subject=subject, occasion=now.isoformat(), reason=reason, carrier=carrier
        )
        opened = tx.alerts.open(new, now)
        if opened is not None:
            return opened
        raced = tx.alerts.open_on(subject, kind)
        if raced is None:
            raise RuntimeError(f"{kind} on {subject} could neither be opened nor found")
        return raced.id

    def _tell_unverified(
        self, tx: Transaction, alert_id: int, record: WatchRecord, now: datetime
    ) -> None:
        """
        The operator hears of it unless the carrier is known to be blind; the shop always (R4).
        """
        blind = tx.alerts.open_on(carrier_subject(record.parcel.carrier), AlertKind.CARRIER_BLIND)
        if blind is None:
            self._tell(tx, alert_id, record, self._settings.operator_recipients, shop=None, now=now)
        shop = record.parcel.shop
        self._tell(tx, alert_id, record, self._settings.recipients_of(shop), shop=shop, now=now)

    # -- the watcher itself ------------------------------------------------------------------

    def _tell_wordings(self, now: datetime) -> None:
        """
        Each text that no stage table knows is told to the operator once (domain.md 4).
        """
        with self._store.read() as tx:
            new = tx.alerts.new_wordings()
        for wording in new:
            with self._store.begin() as tx:
                if not tx.alerts.wording_alerted(wording.id, now):
                    continue
                digest = hashlib.sha256(normalise_text(wording.text).encode()).hexdigest()[:16]
                alert_id = tx.alerts.open(
                    NewAlert(
                        kind=AlertKind.UNKNOWN_WORDING,
                        subject=f"wording:{wording.carrier}:{digest}",
                        occasion=now.isoformat(),
                        reason=wording.text[:500],
                        carrier=wording.carrier,
                    ),
                    now,
                )
                if alert_id is None:
                    continue
                if wording.parcel_id is not None:
                    tx.alerts.cover(alert_id, wording.parcel_id, now)
                self._tell_operator(tx, alert_id, wording.carrier, now)

    def _judge_carrier(self, carrier: CarrierName, now: datetime) -> None:
        """
        A carrier whose looks mostly fail is told as blind once, and once when it recovers (R19).
        """
        with self._store.read() as tx:
            known = tx.health.carrier(carrier)
            outcomes = tx.looks.recent_outcomes(carrier, HEALTH_WINDOW)
        state = _judged(known.state, [outcome.is_good for outcome in outcomes])
        if state == known.state:
            return
        with self._store.begin() as tx:
            if not tx.health.set_state(carrier, state):
                return
            if state == "bad":
                alert_id = self._carriers_alert(
                    tx, AlertKind.CARRIER_BLIND, carrier, _failures(outcomes), now
                )
                self._tell_operator(tx, alert_id, carrier, now)
            elif known.state == "bad":
                alert = tx.alerts.open_on(carrier_subject(carrier), AlertKind.CARRIER_BLIND)
                if alert is not None:
                    self._close_operators(tx, alert, now)

    def _close_operators(self, tx: Transaction, alert: Alert, now: datetime) -> None:
        """
        The watcher sees again: whoever was told of its blindness hears that it is over.
        """
        if not tx.alerts.close(alert.id, ClosedBecause.RECOVERED, now):
            return
        tx.outbox.supersede(alert.id)
        for told in tx.outbox.told(alert.id):
            tx.outbox.add(
                alert.id,
                shop=told.shop,
                recipients=[(told.channel, told.recipient)],
                notice="resolved",
                now=now,
                not_before=self._window_opens(alert.carrier, None, now),
            )

    def _tell_operator(
        self, tx: Transaction, alert_id: int, carrier: CarrierName, now: datetime
    ) -> None:
        tx.outbox.add(
            alert_id,
            shop=None,
            recipients=_addresses(self._settings.operator_recipients),
            notice="first",
            now=now,
            not_before=self._window_opens(carrier, None, now),
        )

    # -- notices -----------------------------------------------------------------------------

    def _tell(
        self,
        tx: Transaction,
        alert_id: int,
        record: WatchRecord,
        recipients: Iterable[Recipient],
        *,
        shop: str | None,
        now: datetime,
    ) -> None:
        """
        Each recipient gets the first notice; who had it already is reminded today of what is new.
        """
        not_before = self._next_open(record, now)
        today = self._local_day(record, not_before)
        sent = {
            (one.channel, one.recipient)
            for one in tx.outbox.told(alert_id)
            if one.notice == "first"
        }
        for address in _addresses(recipients):
            notice = f"reminder-{today.isoformat()}" if address in sent else "first"
            tx.outbox.add(
                alert_id,
                shop=shop,
                recipients=[address],
                notice=notice,
                now=now,
                not_before=not_before,
            )

    def _remind_one(self, alert: Alert, now: datetime) -> bool:
        """
        Who was told before today, and has nothing of this alert still under way, is told again.

        Each recipient for itself: a dead channel does not silence the others (promises.md R14).
        """
        if alert.state is not AlertState.OPEN or alert.kind is AlertKind.UNKNOWN_WORDING:
            return False
        with self._store.begin() as tx:
            calendar = calendar_of_alert(tx, alert, self._deadlines, now)
            today = now.astimezone(calendar.zone).date()
            if not calendar.is_open(today) or not self._settings.window.is_open(now, calendar):
                return False
            if any(_is_archived(tx, parcel_id, now) for parcel_id in alert.parcel_ids[:1]):
                return False
            due = _told_before(alert, today, calendar.zone)
            for shop, channel, recipient in due:
                tx.outbox.add(
                    alert.id,
                    shop=shop,
                    recipients=[(channel, recipient)],
                    notice=f"reminder-{today.isoformat()}",
                    now=now,
                    not_before=now,
                )
            return bool(due)

    def _next_open(self, record: WatchRecord, now: datetime) -> datetime:
        return self._window_opens(record.parcel.carrier, record.parcel.centre, now)

    def _window_opens(
        self, carrier: CarrierName | None, centre: str | None, now: datetime
    ) -> datetime:
        return self._settings.window.next_open(now, self._deadlines.calendar(centre, carrier))

    def _local_day(self, record: WatchRecord, instant: datetime) -> date:
        return instant.astimezone(self._deadlines.calendar_of(record.parcel).zone).date()


def _told_before(alert: Alert, today: date, zone: tzinfo) -> list[tuple[str | None, str, str]]:
    """
    Shop, channel and recipient of each whose last notice was sent before today's local day.
    """
    last: dict[tuple[str | None, str, str], date] = {}
    busy = set()
    for one in alert.deliveries:
        key = (one.shop, one.channel, one.recipient)
        if one.state in {DeliveryState.PENDING, DeliveryState.SENDING}:
            busy.add(key)
        if one.sent_at is not None:
            day = one.sent_at.astimezone(zone).date()
            last[key] = max(day, last.get(key, day))
    return [key for key, day in last.items() if day < today and key not in busy]


def _is_archived(tx: Transaction, parcel_id: int, now: datetime) -> bool:
    """
    True for a parcel that nobody watches any more: it is not reminded of either.
    """
    record = tx.parcels.get(parcel_id, now)
    return record is not None and record.archived_at is not None


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
    )


def _look_fact(look: StoredLook | None) -> LookFact | None:
    if look is None:
        return None
    return LookFact(
        look_id=look.id, looked_at=look.looked_at, outcome=look.outcome, scanned=look.scanned
    )


def _alert_fact(tx: Transaction, alert: Alert) -> AlertFact:
    return AlertFact(
        id=alert.id,
        kind=alert.kind,
        state=alert.state,
        deadline=alert.deadline,
        closed_because=alert.closed_because,
        told=bool(tx.outbox.told(alert.id)),
    )


def _is_newer(look: LookFact, alert: Alert) -> bool:
    return alert.proof is None or look.looked_at > alert.proof.looked_at


def _addresses(recipients: Iterable[Recipient]) -> list[tuple[str, str]]:
    return [(one.channel, one.address) for one in recipients]


def _judged(state: str, good: list[bool]) -> str:
    """
    Health with hysteresis: between the two shares it stays what it was (promises.md R19).
    """
    if len(good) < HEALTH_NEEDS:
        return state
    share = sum(good) / len(good)
    if share < BAD_BELOW:
        return "bad"
    if share > GOOD_ABOVE:
        return "good"
    return state


def _failures(outcomes: Iterable[object]) -> str:
    listed = list(outcomes)
    bad = [str(one) for one in listed if not getattr(one, "is_good", False)]
    commonest = max(set(bad), key=bad.count) if bad else "failed"
    return f"{len(bad)} of the last {len(listed)} looks failed, most often: {commonest}"
