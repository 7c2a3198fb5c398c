"""
Recording looks: many in one transaction, and one that cannot be stored spoils no other.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.crashpoints import CrashPoint, reached
from tracker.planning.watching import settle_all
from tracker.store import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.clock import Clock
    from tracker.model import LookReport
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Store, Transaction

log = logging.getLogger(__name__)

#: Looks stored in one transaction: it pays for one sync to disk, and keeps others out only shortly.
RECORDED_TOGETHER = 120


@dataclass(slots=True)
class PollResult:
    """
    What polling a carrier did; ``trouble`` is why it could not be asked, or not any further.

    ``cooling``: because the carrier is left alone for a while, which is as it should be.
    """

    asked: int = 0
    failed: int = 0
    put_off: int = 0
    trouble: str | None = None
    cooling: bool = False

    def note(self, report: LookReport) -> None:
        """
        The look counts among those made.
        """
        self.asked += 1
        self.failed += not report.outcome.is_good

    def add(self, other: PollResult) -> None:
        """
        What the other one did counts here too; its trouble is the latest.
        """
        self.asked += other.asked
        self.failed += other.failed
        self.put_off += other.put_off
        self.trouble, self.cooling = other.trouble, other.cooling


class Recorder:
    """
    Stores looks and what follows from them.
    """

    def __init__(self, store: Store, deadlines: Deadlines, clock: Clock) -> None:
        self._store = store
        self._deadlines = deadlines
        self._clock = clock

    def record_all(self, looks: Mapping[int, LookReport]) -> PollResult:
        """
        Each look is stored with its consequences, by parcel id, or its parcel stepped aside.
        """
        result = PollResult()
        listed = list(looks.items())
        for at in range(0, len(listed), RECORDED_TOGETHER):
            self._record_together(dict(listed[at : at + RECORDED_TOGETHER]), result)
        return result

    def _record_together(self, reports: Mapping[int, LookReport], result: PollResult) -> None:
        """
        The looks are recorded in one transaction; those that cannot be, each in one of its own.
        """
        done: frozenset[int] = frozenset()
        try:
            with self._store.begin() as tx:
                free = tx.parcels.lock_free(reports)
                self._record(tx, {one: reports[one] for one in reports if one in free})
            done = free
        except Exception as error:  # noqa: BLE001 - raised again below if it is not one parcel's
            log.warning("looks are recorded one by one (%s)", type(error).__name__)
        for parcel_id, report in reports.items():
            if parcel_id in done:
                result.note(report)
            else:
                self._record_safely(parcel_id, report, result)

    def _record_safely(self, parcel_id: int, report: LookReport, result: PollResult) -> None:
        """
        A parcel that throws steps aside for an hour and the others go on (promises.md R10).
        """
        try:
            self.record(parcel_id, report)
        except StoreUnavailable:
            raise  # the database is the trouble, not this parcel: the whole step fails
        except Exception as error:
            log.exception("recording a look at %s failed", report.tracking_number)
            with self._store.begin() as tx:
                reason = f"recording a look failed: {type(error).__name__}"
                tx.parcels.put_off(parcel_id, self._clock(), reason)
            result.put_off += 1
        else:
            result.note(report)

    def record(self, parcel_id: int, report: LookReport) -> None:
        """
        The look, its events, new wordings and the parcel's next dates are stored, all or nothing.
        """
        with self._store.begin() as tx:
            self._record(tx, {parcel_id: report})

    def _record(self, tx: Transaction, reports: Mapping[int, LookReport]) -> None:
        if not reports:
            return
        recorded = tx.looks.record_all(reports)
        reached(CrashPoint.RECORDING_LOOK)
        unknown = ((text, one) for one, look in recorded.items() for text in look.unknown)
        # In one order everywhere, so that two workers never wait for each other's new wordings.
        for text, parcel_id in sorted(unknown):
            report = reports[parcel_id]
            if report.carrier is not None:
                tx.wordings.note(report.carrier, text, parcel_id, report.looked_at)
        when = {one: report.looked_at for one, report in reports.items()}
        known = (look.after for look in recorded.values())
        settle_all(tx, when, self._deadlines, known=known)
