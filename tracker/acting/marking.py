"""
What people say they did about an alert: seen, urged, claimed, answered by Jumia; and who said it.

Called in one transaction for many alerts; the parcel is settled with each mark, so that what
follows from it is due at once. An alert to which a mark does not apply raises ``UsageError``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model import Act, AlertKind, AlertState, ClosedBecause
from tracker.planning.watching import settle, settle_all
from tracker.sentences import RefusedError, Sentence
from tracker.store.snoozes import Snooze, shop_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tracker.model import Alert, ClaimAnswer
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction

_AFTER_CLAIM = (AlertKind.FOLLOW_UP_CLAIM, AlertKind.ANSWER_CLAIM)
_CLAIMABLE = (AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM, AlertKind.CLAIM_WINDOW, *_AFTER_CLAIM)


@dataclass(frozen=True, slots=True)
class Marker:
    """
    Marks alerts within one transaction, at one instant.

    ``author`` is who does it, as known from a login; ``None`` for a command.
    """

    tx: Transaction
    deadlines: Deadlines
    now: datetime
    author: str | None = None

    def acknowledge(self, *alerts: Alert) -> None:
        """
        Somebody takes care of them: they are not repeated.
        """
        fresh = [alert for alert in alerts if alert.state is AlertState.OPEN]
        self.tx.alerts.set_states((one.id for one in fresh), AlertState.ACKNOWLEDGED, self.now)
        self._note(Act.ACKNOWLEDGED, fresh)

    def urge(self, *alerts: Alert) -> None:
        """
        Seko was urged: the wait before the claim begins.
        """
        for alert in alerts:
            if alert.kind is not AlertKind.URGE_SCAN:
                raise RefusedError(
                    Sentence(
                        "Alert %(id)s is %(kind)s: only urge_scan can be urged.",
                        id=alert.id,
                        kind=alert.kind,
                    )
                )
        parcel_ids = [parcel_id for alert in alerts for parcel_id in alert.parcel_ids]
        self.tx.alerts.set_states((one.id for one in alerts), AlertState.ACTED, self.now)
        self.tx.parcels.urged(parcel_ids, self.now)
        settle_all(self.tx, dict.fromkeys(parcel_ids, self.now), self.deadlines)
        self._note(Act.URGED, alerts)

    def claim(self, alert: Alert, case_id: str | None) -> None:
        """
        The claim was raised, or written to again under its case: the wait for an answer begins.
        """
        if alert.kind not in _CLAIMABLE:
            raise RefusedError(
                Sentence(
                    "Alert %(id)s is %(kind)s: it asks for no claim.", id=alert.id, kind=alert.kind
                )
            )
        for parcel_id in alert.parcel_ids:
            self.tx.parcels.mark(parcel_id, case_id=case_id)
            if not self._is_claimed_already(alert, parcel_id):
                self.tx.parcels.mark(parcel_id, claimed_at=self.now)
                self.tx.parcels.claim_answered(parcel_id, None, None)
            self._settle(parcel_id)
        self.tx.alerts.set_state(alert.id, AlertState.ACTED, self.now, case_id=case_id)
        self._note(Act.CLAIMED, [alert], detail=case_id)
        if alert.kind in _AFTER_CLAIM:
            self._close(alert)

    def answer(self, alert: Alert, answer: ClaimAnswer) -> None:
        """
        Jumia answered the claim; its last word closes the alert.
        """
        for parcel_id in alert.parcel_ids:
            record = self.tx.parcels.get(parcel_id, self.now)
            if alert.kind not in _CLAIMABLE or record is None or record.claimed_at is None:
                raise RefusedError(
                    Sentence(
                        "Alert %(id)s (%(kind)s): no claim was raised; "
                        "mark it first: tracker alerts claimed.",
                        id=alert.id,
                        kind=alert.kind,
                    )
                )
            self.tx.parcels.claim_answered(parcel_id, answer, self.now)
            self._settle(parcel_id)
        self._note(Act.ANSWERED, [alert], detail=answer.value)
        if answer.ends_claim:
            self._close(alert)

    def snooze(self, alert: Alert, until: datetime, author: str | None) -> None:
        """
        Nothing is sent about the alert's parcel (or carrier) until then, but the end of an alert.
        """
        self.snooze_all([alert], until, author)

    def snooze_all(self, alerts: Sequence[Alert], until: datetime, author: str | None) -> None:
        """
        Each of the alerts is snoozed.
        """
        snooze = Snooze(until=until, author=author)
        self.tx.snoozes.put_all((alert.subject for alert in alerts), snooze, self.now)
        self._note(Act.SNOOZED, alerts, speaks_of=until, author=author)

    def snooze_shop(self, shop: str, until: datetime, author: str | None) -> None:
        """
        Nothing is sent about the shop's parcels until then, but the end of an alert.
        """
        snooze = Snooze(until=until, author=author)
        self.tx.snoozes.put(shop_subject(shop), snooze, self.now)

    def _close(self, alert: Alert) -> None:
        """
        What was not sent yet of an alert that a person closed is not sent.
        """
        if self.tx.alerts.close(alert.id, ClosedBecause.MANUAL, self.now):
            self.tx.outbox.supersede(alert.id)

    def _note(
        self,
        act: Act,
        alerts: Iterable[Alert],
        *,
        detail: str | None = None,
        speaks_of: datetime | None = None,
        author: str | None = None,
    ) -> None:
        """
        The act is on record with each alert, and with its parcel unless it only lists parcels.
        """
        about = (
            (alert.id, None if alert.kind.is_operators else parcel_id)
            for alert in alerts
            for parcel_id in (alert.parcel_ids[:1] or (None,))
        )
        self.tx.acts.note(
            act,
            self.now,
            about,
            author=author or self.author,
            speaks_of=speaks_of,
            detail=detail,
        )

    def _is_claimed_already(self, alert: Alert, parcel_id: int) -> bool:
        """
        True for a claim that is only marked again, to add its case id: its clock runs on.
        """
        if alert.kind in _AFTER_CLAIM:
            return False
        record = self.tx.parcels.get(parcel_id, self.now)
        if record is None or record.claimed_at is None:
            return False
        return alert.kind is not AlertKind.RAISE_CLAIM or alert.state is AlertState.ACTED

    def _settle(self, parcel_id: int) -> None:
        settle(self.tx, parcel_id, self.deadlines, self.now)
