"""
The facts that decisions rest on, gathered from the store, the calendar and the settings.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.facts import AlertFact, Facts, LookFact
from alerts.ladder import joint_look
from tracker.model import Stage
from tracker.planning.clocks import clock_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tracker.model import Alert, CarrierName, Parcel, StoredEvent, StoredLook
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

#: When nobody even attempts a look, the grace begins this much later (promises.md P1).
UNASKED_EXTRA_MINUTES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """
    What is stored of several parcels beside their own rows, by parcel id.

    ``last_good`` and ``attempts``, the first ones since the deadline, are by portal too; ``told``
    are the ids of alerts that somebody may know of. ``mistrusted`` carriers' looks prove nothing.
    """

    events: Mapping[int, tuple[StoredEvent, ...]]
    last: Mapping[int, StoredLook]
    last_good: Mapping[tuple[int, CarrierName], StoredLook]
    attempts: Mapping[tuple[int, CarrierName], datetime]
    alerts: Mapping[int, tuple[Alert, ...]]
    told: frozenset[int]
    mistrusted: frozenset[CarrierName]


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
        return self.facts_of(tx, [record])[0]

    def facts_of(self, tx: Transaction, records: Sequence[WatchRecord]) -> list[Facts]:
        """
        The facts of each, in the order given; what is stored of all of them is read together.
        """
        known = _known_of(tx, [record.parcel for record in records])
        return [self._facts(record, known) for record in records]

    def _facts(self, record: WatchRecord, known: _Known) -> Facts:
        parcel = record.parcel
        deadline = parcel.scan_deadline
        urged_at = record.urged_at
        if urged_at is not None and (deadline is None or urged_at < deadline):
            urged_at = None
        own = [one for one in known.events[parcel.id] if not one.foreign]
        attempts = _attempts(parcel, known)
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
            last_look=_look_fact(known.last.get(parcel.id)),
            last_good=joint_look(
                _look_fact(known.last_good.get((parcel.id, one))) for one in parcel.carriers
            ),
            first_attempt_after_deadline=_last_of(attempts),
            grace_ends_at=self._grace_end(record, attempts),
            unclassified=any(one.event.stage is Stage.UNCLASSIFIED for one in own),
            alerts=tuple(_alert_fact(one, known) for one in known.alerts.get(parcel.id, ())),
            carrier_blind=not known.mistrusted.isdisjoint(parcel.carriers),
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


def _known_of(tx: Transaction, parcels: Sequence[Parcel]) -> _Known:
    ids = [parcel.id for parcel in parcels]
    carriers = {carrier for parcel in parcels for carrier in parcel.carriers}
    alerts = tx.alerts.on_parcels(ids)
    return _Known(
        events=tx.looks.events_of(ids),
        last=tx.looks.last(ids),
        last_good={
            (parcel_id, carrier): look
            for carrier in sorted(carriers)
            for parcel_id, look in tx.looks.last_good(ids, carrier).items()
        },
        attempts=_attempts_of_all(tx, parcels),
        alerts=alerts,
        told=tx.outbox.known_of(alert.id for own in alerts.values() for alert in own),
        # A carrier whose looks mostly fail is told as blind too, but its good looks do prove
        # something; of two that are asked about a parcel, either may prove nothing (R9).
        mistrusted=frozenset(
            one for one in sorted(carriers) if tx.health.carrier(one).mistrust is not None
        ),
    )


def _attempts_of_all(
    tx: Transaction, parcels: Sequence[Parcel]
) -> dict[tuple[int, CarrierName], datetime]:
    """
    The first attempts since each parcel's deadline; many have one in common.
    """
    due: dict[datetime, list[int]] = defaultdict(list)
    for parcel in parcels:
        if parcel.scan_deadline is not None:
            due[parcel.scan_deadline].append(parcel.id)
    found: dict[tuple[int, CarrierName], datetime] = {}
    for deadline, ids in due.items():
        found |= tx.looks.first_attempts_since(ids, deadline)
    return found


def _attempts(parcel: Parcel, known: _Known) -> tuple[datetime | None, ...]:
    """
    The first attempt since the deadline at each of the parcel's portals.
    """
    if parcel.scan_deadline is None:
        return ()
    return tuple(known.attempts.get((parcel.id, one)) for one in parcel.carriers)


def _last_of(attempts: Sequence[datetime | None]) -> datetime | None:
    """
    When every portal had been attempted; ``None`` while one was not.
    """
    known = [one for one in attempts if one is not None]
    return max(known) if known and len(known) == len(attempts) else None


def _look_fact(look: StoredLook | None) -> LookFact | None:
    if look is None:
        return None
    return LookFact(
        look_id=look.id, looked_at=look.looked_at, outcome=look.outcome, scanned=look.scanned
    )


def _alert_fact(alert: Alert, known: _Known) -> AlertFact:
    return AlertFact(
        id=alert.id,
        kind=alert.kind,
        state=alert.state,
        deadline=alert.deadline,
        closed_because=alert.closed_because,
        told=alert.id in known.told,
        proved_at=alert.proof.looked_at if alert.proof else None,
    )
