"""
Alerts about the watching itself: unverified parcels and blind carriers.

They list parcels or name a carrier, go to the operator, and end when the watcher sees again
(promises.md R3, R4, R19).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model import Alert, AlertKind, CarrierName
from tracker.store.alerts import NewAlert, carrier_subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.notices import Notices
    from alerts.tally import Tally
    from tracker.store import Store, Transaction
    from tracker.store.parcels import WatchRecord

NO_PROOF = "no proof since the deadline"
#: A carrier is bad below the first share of good looks and good again above the second (R19).
HEALTH_WINDOW = 10
HEALTH_NEEDS = 5
BAD_BELOW = 0.3
GOOD_ABOVE = 0.7
#: So many good looks in a row end a bad time too: a carrier with few parcels is asked seldom.
RECOVERED_BY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """
    How a carrier is, ``reason`` why it is blind (``None``: it sees), and whether that is told.
    """

    before: str
    state: str
    reason: str | None
    told: bool

    @property
    def is_news(self) -> bool:
        """
        True when something is to be stored or told.
        """
        return self.state != self.before or self.told != (self.reason is not None)


class OperatorAlerts:
    """
    Opens and closes the operator's alerts.
    """

    def __init__(self, store: Store, notices: Notices, tally: Tally) -> None:
        self._store = store
        self._notices = notices
        self._tally = tally

    def set_unverified(
        self, tx: Transaction, record: WatchRecord, now: datetime, *, unverified: bool
    ) -> None:
        """
        The parcel stands on its carrier's list of unverified ones, or no longer does (R4).
        """
        if unverified and record.unverified_since is None:
            tx.parcels.mark(record.parcel.id, unverified_since=now)
            alert_id = self._carriers_alert(
                tx,
                AlertKind.UNVERIFIED,
                record.parcel.carrier,
                NO_PROOF,
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
            self._tally.closed += self._notices.end(tx, alert, now)

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
            self._tally.opened += 1
            return opened
        raced = tx.alerts.open_on(subject, kind)
        if raced is None:
            raise RuntimeError(f"{kind} on {subject} could neither be opened nor found")
        return raced.id

    def _tell_unverified(
        self, tx: Transaction, alert_id: int, record: WatchRecord, now: datetime
    ) -> None:
        """
        The operator hears of it, after a blindness that explains it is over, and the shop (R4).
        """
        self._notices.tell_operator_of(tx, alert_id, record, now)
        self._notices.tell_shop(tx, alert_id, record, now)

    def judge_carrier(self, carrier: CarrierName, now: datetime) -> None:
        """
        A blind carrier is told once, and once when it sees again (promises.md R4, R9, R19).

        Blind: its looks mostly fail, a round's canaries or anomaly speak against it, or its daily
        check failed; whether anything is overdue or not.
        """
        with self._store.read() as tx:
            if not self._verdict(tx, carrier).is_news:
                return
        with self._store.begin() as tx:
            # Judged again under its lock: a doubt may have arisen since then.
            verdict = self._verdict(tx, carrier, lock=True)
            tx.health.set_state(carrier, verdict.state)
            if verdict.reason is not None and not verdict.told:
                self._turned_blind(tx, carrier, verdict.reason, now)
            elif verdict.reason is None and verdict.told:
                self._sees_again(tx, carrier, now)

    def _verdict(self, tx: Transaction, carrier: CarrierName, *, lock: bool = False) -> _Verdict:
        known = tx.health.carrier(carrier, lock=lock)
        outcomes = tx.looks.recent_outcomes(carrier, HEALTH_WINDOW)
        state = _judged(known.state, [outcome.is_good for outcome in outcomes])
        return _Verdict(
            before=known.state,
            state=state,
            reason=known.mistrust or (_failures(outcomes) if state == "bad" else None),
            told=tx.alerts.is_open(carrier_subject(carrier), AlertKind.CARRIER_BLIND),
        )

    def _turned_blind(
        self, tx: Transaction, carrier: CarrierName, reason: str, now: datetime
    ) -> None:
        alert_id = self._carriers_alert(tx, AlertKind.CARRIER_BLIND, carrier, reason, now)
        self._notices.tell_operator(tx, alert_id, carrier, now)

    def _sees_again(self, tx: Transaction, carrier: CarrierName, now: datetime) -> None:
        """
        What was held is decided anew, and what could not be checked is looked at first (P1).
        """
        tx.parcels.reconsider(carrier, now)  # parcels before alerts: locks go one way everywhere
        alert = tx.alerts.open_on(carrier_subject(carrier), AlertKind.CARRIER_BLIND)
        if alert is not None:
            self._tally.closed += self._notices.end(tx, alert, now)


def _judged(state: str, good: list[bool]) -> str:
    """
    Health with hysteresis: between the two shares it stays what it was (promises.md R19).

    ``good`` has the newest look first. A few good ones in a row lift the share to where it is not
    bad any more, so that they may end a bad time without beginning the next one.
    """
    if len(good) < HEALTH_NEEDS:
        return state
    share = sum(good) / len(good)
    if share < BAD_BELOW:
        return "bad"
    if share > GOOD_ABOVE or (share >= BAD_BELOW and all(good[:RECOVERED_BY])):
        return "good"
    return state


def _failures(outcomes: Iterable[object]) -> str:
    listed = list(outcomes)
    bad = [str(one) for one in listed if not getattr(one, "is_good", False)]
    commonest = max(set(bad), key=bad.count) if bad else "failed"
    return f"{len(bad)} of the last {len(listed)} looks failed, most often: {commonest}"
