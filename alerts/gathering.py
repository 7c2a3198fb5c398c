"""
The facts of one decision, gathered from the store, the calendar and the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.facts import AlertFact, Facts, LookFact
from alerts.ladder import joint_look
from tracker.clocks import clock_times
from tracker.model import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.deadlines import Deadlines
    from tracker.model import Alert, Parcel, StoredLook
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

#: When nobody even attempts a look, the grace begins this much later (promises.md P1).
UNASKED_EXTRA_MINUTES = 60


class Gatherer:
    """
    Gathers facts under one configuration.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._settings = deadlines.settings

    def facts(self, tx: Transaction, record: WatchRecord) -> Facts:
        """
        All that the rules need to know of the parcel, within the caller's transaction.
        """
        parcel = record.parcel
        deadline = parcel.scan_deadline
        urged_at = record.urged_at
        if urged_at is not None and (deadline is None or urged_at < deadline):
            urged_at = None
        own = [one for one in tx.looks.events(parcel.id) if not one.foreign]
        attempts = _attempts(tx, parcel, deadline)
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
            claim_by=self._deadlines.claim_by(parcel),
            claimed_at=record.claimed_at,
            claim_answer=record.claim_answer,
            claim_answer_by=self._answer_by(parcel, record.claimed_at),
            reply_by=self._answer_by(parcel, record.claim_answered_at),
            clocks=clock_times(record, self._deadlines),
            clocks_on=self._settings.clocks_on(parcel.shop),
            last_look=_look_fact(tx.looks.last(parcel.id)),
            last_good=joint_look(
                _look_fact(tx.looks.last_good(parcel.id, carrier=one)) for one in parcel.carriers
            ),
            first_attempt_after_deadline=_last_of(attempts),
            grace_ends_at=self._grace_end(record, attempts),
            unclassified=any(one.event.stage is Stage.UNCLASSIFIED for one in own),
            alerts=tuple(_alert_fact(tx, alert) for alert in tx.alerts.on_parcel(parcel.id)),
            carrier_blind=_proves_nothing(tx, parcel.id),
            first_scan_at=parcel.first_scan_at,
            scan_first_seen_at=min(
                (one.first_seen_at for one in own if one.event.is_scan), default=None
            ),
        )

    def _answer_by(self, parcel: Parcel, since: datetime | None) -> datetime | None:
        return None if since is None else self._deadlines.claim_answer_by(parcel, since)

    def _grace_end(
        self, record: WatchRecord, attempts: Sequence[datetime | None]
    ) -> datetime | None:
        """
        The grace runs inside the send window, from the later of deadline and first attempt (R4).

        An attempt that is overdue because the carrier cools down, or nobody polls, ends it too; of
        two portals the one that was asked stands for the other, whose turn may not come.
        """
        parcel = record.parcel
        if parcel.scan_deadline is None:
            return None
        minutes = self._settings.watch.verify_grace_minutes
        start = _last_of(attempts)
        if start is None:
            known = [one for one in attempts if one is not None]
            start = min(known, default=parcel.next_look_at or parcel.scan_deadline)
            minutes += UNASKED_EXTRA_MINUTES
        calendar = self._deadlines.calendar_of(parcel)
        window = self._settings.window
        return window.after_minutes_inside(max(start, parcel.scan_deadline), minutes, calendar)


def _attempts(
    tx: Transaction, parcel: Parcel, deadline: datetime | None
) -> tuple[datetime | None, ...]:
    """
    The first attempt since the deadline at each of the parcel's portals.
    """
    if deadline is None:
        return ()
    return tuple(
        tx.looks.first_attempt_since(parcel.id, deadline, carrier=one) for one in parcel.carriers
    )


def _last_of(attempts: Sequence[datetime | None]) -> datetime | None:
    """
    When every portal had been attempted; ``None`` while one was not.
    """
    known = [one for one in attempts if one is not None]
    return max(known) if known and len(known) == len(attempts) else None


def _proves_nothing(tx: Transaction, parcel_id: int) -> bool:
    """
    True while a carrier that is asked about the parcel is mistrusted: of two, either (R9).

    A carrier whose looks mostly fail is told as blind too, but its good looks do prove something.
    """
    return any(state.mistrust is not None for state in tx.health.asked_about(parcel_id))


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
