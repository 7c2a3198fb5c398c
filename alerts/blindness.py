"""
Blind carriers: the operator is told once that we cannot see, and once that we see again.

It is the alert about the watching itself (promises.md R3, R4, R9, R19).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.lists import the_one
from tracker.model import AlertKind
from tracker.store.alerts import NewAlert, carrier_subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.notices import Notices
    from alerts.tally import Tally
    from tracker.model import CarrierName
    from tracker.store import Store, Transaction

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


class Blindness:
    """
    Opens and closes the operator's alerts about carriers.
    """

    def __init__(self, store: Store, notices: Notices, tally: Tally) -> None:
        self._store = store
        self._notices = notices
        self._tally = tally

    def judge(self, carrier: CarrierName, now: datetime) -> None:
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
        new = NewAlert(
            kind=AlertKind.CARRIER_BLIND,
            subject=carrier_subject(carrier),
            occasion=now.isoformat(),
            reason=reason,
            carrier=carrier,
        )
        alert_id, _ = the_one(tx, new, now, self._tally)
        self._notices.tell_operator(tx, alert_id, carrier, now)

    def _sees_again(self, tx: Transaction, carrier: CarrierName, now: datetime) -> None:
        """
        What was held is decided anew, and what could not be checked is looked at first (P1).
        """
        tx.parcels.reconsider(carrier, now)  # parcels before alerts: locks go one way everywhere
        alert = tx.alerts.open_on(carrier_subject(carrier), AlertKind.CARRIER_BLIND)
        if alert is not None:
            self._tally.closed += self._notices.end(tx, alert.id, carrier, now)


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
