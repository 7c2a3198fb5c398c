"""
The flood breaker: too many messages in one delivery round stop it, and the operator is told once.

Something is wrong then, or a great many parcels are late; nobody reads hundreds of messages at
once. The rest waits an hour and goes on with as many, or at once when the operator acknowledges the
alert. Nothing is lost (promises.md R17, P1).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tracker.model import AlertKind, AlertState, ClosedBecause
from tracker.store.alerts import NewAlert

if TYPE_CHECKING:
    from tracker.model import Alert
    from tracker.settings import Settings
    from tracker.store import Store, Transaction

log = logging.getLogger(__name__)

PAUSE = timedelta(hours=1)
_SUBJECT = "outbox"
_NOTE = "flood_until"


class FloodBreaker:
    """
    Counts the messages of a round, and keeps the rest back when they are too many.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._most = settings.watch.flood_messages
        self._operator = [(one.channel, one.address) for one in settings.operator_recipients]

    def only(self, now: datetime) -> int | None:
        """
        While the breaker holds: the one alert that may be told of, its own; else ``None``.
        """
        with self._store.read() as tx:
            alert = _alert(tx)
            until = tx.health.note(_NOTE)
        if alert is None or alert.state is not AlertState.OPEN or until is None:
            return None
        # A pause that reaches further was begun by a clock that has been set back (R1).
        return alert.id if now < datetime.fromisoformat(until) <= now + PAUSE else None

    def trips(self, attempts: int, now: datetime) -> bool:
        """
        True if the round must stop: the operator's notice is in the outbox, the pause has begun.
        """
        if attempts < self._most:
            return False
        with self._store.begin() as tx:
            alert = _alert(tx)
            if (alert is not None and alert.state is not AlertState.OPEN) or not tx.outbox.is_due(
                now
            ):
                return False
            tx.health.set_note(_NOTE, (now + PAUSE).isoformat())
            if alert is None:
                self._open(tx, now)
        log.error("more than %s messages in one round: the others wait", self._most)
        return True

    def calm(self, now: datetime) -> None:
        """
        A round has sent all that was due: an open alert about a flood has ended.
        """
        with self._store.read() as tx:
            if _alert(tx) is None:
                return
        with self._store.begin() as tx:
            alert = _alert(tx)
            if alert is None or not tx.alerts.close(alert.id, ClosedBecause.RECOVERED, now):
                return
            tx.outbox.supersede(alert.id)
            told = {(one.channel, one.recipient) for one in tx.outbox.told(alert.id)}
            self._tell(tx, alert.id, sorted(told), "resolved", now)

    def _open(self, tx: Transaction, now: datetime) -> None:
        new = NewAlert(
            kind=AlertKind.MESSAGE_FLOOD,
            subject=_SUBJECT,
            occasion=now.isoformat(),
            reason=f"{self._most} messages were sent in one round and more were due",
        )
        opened = tx.alerts.open(new, now)
        if opened is not None:
            self._tell(tx, opened, self._operator, "first", now)

    def _tell(
        self,
        tx: Transaction,
        alert_id: int,
        recipients: list[tuple[str, str]],
        notice: str,
        now: datetime,
    ) -> None:
        tx.outbox.add(
            alert_id, shop=None, recipients=recipients, notice=notice, now=now, not_before=now
        )


def _alert(tx: Transaction) -> Alert | None:
    """
    The open alert about a flood.
    """
    return next(iter(tx.alerts.matching(kind=AlertKind.MESSAGE_FLOOD)), None)
