"""
Delivering: claim, check again, send, mark. One step does one message and says whether it did.

The claim is committed before the network is touched, and the mark after it, each conditional on
the lease: a crash between them sends the same message again under the same reference, worded as a
possible repeat (promises.md P3, R11).
"""

from __future__ import annotations

import logging
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from alerts.centres import centre_notes
from alerts.channels.base import Delivered, Refused, Retry
from alerts.flood import FloodBreaker
from alerts.holding import is_explained, is_mistrusted
from alerts.lines import Liner, calendar_of_alert, concerns
from alerts.messages.compose import compose
from alerts.messages.message import FIRST, Letter, Line
from alerts.snoozing import awake
from tracker.crashpoints import CrashPoint, reached
from tracker.model import AlertState, DeliveryState
from tracker.recipients import mask_recipient
from tracker.store import StoreError
from tracker.store.parcels import PUT_OFF

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from alerts.channels.base import Channel, Result
    from tracker.clock import Clock
    from tracker.deadlines import Deadlines
    from tracker.model import Alert, Delivery
    from tracker.store import Store, Transaction
    from tracker.store.outbox import Picked

log = logging.getLogger(__name__)

#: At most one new message an hour to one recipient about one shop (promises.md R15).
SPACING = timedelta(hours=1)
LEASE = timedelta(minutes=5)
#: A proof older than this is looked up again before a first notice (promises.md R3).
PROOF_MAX_AGE = timedelta(minutes=90)
RECHECK_WAIT = timedelta(minutes=10)
GROUP_WAIT = timedelta(minutes=1)
BLIND_WAIT = timedelta(minutes=30)
#: Waits before each further attempt: about three days in fourteen tries (promises.md R13).
BACK_OFF = tuple(
    timedelta(minutes=minutes)
    for minutes in (1, 2, 5, 15, 60, 120, 240, 360, 480, 480, 480, 720, 720)
)
JITTER = 0.1
_CLOSING = frozenset({"resolved", "withdrawn"})


@dataclass(slots=True)
class DeliveryResult:
    """
    What a round of deliveries came to, in messages.
    """

    sent: int = 0
    retry: int = 0
    refused: int = 0

    @property
    def attempts(self) -> int:
        """
        Messages that were tried, whatever came of them.
        """
        return self.sent + self.failed

    @property
    def failed(self) -> int:
        """
        Messages that did not arrive in this round.
        """
        return self.retry + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    message_id: int
    letter: Letter
    channel: str
    recipient: str
    attempts: int


class Deliverer:
    """
    Sends what is due, one message at a time.

    ``patient`` (the daemon) lets a shop's first message wait until all its late parcels have a
    verdict (promises.md R15); a single round has just looked at all of them and does not wait.
    """

    def __init__(
        self,
        store: Store,
        deadlines: Deadlines,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        patient: bool = True,
    ) -> None:
        self._store = store
        self._deadlines = deadlines
        self._settings = deadlines.settings
        self._channels = channels
        self._clock = clock
        self._patient = patient
        self._breaker = FloodBreaker(store, self._settings)
        self._owner = f"deliver-{uuid.uuid4()}"

    def round(self) -> DeliveryResult:
        """
        Every due message had one attempt.
        """
        result = DeliveryResult()
        with self._store.read() as tx:
            self._deadlines.follow(tx)
        only = self._breaker.only(self._clock())
        while self.deliver_one(result, only):
            if only is None and self._breaker.trips(result.attempts, self._clock()):
                only = self._breaker.only(self._clock())
        if only is None:
            self._breaker.calm(self._clock())
        return result

    def deliver_one(self, result: DeliveryResult, only: int | None = None) -> bool:
        """
        One due message had its attempt, or was found to have nothing left to say.

        False when nothing is due; with ``only`` nothing but this alert is told of.
        """
        claim = self._claim(only)
        if claim is None:
            return False
        if isinstance(claim, _Claim):
            reached(CrashPoint.CLAIMED_DELIVERY)
            answer = self._send(claim)
            reached(CrashPoint.SENT_MESSAGE)
            self._mark(claim, answer, result)
            reached(CrashPoint.MARKED_SENT)
        return True

    def request_rechecks(self) -> int:
        """
        Parcels whose first notice is due on a stale proof are due for a look; returns how many.
        """
        now = self._clock()
        with self._store.begin() as tx:
            stale = [
                alert
                for alert_id in tx.outbox.due_first_notices(now)
                if (alert := tx.alerts.get(alert_id)) is not None and _is_stale(alert, now)
            ]
            for alert in stale:
                tx.parcels.look_soon(alert.parcel_ids, now)
        return len(stale)

    # -- claiming ----------------------------------------------------------------------------

    def _claim(self, only: int | None) -> _Claim | bool | None:
        """
        A message to send; ``True`` when something was due and nothing is to be sent now.
        """
        now = self._clock()
        with self._store.begin() as tx:
            picked = tx.outbox.pick(now, spacing=SPACING, only=only)
            if picked is None:
                return None
            pairs = self._still_true(tx, picked)
            self._drop_the_rest(tx, picked, pairs)
            pairs = self._in_window(tx, picked, awake(tx, picked, pairs, now), now)
            if picked.message_id is None:
                pairs = self._not_explained(tx, pairs, now)
                pairs = self._ready(tx, picked, pairs, now)
            if not pairs:
                return True
            claim = self._freeze(tx, picked, pairs, now)
            reached(CrashPoint.CLAIMING_DELIVERY)
        return claim or True

    def _still_true(self, tx: Transaction, picked: Picked) -> list[tuple[Delivery, Alert]]:
        """
        The deliveries that still say something true (promises.md R12).
        """
        kept = []
        for delivery in picked.deliveries:
            alert = tx.alerts.get(delivery.alert_id)
            if alert is None or not concerns(tx, delivery.shop, alert):
                continue
            if _is_still_true(delivery, alert):
                kept.append((delivery, alert))
        return kept

    def _drop_the_rest(
        self, tx: Transaction, picked: Picked, pairs: list[tuple[Delivery, Alert]]
    ) -> None:
        """
        What is no longer true is not sent; what may have been sent already counts as told (R12).
        """
        kept = {one.id for one, _ in pairs}
        stale = [one for one in picked.deliveries if one.id not in kept]
        maybe_sent = [one.id for one in stale if one.state is DeliveryState.SENDING]
        if maybe_sent:
            tx.outbox.assume_sent(maybe_sent)
        tx.outbox.drop([one.id for one in stale if one.id not in maybe_sent])

    def _in_window(
        self,
        tx: Transaction,
        picked: Picked,
        pairs: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> list[tuple[Delivery, Alert]]:
        """
        The deliveries whose centre is at work now; the others wait, second attempts too (R15).

        A message that was claimed before waits as a whole: a part of it under the same reference
        would be taken for the whole (P3).
        """
        opens = {one.id: self._opens_at(tx, one, alert, now) for one, alert in pairs}
        if picked.message_id is not None:
            opens = dict.fromkeys(opens, max(opens.values(), default=now))
        for delivery_id, at in opens.items():
            if at > now:
                tx.outbox.postpone([delivery_id], at)
        return [(one, alert) for one, alert in pairs if opens[one.id] <= now]

    def _opens_at(
        self, tx: Transaction, delivery: Delivery, alert: Alert, now: datetime
    ) -> datetime:
        """
        The next instant of the send window on a day that is not one of the shop's quiet days.
        """
        window = self._settings.window
        calendar = calendar_of_alert(tx, alert, self._deadlines, now)
        opens = window.next_open(now, calendar)
        while self._settings.is_quiet(delivery.shop, opens.astimezone(calendar.zone).date()):
            opens = window.next_open(_next_midnight(opens, calendar.zone), calendar)
        return opens

    def _not_explained(
        self, tx: Transaction, pairs: list[tuple[Delivery, Alert]], now: datetime
    ) -> list[tuple[Delivery, Alert]]:
        """
        The operator's list of unverified parcels waits while the carrier is told as blind (R4).

        What is still on it when the blindness is over is told then (P1).
        """
        waiting = [one.id for one, alert in pairs if is_explained(tx, one, alert, self._settings)]
        tx.outbox.postpone(waiting, now + BLIND_WAIT)
        return [(one, alert) for one, alert in pairs if one.id not in waiting]

    def _ready(
        self,
        tx: Transaction,
        picked: Picked,
        pairs: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> list[tuple[Delivery, Alert]]:
        """
        The deliveries that need not wait for a verdict of the group or for a fresh look.
        """
        if (
            pairs
            and self._patient
            and not picked.closing
            and tx.parcels.awaits_verdict(picked.shop, now)
        ):
            tx.outbox.postpone([one.id for one, _ in pairs], now + GROUP_WAIT)
            return []
        if not self._patient or now - (picked.recheck_since or now) >= self._grace:
            return pairs  # no fresh look succeeded in time: the old one is told with its age
        doubted = [pair for pair in pairs if _is_first(pair) and is_mistrusted(tx, pair[1])]
        self._look_first(tx, picked, doubted, doubted, now)
        pairs = [pair for pair in pairs if pair not in doubted]
        stale = [pair for pair in pairs if _is_first(pair) and _is_stale(pair[1], now)]
        if stale:
            self._look_first(tx, picked, pairs, stale, now)
            return []
        return pairs

    @property
    def _grace(self) -> timedelta:
        return timedelta(minutes=self._settings.watch.verify_grace_minutes)

    def _look_first(
        self,
        tx: Transaction,
        picked: Picked,
        waiting: list[tuple[Delivery, Alert]],
        stale: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> None:
        """
        What waits is not due before a fresh look at each parcel whose proof is not good enough.
        """
        if not waiting:
            return
        ids = [delivery.id for delivery, _ in waiting]
        since = picked.recheck_since or now
        tx.outbox.postpone(ids, now + RECHECK_WAIT, recheck_since=since)
        for _, alert in stale:
            tx.parcels.look_soon(alert.parcel_ids, now)

    def _freeze(
        self,
        tx: Transaction,
        picked: Picked,
        pairs: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> _Claim | None:
        if picked.message_id is None:
            lines = self._lines(tx, pairs, now)
        else:
            ids = {delivery.id for delivery, _ in pairs}
            frozen = (Line.from_json(stored) for stored in picked.lines)
            lines = tuple(line for line in frozen if line.delivery_id in ids)
        if not lines:
            return None
        ids = {line.delivery_id for line in lines}
        reference = picked.reference or self._new_reference()
        message_id = tx.outbox.freeze(
            picked,
            reference=reference,
            lines=[line.to_json() for line in lines],
            delivery_ids=sorted(ids),
            now=now,
            owner=self._owner,
            lease=LEASE,
        )
        language = self._settings.language_of(picked.shop)
        letter = Letter(
            reference=reference,
            created_at=now,
            shop=picked.shop,
            language=language,
            lines=lines,
            possible_repeat=picked.crashed,
            seko_contact=self._settings.seko_service.contact,
            centre_notes=centre_notes(tx, lines, language, now),
            import_fresh_orders=any(_is_status_old(line) for line in lines),
        )
        return _Claim(
            message_id=message_id,
            letter=letter,
            channel=picked.channel,
            recipient=picked.recipient,
            attempts=max(one.attempts for one, _ in pairs if one.id in ids) + 1,
        )

    def _lines(
        self, tx: Transaction, pairs: list[tuple[Delivery, Alert]], now: datetime
    ) -> tuple[Line, ...]:
        """
        Each delivery's line; one that throws steps aside for an hour, the others go on (R10).
        """
        liner = Liner(tx, self._deadlines, now)
        lines = []
        for delivery, alert in pairs:
            try:
                lines.append(liner.line(delivery, alert))
            except StoreError:
                raise
            except Exception:
                log.exception("alert %s could not be worded; it waits an hour", alert.id)
                tx.outbox.postpone([delivery.id], now + PUT_OFF)
        return tuple(lines)

    def _new_reference(self) -> str:
        """
        A Message-ID: unique, and telling nothing about the machine it was made on.
        """
        sender = self._settings.email.from_ or "scan-tracker@localhost"
        domain = sender.rpartition("@")[2].strip("<> ") or "localhost"
        return f"<{uuid.uuid4()}.scan-tracker@{domain}>"

    # -- sending and marking -----------------------------------------------------------------

    def _send(self, claim: _Claim) -> Result:
        channel = self._channels.get(claim.channel)
        if channel is None:
            return Refused(why=f"{claim.channel} is not configured any more")
        try:
            message = compose(claim.letter)
        except Exception as error:
            log.exception("message %s could not be composed", claim.message_id)
            return Retry(after=None, why=f"it could not be composed: {type(error).__name__}")
        return channel.send(message, claim.recipient)

    def _mark(self, claim: _Claim, answer: Result, result: DeliveryResult) -> None:
        now = self._clock()
        to = mask_recipient(claim.recipient)
        with self._store.begin() as tx:
            match answer:
                case Delivered():
                    result.sent += 1
                    tx.outbox.sent(claim.message_id, self._owner, now)
                    log.info("told %s by %s", to, claim.channel)
                case Retry(after=after, why=why) if claim.attempts <= len(BACK_OFF):
                    result.retry += 1
                    at = now + _wait(claim.attempts, after)
                    tx.outbox.retry(claim.message_id, self._owner, at, why)
                    log.warning("%s to %s failed, again at %s: %s", claim.channel, to, at, why)
                case Retry(why=why) | Refused(why=why):
                    result.refused += 1
                    tx.outbox.refused(claim.message_id, self._owner, why)
                    self._tell_otherwise(tx, claim, now)
                    log.error("%s to %s is parked: %s", claim.channel, to, why)
            reached(CrashPoint.MARKING_SENT)

    def _tell_otherwise(self, tx: Transaction, claim: _Claim, now: datetime) -> None:
        """
        What a refused recipient should have read goes to the operator instead (promises.md R13).
        """
        elsewhere = [
            (one.channel, one.address)
            for one in self._settings.operator_recipients
            if (one.channel, one.address) != (claim.channel, claim.recipient)
        ]
        by_alert = {line.alert_id: line.notice for line in claim.letter.lines}
        for alert_id, notice in by_alert.items():
            tx.outbox.add(
                alert_id,
                shop=claim.letter.shop,
                recipients=elsewhere,
                notice=notice,
                now=now,
                not_before=now,
            )


def _is_still_true(delivery: Delivery, alert: Alert) -> bool:
    """
    An opening is told while its alert is open; an end only to who was told of the opening.

    What a person has done already is asked of nobody, on however late a channel: a claim that is
    raised twice breaks the rules (domain.md 1.6).
    """
    if delivery.notice in _CLOSING:
        return alert.state is AlertState.CLOSED and any(
            one.state in {DeliveryState.SENT, DeliveryState.SENDING}
            and (one.channel, one.recipient) == (delivery.channel, delivery.recipient)
            and one.notice not in _CLOSING
            for one in alert.deliveries
        )
    if delivery.notice == FIRST:
        return alert.state in {AlertState.OPEN, AlertState.ACKNOWLEDGED}
    return alert.state is AlertState.OPEN


def _next_midnight(instant: datetime, zone: ZoneInfo) -> datetime:
    """
    00:00 of the next day in that zone.
    """
    day = instant.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone)


def _is_status_old(line: Line) -> bool:
    """
    True for an opening whose order status was seen before the instant it speaks of (R27).
    """
    if line.notice in _CLOSING or line.deadline is None or line.kind.is_operators:
        return False
    return line.seller_status_at is None or line.seller_status_at < line.deadline


def _is_first(pair: tuple[Delivery, Alert]) -> bool:
    return pair[0].notice == FIRST


def _is_stale(alert: Alert, now: datetime) -> bool:
    return (
        not alert.kind.is_operators
        and alert.proof is not None
        and now - alert.proof.looked_at > PROOF_MAX_AGE
    )


def _wait(attempts: int, after: timedelta | None) -> timedelta:
    """
    The next wait: what the other side asked for, else longer each time, with a little jitter.
    """
    planned = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    jitter = 1 + random.uniform(0, JITTER)  # noqa: S311 - spreads load, hides nothing
    return max(planned * jitter, after or timedelta(0))
