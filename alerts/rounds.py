"""
One deciding round: what is due is decided, many parcels in a transaction, and one spoils no other.

The rows of the parcels are locked while they are decided, with their deadlines counted anew, so
that two deciders cannot open two alerts and a crash loses none (promises.md R1, R11).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.blindness import Blindness
from alerts.decisions import DECIDING_FAILED, Decided, Decisions
from alerts.notices import Notices
from alerts.subjects import Subjects, ahead
from alerts.tally import Tally
from alerts.wordings import WordingAlerts
from tracker.crashpoints import CrashPoint, reached
from tracker.events import tell
from tracker.model import CarrierName
from tracker.store import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.planning.deadlines import Deadlines
    from tracker.store import Store

log = logging.getLogger(__name__)

#: Parcels decided in one round; what is left comes in the next one.
ROUND_LIMIT = 2_000
#: Parcels decided in one transaction: it keeps other writers out only shortly.
DECIDED_TOGETHER = 50


@dataclass(slots=True)
class RoundResult:
    """
    What a round did: ``opened`` and ``closed`` count every alert, the operator's too.
    """

    decided: int = 0
    opened: int = 0
    closed: int = 0
    put_off: int = 0


class Decider:
    """
    Decides what is due and writes it down; it sends nothing.
    """

    def __init__(self, store: Store, deadlines: Deadlines) -> None:
        self._store = store
        self._deadlines = deadlines
        self._notices = Notices(deadlines)
        self._tally = Tally()
        self._blindness = Blindness(store, self._notices, self._tally)
        self._decisions = Decisions(deadlines, self._notices, self._tally)
        self._wordings = WordingAlerts(
            store, self._notices, self._tally, deadlines.settings.wordings.file
        )

    def round(self, now: datetime) -> RoundResult:
        """
        Every parcel whose decision is due is decided, blind carriers and new wordings are told.
        """
        result = RoundResult()
        self._tally.clear()
        self._follow_calendar()
        # First, so that what became unverified by a blindness is not told beside it (R4).
        for carrier in CarrierName:
            self._blindness.judge(carrier, now)
        with self._store.read() as tx:
            due = tx.parcels.to_decide(now, ROUND_LIMIT)
        for at in range(0, len(due), DECIDED_TOGETHER):
            self._decide_together(due[at : at + DECIDED_TOGETHER], now, result)
        self._wordings.settle(now)
        self._wordings.tell(now)
        result.opened, result.closed = self._tally.opened, self._tally.closed
        return result

    def remind(self, now: datetime) -> int:
        """
        Each open alert that was told before today is told again, once a working day (R15).
        """
        with self._store.read() as tx:
            self._deadlines.follow(tx)
            open_alerts = tx.alerts.matching()
            subjects = Subjects(tx, now)
            subjects.read_records(ahead(open_alerts))
            waited = [one for one in open_alerts if self._notices.has_waited(subjects, one, now)]
        return sum(self._notices.remind(self._store, alert, now) for alert in waited)

    def _follow_calendar(self) -> None:
        with self._store.read() as tx:
            self._deadlines.follow(tx)

    def _decide_together(
        self, parcel_ids: Sequence[int], now: datetime, result: RoundResult
    ) -> None:
        """
        The parcels are decided in one transaction; those that cannot be, each in one of its own.
        """
        before = self._tally.copy()
        decided: dict[int, Decided] = {}
        try:
            with self._store.begin() as tx:
                free = tx.parcels.lock_free(parcel_ids)
                made = self._decisions.make(tx, [one for one in parcel_ids if one in free], now)
            decided = made
            reached(CrashPoint.OPENED_ALERT)
        except Exception as error:  # noqa: BLE001 - raised again below if it is not one parcel's
            log.warning("parcels are decided one by one (%s)", type(error).__name__)
            self._tally.back_to(before)
        for parcel_id in parcel_ids:
            if parcel_id in decided:
                result.decided += 1
                _log(parcel_id, decided[parcel_id])
            else:
                self._decide_safely(parcel_id, now, result)

    def _decide_safely(self, parcel_id: int, now: datetime, result: RoundResult) -> None:
        """
        A parcel that throws steps aside for an hour and the others go on (promises.md R10).
        """
        before = self._tally.copy()
        try:
            with self._store.begin() as tx:
                decided = self._decisions.make(tx, [parcel_id], now)
            reached(CrashPoint.OPENED_ALERT)
        except StoreUnavailable:
            raise  # the database is the trouble, not this parcel: the whole step fails
        except Exception as error:
            log.exception("deciding parcel %s failed; it is put off for an hour", parcel_id)
            with self._store.begin() as tx:
                reason = f"{DECIDING_FAILED}: {type(error).__name__}"
                tx.parcels.put_off_decision(parcel_id, now, reason)
            self._tally.back_to(before)
            result.put_off += 1
        else:
            result.decided += 1
            if parcel_id in decided:
                _log(parcel_id, decided[parcel_id])


def _log(parcel_id: int, decided: Decided) -> None:
    """
    A decision that changed something is told, any other one only to whoever wants every detail.
    """
    decision = decided.decision
    changed = decision is not None and bool(decision.openings or decision.closings)
    tell(
        log,
        "decision",
        level=logging.INFO if changed else logging.DEBUG,
        parcel_id=parcel_id,
        number=decided.number,
        opened=[one.kind.value for one in decision.openings] if decision else [],
        closed=[one.because.value for one in decision.closings] if decision else [],
        why=decision.why if decision else "an unwatched number opens no alert",
    )
