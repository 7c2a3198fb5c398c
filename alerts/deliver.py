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
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from alerts.channels.base import Delivered, Refused, Retry
from alerts.claiming import Claimer
from alerts.flood import FloodBreaker
from alerts.freezing import Claim
from alerts.messages.compose import compose
from alerts.messages.to_seko import compose_to_seko
from alerts.notices import Notices
from alerts.urging import mark_urged
from tracker.crashpoints import CrashPoint, reached
from tracker.events import tell
from tracker.model import AlertState
from tracker.recipients import mask_recipient
from tracker.shapes import instant
from tracker.urgemail import SEKO_SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.channels.base import Channel, Result
    from tracker.clock import Clock
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Store, Transaction

log = logging.getLogger(__name__)

#: Waits before each further attempt: about three days in fourteen tries (promises.md R13).
BACK_OFF = tuple(
    timedelta(minutes=minutes)
    for minutes in (1, 2, 5, 15, 60, 120, 240, 360, 480, 480, 480, 720, 720)
)
JITTER = 0.1


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


class Deliverer:
    """
    Sends what is due, one message at a time.

    ``patient`` as in :class:`Claimer`.
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
        self._deadlines = deadlines
        self._notices = Notices(deadlines)
        self._breaker = FloodBreaker(store, self._settings)
        self._owner = f"deliver-{uuid.uuid4()}"
        self._claimer = Claimer(store, deadlines, owner=self._owner, patient=patient)

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
        claim = self._claimer.claim(self._clock(), only)
        if claim is None:
            return False
        if isinstance(claim, Claim):
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
        return self._claimer.request_rechecks(self._clock())

    def _send(self, claim: Claim) -> Result:
        channel = self._channels.get(claim.channel)
        if channel is None:
            return Refused(why=f"{claim.channel} is not configured any more")
        try:
            to_seko = claim.channel == SEKO_SERVICE
            message = compose_to_seko(claim.letter) if to_seko else compose(claim.letter)
        except Exception as error:
            log.exception("message %s could not be composed", claim.message_id)
            return Retry(after=None, why=f"it could not be composed: {type(error).__name__}")
        return channel.send(message, claim.recipient)

    def _mark(self, claim: Claim, answer: Result, result: DeliveryResult) -> None:
        now = self._clock()
        with self._store.begin() as tx:
            match answer:
                case Delivered():
                    result.sent += 1
                    sent = tx.outbox.sent(claim.message_id, self._owner, now)
                    if sent and claim.channel == SEKO_SERVICE:
                        mark_urged(tx, self._deadlines, claim.alert_ids, now)
                    said = _Said(logging.INFO, "sent")
                case Retry(after=after, why=why) if claim.attempts <= len(BACK_OFF):
                    result.retry += 1
                    at = now + _wait(claim.attempts, after)
                    tx.outbox.retry(claim.message_id, self._owner, at, why)
                    said = _Said(logging.WARNING, "retried", why, at)
                case Retry(why=why) | Refused(why=why) if claim.channel == SEKO_SERVICE:
                    result.refused += 1
                    tx.outbox.given_up(claim.message_id, self._owner, why)
                    self._left_to_the_shop(tx, claim, now)
                    said = _Said(logging.ERROR, "given_up", why)
                case Retry(why=why) | Refused(why=why):
                    result.refused += 1
                    tx.outbox.refused(claim.message_id, self._owner, why)
                    self._tell_otherwise(tx, claim, now)
                    said = _Said(logging.ERROR, "refused", why)
            reached(CrashPoint.MARKING_SENT)
        _log(claim, said)

    def _left_to_the_shop(self, tx: Transaction, claim: Claim, now: datetime) -> None:
        """
        Seko's service could not be mailed: the shop is told again, and urges by itself (R13).
        """
        for alert_id in claim.alert_ids:
            alert = tx.alerts.get(alert_id)
            record = tx.parcels.get(alert.parcel_ids[0], now) if alert else None
            if alert is not None and record is not None and alert.state is AlertState.OPEN:
                self._notices.tell_shop(tx, alert_id, record, now)

    def _tell_otherwise(self, tx: Transaction, claim: Claim, now: datetime) -> None:
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


class _Said(NamedTuple):
    """
    What is logged of an attempt.
    """

    level: int
    result: str
    why: str | None = None
    again_at: datetime | None = None


def _log(claim: Claim, said: _Said) -> None:
    tell(
        log,
        "delivery",
        level=said.level,
        channel=claim.channel,
        recipient=mask_recipient(claim.recipient),
        shop=claim.letter.shop,
        result=said.result,
        reference=claim.letter.reference,
        alerts=sorted({line.alert_id for line in claim.letter.lines}),
        attempt=claim.attempts,
        again_at=instant(said.again_at),
        why=said.why,
    )


def _wait(attempts: int, after: timedelta | None) -> timedelta:
    """
    The next wait: what the other side asked for, else longer each time, with a little jitter.
    """
    planned = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    jitter = 1 + random.uniform(0, JITTER)  # noqa: S311 - spreads load, hides nothing
    return max(planned * jitter, after or timedelta(0))
