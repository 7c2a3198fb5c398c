"""
Whatever happens in whatever order, the promises P1 to P4 hold: a machine of hypothesis.

One real watcher per example (store, decider, deliverer, mail server and webhook are real, the
carriers answer from scripts); the machine imports, looks, ticks, lets time pass, breaks portals
and channels, cuts the power, changes numbers, cancels orders, and does what people do: marks,
snoozes, sightings. Urges are mailed to Seko by the program itself. After each step the promises
are checked on what is stored and on what arrived.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from tests.support.world import (
    OPERATOR,
    SELLER,
    SHANGHAI,
    SHOP,
    MortalClock,
    PowerCut,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.acting.marking import Marker
from tracker.model import (
    AlertKind,
    AlertState,
    CarrierName,
    ClaimAnswer,
    ClosedBecause,
    DeliveryState,
    Outcome,
    ScanEvent,
    SellerStatus,
    Stage,
)
from tracker.orders.sightings import NotTakenError, Teller, Telling
from tracker.store.tables import alerts, deliveries, events, looks, messages
from tracker.urgemail import urged_by_mail

if TYPE_CHECKING:
    from datetime import date, datetime

    from tests.support.world import World
    from tracker.model import Alert, Parcel
    from tracker.store.parcels import WatchRecord

START = at("2026-11-16 09:00")  # a Monday without holidays near it
NUMBERS = (
    ds_number(319365301),
    ds_number(319365302),
    postal_number(47312482),
    postal_number(47312490),
)
#: The number under which each parcel's item may travel later, and back again.
OTHERS = {
    NUMBERS[0]: ds_number(319365311),
    NUMBERS[1]: ds_number(319365312),
    NUMBERS[2]: postal_number(47312505),
    NUMBERS[3]: postal_number(47312514),
}
EVERY_NUMBER = (*NUMBERS, *OTHERS.values())
SEKO = "cs@seko.example"
MAILS = f'[seko_service]\nemail = "{SEKO}"\nmail_urges = true\n'
CLAIMED = (AlertKind.RAISE_CLAIM, AlertKind.FOLLOW_UP_CLAIM, AlertKind.ANSWER_CLAIM)
SCAN_KINDS = (AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM)
#: What stands beside an accusation, or is its next rung: the parcel is not passed over.
TOLD_KINDS = {*SCAN_KINDS, AlertKind.FOLLOW_UP_CLAIM, AlertKind.ANSWER_CLAIM, AlertKind.UNVERIFIED}
STATUSES = (SellerStatus.READY_TO_SHIP, SellerStatus.CANCELED, SellerStatus.SHIPPED)
BAD = (Outcome.UNREACHABLE, Outcome.BLOCKED, Outcome.UNREADABLE, Outcome.MISSING)
GOOD_WITHOUT_SCAN = (Outcome.NOT_FOUND, Outcome.NO_EVENTS)
#: How far apart the ticks of a passing day are.
STEP = timedelta(minutes=30)

numbers = st.sampled_from(NUMBERS)
carriers = st.sampled_from(list(CarrierName))


def carrier_of(number: str) -> CarrierName:
    """
    Whose portal is asked.
    """
    return CarrierName.SEKO if number.startswith("JG") else CarrierName.CLEVY


def arrival(when: datetime) -> ScanEvent:
    """
    An arrival scan.
    """
    return ScanEvent(
        occurred_at=when,
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=Stage.RECEIVED,
        is_scan=True,
        code=None,
        text="Parcel received and accepted",
        location=None,
    )


@dataclass(slots=True)
class Snoozed:
    """
    Of these alerts (``None``: of the whole shop) nothing is to be told meanwhile.
    """

    alerts: frozenset[int] | None
    since: datetime
    until: datetime


class AnyOrder(RuleBasedStateMachine):
    """
    A watcher to which everything may happen, and what must be true of it all the time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._end = ExitStack()
        folder = Path(self._end.enter_context(tempfile.TemporaryDirectory()))
        patch = self._end.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("alerts.deliver.JITTER", 0)
        patch.setattr("tracker.polling.pausing.JITTER", 0)
        self.clock = MortalClock(START)
        self.crawls = {carrier: ScriptedCrawl(carrier, self.clock) for carrier in CarrierName}
        for number in EVERY_NUMBER:
            self.answers(number, ())
        self.bears = dict(zip(NUMBERS, NUMBERS, strict=True))
        self.snoozes: list[Snoozed] = []
        self.world: World = self._end.enter_context(
            opened_world(folder, patch, self.clock, crawls=self.crawls, extra=MAILS)
        )
        self.is_cut = False
        self.kept: dict[str, set[int]] = {}
        self.closed: dict[int, ClosedBecause | None] = {}

    def teardown(self) -> None:
        """
        The example's database and sockets are gone.
        """
        self._end.close()

    # -- the world -------------------------------------------------------------------------------

    def answers(self, number: str, answer: Outcome | tuple[ScanEvent, ...]) -> None:
        """
        From now on the carrier answers so about the number.
        """
        story = self.crawls[carrier_of(number)].story
        story.setdefault(number, []).append((self.clock.now, answer))

    @initialize(said=st.tuples(*[st.sampled_from([(), Outcome.NOT_FOUND, *BAD])] * len(NUMBERS)))
    def first_orders(self, said: tuple[Any, ...]) -> None:
        """
        The parcels are there from the beginning, late by the next morning, each with its answer.
        """
        for number, answer in zip(NUMBERS, said, strict=True):
            self.answers(number, answer)
            self.import_order(number, hours_ago=70)

    @rule(number=numbers, hours_ago=st.sampled_from([1, 20, 70]))
    def import_order(self, number: str, hours_ago: int) -> None:
        """
        An export names the parcel and the time of its hand-over; a later one may move it.
        """
        handed = self.clock.now - timedelta(hours=hours_ago)
        facts = {"created_at": START - timedelta(days=5), "status": SellerStatus.READY_TO_SHIP}
        self.export(number, handed_over_at=handed, **facts)

    @rule(number=numbers)
    def number_changes(self, number: str) -> None:
        """
        A thin export names the order's item under its other number; a later one may change back.
        """
        self.bears[number] = OTHERS[number] if self.bears[number] == number else number
        self.export(number)

    @rule(number=numbers, status=st.sampled_from(STATUSES))
    def status_changes(self, number: str, status: SellerStatus) -> None:
        """
        The order was cancelled, shipped, or is Ready to Ship (again).
        """
        self.export(number, status=status)

    def export(self, number: str, **facts: Any) -> None:
        """
        A row of the parcel's one item, under the number that it bears at present.
        """
        row = order(number, order_item_id=f"item of {number}", **facts)
        self.world.take(replace(row, tracking_number=self.bears[number]))

    @rule(number=numbers, outcome=st.sampled_from([*BAD, Outcome.NOT_FOUND]))
    def portal_says(self, number: str, outcome: Outcome) -> None:
        """
        The answer about one number changes, for better or worse.
        """
        self.answers(number, outcome)

    @rule(number=numbers)
    def portal_shows_nothing(self, number: str) -> None:
        """
        The portal knows the number, and has nothing to show of it.
        """
        self.answers(number, ())

    @rule(number=numbers, hours_ago=st.sampled_from([0, 30]))
    def scan_appears(self, number: str, hours_ago: int) -> None:
        """
        The portal shows an arrival scan, perhaps a back-dated one.
        """
        self.answers(number, (arrival(self.clock.now - timedelta(hours=hours_ago)),))

    @rule(carrier=carriers, outcome=st.sampled_from(BAD), hours=st.sampled_from([3, 30]))
    def portal_breaks(self, carrier: CarrierName, outcome: Outcome, hours: int) -> None:
        """
        For some hours no look at the portal succeeds.
        """
        now = self.clock.now
        self.crawls[carrier].outages.append((now, now + timedelta(hours=hours), outcome))

    @rule(status=st.sampled_from([200, 503, 404]))
    def slack(self, status: int) -> None:
        """
        The webhook answers so from now on.
        """
        self.world.inboxes.slack_status["lagos"] = status

    @rule(answer=st.sampled_from(["250 OK", "450 mailbox busy"]))
    def mail(self, answer: str) -> None:
        """
        The mail server answers the seller's address so from now on.
        """
        self.world.inboxes.smtp_answers[SELLER] = answer

    @rule(answer=st.sampled_from(["250 OK", "450 mailbox busy", "550 5.1.1 unknown"]))
    def seko_mail(self, answer: str) -> None:
        """
        The mail server answers the address of Seko's service so from now on.
        """
        self.world.inboxes.smtp_answers[SEKO] = answer

    # -- steps of the daemon ---------------------------------------------------------------------

    @rule(carrier=carriers)
    def look(self, carrier: CarrierName) -> None:
        """
        One crawl's worth of due looks, and nothing after it.
        """
        self.step(lambda: self.world.watcher.poll(carrier))

    @rule()
    def decide(self) -> None:
        """
        Decisions only.
        """
        self.step(self.world.watcher.decide)

    @rule()
    def deliver(self) -> None:
        """
        Deliveries only.
        """
        self.step(self.world.watcher.deliver)

    @rule(hours=st.sampled_from([1, 5, 14, 26]))
    def time_passes(self, hours: int) -> None:
        """
        The daemon ticks all the time.
        """
        self.tick_until(self.clock.now + timedelta(hours=hours))

    @rule(hours=st.sampled_from([2, 30]))
    def nobody_runs(self, hours: int) -> None:
        """
        The machine was switched off, and is started again later.
        """
        self.clock.now += timedelta(hours=hours)
        self.world.restart()
        self.step(self.world.tick)

    # -- power -----------------------------------------------------------------------------------

    def step(self, act: Any) -> None:
        """
        The step is done; or the power failed within it, and a new watcher runs.
        """
        try:
            act()
        except PowerCut:
            self.is_cut = True
            self.world.restart()

    @rule()
    def crash_between_steps(self) -> None:
        """
        The watcher is dropped, another one opens the same database.
        """
        self.world.restart()

    @rule()
    def power_will_fail_after_a_message(self) -> None:
        """
        The next message arrives and is not marked as sent; the daemon runs on until noon.
        """
        self.clock.die_after_next_message(self.world.inboxes)
        self.tick_until(self.next_opening() + timedelta(hours=4))

    @rule(carrier=carriers)
    def power_will_fail_after_an_answer(self, carrier: CarrierName) -> None:
        """
        The next answers are lost with the process.
        """
        self.crawls[carrier].dies = True

    # -- people ----------------------------------------------------------------------------------

    def open_alerts(self, *kinds: AlertKind) -> list[Alert]:
        """
        The open alerts of these kinds.
        """
        return [one for one in self.world.alerts("open") if one.kind in kinds]

    def mark(self, act: Any, *kinds: AlertKind) -> None:
        """
        A person does it about all open alerts of the kinds.
        """
        with self.world.store.begin() as tx:
            marker = Marker(tx, self.world.watcher.deadlines, self.clock.now)
            for alert in self.open_alerts(*kinds):
                act(marker, alert)

    @precondition(lambda self: self.open_alerts(AlertKind.URGE_SCAN))
    @rule()
    def urged(self) -> None:
        """
        Seko was urged.
        """
        self.mark(Marker.urge, AlertKind.URGE_SCAN)

    @precondition(lambda self: self.open_alerts(*SCAN_KINDS))
    @rule()
    def claimed(self) -> None:
        """
        Claims were raised.
        """
        self.mark(lambda marker, alert: marker.claim(alert, "12345678"), *SCAN_KINDS)

    @precondition(lambda self: self.open_alerts(*CLAIMED))
    @rule(answer=st.sampled_from(list(ClaimAnswer)))
    def answered(self, answer: ClaimAnswer) -> None:
        """
        Jumia answered the claims that were raised.
        """

        def act(marker: Marker, alert: Alert) -> None:
            record = marker.tx.parcels.get(alert.parcel_ids[0], self.clock.now)
            if record is not None and record.claimed_at is not None:
                marker.answer(alert, answer)

        self.mark(act, *CLAIMED)

    @precondition(lambda self: self.open_alerts(*TOLD_KINDS))
    @rule()
    def acknowledged(self) -> None:
        """
        Somebody takes care of everything.
        """
        self.mark(Marker.acknowledge, *TOLD_KINDS)

    @precondition(lambda self: self.open_alerts(*SCAN_KINDS))
    @rule(hours=st.sampled_from([0, 3, 30]))
    def snoozed(self, hours: int) -> None:
        """
        Nobody wants to hear of these parcels for some hours; none: any more.
        """
        until = self.clock.now + timedelta(hours=hours)
        kinds = self.open_alerts(*SCAN_KINDS)
        self.mark(lambda marker, alert: marker.snooze(alert, until, "Li"), *SCAN_KINDS)
        self.note_snooze(frozenset(one.id for one in kinds), until)

    @rule(hours=st.sampled_from([0, 3, 30]))
    def shop_snoozed(self, hours: int) -> None:
        """
        The shop wants to hear nothing for some hours; none: it listens again.
        """
        until = self.clock.now + timedelta(hours=hours)
        with self.world.store.begin() as tx:
            marker = Marker(tx, self.world.watcher.deadlines, self.clock.now)
            marker.snooze_shop(SHOP, until, "Li")
        self.note_snooze(None, until)

    def note_snooze(self, alerts: frozenset[int] | None, until: datetime) -> None:
        """
        A later snooze of the same takes the place of the earlier one.
        """
        now = self.clock.now
        for one in self.snoozes:
            if one.alerts == alerts or (alerts and one.alerts and alerts & one.alerts):
                one.until = min(one.until, now)
        self.snoozes.append(Snoozed(alerts=alerts, since=now, until=until))

    @rule(number=numbers)
    def sighting_told(self, number: str) -> None:
        """
        A person knows of a scan an hour ago.
        """
        told = Telling(
            tracking_number=number, at=self.clock.now - timedelta(hours=1), source="chat"
        )
        self.teller(lambda teller: teller.tell(told))

    @rule(number=numbers)
    def sighting_withdrawn(self, number: str) -> None:
        """
        It was a mistake.
        """
        self.teller(lambda teller: teller.withdraw(number))

    def teller(self, act: Any) -> None:
        """
        Told, or refused with a sentence: a number that is not watched, or of which nobody told.
        """
        try:
            with self.world.store.begin() as tx:
                act(Teller(tx=tx, deadlines=self.world.watcher.deadlines, now=self.clock.now))
        except NotTakenError:
            return

    # -- promises --------------------------------------------------------------------------------

    @invariant()
    def p2_nothing_disappears(self) -> None:
        """
        Every look, event, alert and delivery that was stored once is stored still.
        """
        with self.world.store.read() as tx:
            for table in (looks, events, alerts, deliveries):
                stored = set(tx._connection.execute(select(table.c.id)).scalars())
                assert self.kept.get(table.name, set()) <= stored, table.name
                self.kept[table.name] = stored

    @invariant()
    def p3_nothing_is_told_twice(self) -> None:
        """
        A notice reaches a recipient once; after a power cut again, under the same reference.
        """
        seen: dict[tuple[int, str, str, str], str] = {}
        for one in self.world.arrived:
            for line in self.world._lines(one.reference):
                key = (line["alert_id"], one.channel, one.recipient, line["notice"])
                if key in seen:
                    assert self.is_cut, key
                    assert seen[key] == one.reference, key
                    assert one.repeat, key
                seen[key] = one.reference

    @invariant()
    def p3_nobody_hears_what_is_snoozed(self) -> None:
        """
        While it is snoozed nothing is told of an alert but its end, and what a crash left open.
        """
        for one in self.world.arrived:
            asleep = [each for each in self.snoozes if each.since < one.at < each.until]
            if one.repeat or not asleep or one.recipient == OPERATOR:
                continue
            for line in self.world._lines(one.reference):
                silent = any(
                    each.alerts is None or line["alert_id"] in each.alerts for each in asleep
                )
                assert not silent or line["notice"] in {"resolved", "withdrawn"}, (one, line)

    @invariant()
    def p3_seko_is_mailed_once(self) -> None:
        """
        One mail a day, one about each alert, of urges only; what was mailed is marked as urged.
        """
        mails = {one.reference: one for one in self.world.arrived if one.recipient == SEKO}
        days = self.days_of_mails()
        assert len(days) == len(set(days)), days
        lines = [(line, ref) for ref in mails for line in self.world._lines(ref)]
        assert all(line["kind"] == AlertKind.URGE_SCAN for line, _ in lines)
        assert not any(line["handover_assumed"] for line, _ in lines)
        asked = [line["alert_id"] for line, _ in lines]
        assert len(asked) == len(set(asked)), asked
        if not self.is_cut:
            states = {one.id: one.state for one in self.world.alerts()}
            assert all(states[one] is not AlertState.OPEN for one in asked), states

    def days_of_mails(self) -> list[date]:
        """
        On which day each message to Seko was made: one that failed may arrive beside the next.
        """
        with self.world.store.read() as tx:
            made = select(messages.c.created_at).where(messages.c.recipient == SEKO)
            times = tx._connection.execute(made).scalars().all()
        return [one.astimezone(SHANGHAI).date() for one in times]

    @invariant()
    def p4_failed_looks_judge_nobody(self) -> None:
        """
        A scan alert rests on a good look without a scan, and "scanned" on a scan that is known.
        """
        with self.world.store.read() as tx:
            outcome_of = dict(tx._connection.execute(select(looks.c.id, looks.c.outcome)).all())
            for alert in tx.alerts.matching(state="all"):
                if alert.kind not in SCAN_KINDS:
                    continue
                assert alert.proof is not None
                assert outcome_of[alert.proof.look_id] in GOOD_WITHOUT_SCAN, alert
                known = any(
                    tx.looks.events(one) or tx.sightings.of(one) for one in alert.parcel_ids
                )
                is_news = self.closed.get(alert.id) is not alert.closed_because
                if is_news and alert.closed_because is ClosedBecause.SCANNED:
                    assert known, alert
                self.closed[alert.id] = alert.closed_because

    @rule()
    def p1_a_whole_send_window_passes(self) -> None:
        """
        The daemon runs through a whole window: each parcel late at its start is told by its end.
        """
        opens = self.next_opening()
        self.tick_until(opens)
        late = {one: self.parcel(one) for one in EVERY_NUMBER if self.is_late(one)}
        asleep = any(one.until > opens for one in self.snoozes)
        self.tick_until(opens + timedelta(hours=11, minutes=30))
        for number, before in late.items():
            if self.is_late(number) and not asleep:
                self.check_told(number, before)

    def next_opening(self) -> datetime:
        """
        The next time at which a send window opens: 08:30 of a working day.
        """
        day = self.clock.now.astimezone(SHANGHAI).replace(hour=8, minute=30)
        while day <= self.clock.now or day.weekday() in {5, 6}:
            day += timedelta(days=1)
        return day.astimezone(UTC)

    def tick_until(self, end: datetime) -> None:
        """
        The daemon ticks until then.
        """
        while self.clock.now < end:
            by_day = 8 <= self.clock.now.astimezone(SHANGHAI).hour < 20
            self.clock.now = min(self.clock.now + (STEP if by_day else 4 * STEP), end)
            self.step(self.world.tick)

    def record(self, number: str) -> WatchRecord | None:
        """
        The newest parcel with the number, if one was imported, as it is watched.
        """
        with self.world.store.read() as tx:
            found = tx.parcels.by_number(number, self.clock.now)
        return found[0] if found else None

    def parcel(self, number: str) -> Parcel | None:
        """
        The parcel, if it was imported.
        """
        record = self.record(number)
        return record.parcel if record else None

    def is_late(self, number: str) -> bool:
        """
        True for a parcel whose deadline is over, of which no scan is known, and which is not over.

        Over: it travels under another number, it was cancelled before its deadline, the platform
        calls it shipped, or Jumia has said its last word about the claim.
        """
        record = self.record(number)
        if record is None or record.superseded_at is not None:
            return False
        parcel, deadline = record.parcel, record.parcel.scan_deadline
        if parcel.scanned or deadline is None or deadline > self.clock.now:
            return False
        if record.claim_answer is not None and record.claim_answer.ends_claim:
            return False
        if parcel.seller_status is SellerStatus.CANCELED:
            return record.cancelled_seen_at is not None and deadline <= record.cancelled_seen_at
        return parcel.seller_status is None or not parcel.seller_status.ends_scan_watch

    def check_told(self, number: str, before: Parcel) -> None:
        """
        An alert or "not checked" stands, and reached the seller by mail or waits for his server.
        """
        assert self.parcel(number).scan_deadline == before.scan_deadline
        standing = [one for one in self.open_alerts(*TOLD_KINDS) if before.id in one.parcel_ids]
        assert standing, (number, self.parcel(number))
        told = [
            line
            for one in self.world.arrived
            if one.recipient == SELLER and one.at >= before.scan_deadline
            for line in self.world._lines(one.reference)
            if number in (*line["covered"], line["tracking_number"])
        ]
        waiting = [
            row
            for one in standing
            for row in one.deliveries
            if row.recipient == SELLER and row.state is not DeliveryState.SENT and row.attempts
        ]
        acted = [
            one for one in standing if one.state is AlertState.ACTED and not urged_by_mail(one)
        ]
        assert told or waiting or acted, (number, standing)


AnyOrder.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=18,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestAnyOrder = AnyOrder.TestCase
