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
from typing import TYPE_CHECKING

from alerts.channels.base import Delivered, Refused, Retry
from alerts.claiming import Claimer
from alerts.flood import FloodBreaker
from alerts.freezing import Claim
from alerts.messages.compose import compose
from tracker.crashpoints import CrashPoint, reached
from tracker.recipients import mask_recipient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.channels.base import Channel, Result
    from tracker.clock import Clock
    from tracker.deadlines import Deadlines
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
            message = compose(claim.letter)
        except Exception as error:
            log.exception("message %s could not be composed", claim.message_id)
            return Retry(after=None, why=f"it could not be composed: {type(error).__name__}")
        return channel.send(message, claim.recipient)

    def _mark(self, claim: Claim, answer: Result, result: DeliveryResult) -> None:
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


def _wait(attempts: int, after: timedelta | None) -> timedelta:
    """
    The next wait: what the other side asked for, else longer each time, with a little jitter.
    """
    planned = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    jitter = 1 + random.uniform(0, JITTER)  # noqa: S311 - spreads load, hides nothing
    return max(planned * jitter, after or timedelta(0))
