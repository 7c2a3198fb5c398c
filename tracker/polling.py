"""
Polling: due parcels are leased, their carrier is asked, and what came of it is recorded.

Between the lease and the record everything may die: an unanswered number is due again when its
lease has run out, and the carrier is asked at most once more (promises.md P2).
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from tracker.crashpoints import CrashPoint, reached
from tracker.crawl import check_access, wall_clock_seconds
from tracker.model import LookReport, Outcome, ScanTrackerError
from tracker.store import StoreUnavailable
from tracker.watching import pass_turns, settle_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tracker.clock import Clock
    from tracker.crawl import CarrierAccess
    from tracker.deadlines import Deadlines
    from tracker.model import CarrierName
    from tracker.store import Store, Transaction
    from tracker.store.parcels import WatchRecord

log = logging.getLogger(__name__)

#: Requests of one crawl: short crawls let other work in and lose little when they die.
REQUESTS_PER_CRAWL = 12
#: Looks stored in one transaction: it pays for one sync to disk, and keeps others out only shortly.
RECORDED_TOGETHER = 60
FIRST_COOL_DOWN = timedelta(minutes=15)
LONGEST_COOL_DOWN = timedelta(hours=6)


class Crawl(Protocol):
    """
    How one carrier is asked: by its crawling child (:class:`tracker.crawl.CrawlProcess`).
    """

    def run(
        self, access: CarrierAccess, numbers: Sequence[str], wall_clock_seconds: float, /
    ) -> list[LookReport]:
        """
        One report per distinct number, in the asked order, within the wall clock.
        """

    def close(self) -> None:
        """
        Nothing runs any more.
        """


@dataclass(slots=True)
class PollResult:
    """
    What one poll of a carrier did; ``trouble`` is why it could not ask at all.
    """

    asked: int = 0
    failed: int = 0
    put_off: int = 0
    trouble: str | None = None
    reports: list[LookReport] = field(default_factory=list)

    def note(self, report: LookReport) -> None:
        """
        The look counts among those made.
        """
        self.asked += 1
        self.failed += not report.outcome.is_good
        self.reports.append(report)


class Poller:
    """
    Asks the carriers about what is due.
    """

    def __init__(
        self,
        store: Store,
        deadlines: Deadlines,
        accesses: Mapping[CarrierName, CarrierAccess],
        crawls: Mapping[CarrierName, Crawl],
        clock: Clock,
        *,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._deadlines = deadlines
        self._accesses = accesses
        self._crawls = crawls
        self._clock = clock
        self._stopping = stopping
        self._owner = f"poll-{uuid.uuid4()}"

    def poll(self, carrier: CarrierName) -> PollResult:
        """
        One crawl's worth of due parcels was asked; ``asked`` is 0 when nothing was due.

        A carrier that cools down, or that cannot be asked with this configuration, is not asked;
        ``trouble`` says why.
        """
        access = self._accesses[carrier]
        now = self._clock()
        with self._store.read() as tx:
            cooling = tx.health.is_cooling(carrier, now)
            due = tx.parcels.due_count(carrier, now)
        if not due:
            return PollResult(trouble="cooling down" if cooling else None)
        if cooling:
            return self._not_asking(carrier, now, "cooling down")
        try:
            check_access(access)
        except ScanTrackerError as error:
            return self._not_asking(carrier, now, str(error))
        most = access.batch_size * REQUESTS_PER_CRAWL
        seconds = wall_clock_seconds(access, most)
        with self._store.begin() as tx:
            leased = tx.parcels.claim_due(
                carrier,
                now,
                limit=most,
                owner=self._owner,
                lease=timedelta(seconds=seconds + 60),
            )
        if not leased:
            return PollResult()
        reached(CrashPoint.CLAIMED_LOOKS)
        try:
            return self._ask(access, leased, seconds)
        finally:
            with self._store.begin() as tx:
                tx.parcels.release([one.parcel.id for one in leased], self._owner)

    def _not_asking(self, carrier: CarrierName, now: datetime, trouble: str) -> PollResult:
        """
        Parcels of two portals do not wait for the one that cannot be asked (contract.md).
        """
        with self._store.begin() as tx:
            pass_turns(tx, carrier, self._deadlines, now)
        return PollResult(trouble=trouble)

    def _ask(
        self, access: CarrierAccess, leased: Sequence[WatchRecord], seconds: float
    ) -> PollResult:
        by_number = {one.parcel.tracking_number or "": one for one in leased}
        reports = self._crawls[access.carrier].run(access, list(by_number), seconds)
        reached(CrashPoint.ASKED_CARRIER)
        if self._stopping():
            return PollResult()  # killed by us: that says nothing about the carrier
        result = PollResult()
        looks = [(by_number[one.tracking_number].parcel.id, one) for one in reports]
        for at in range(0, len(looks), RECORDED_TOGETHER):
            self._record_together(dict(looks[at : at + RECORDED_TOGETHER]), result)
        self._keep_manners(access.carrier, reports)
        reached(CrashPoint.RECORDED_LOOKS)
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
                tx.alerts.note_wording(report.carrier, text, parcel_id, report.looked_at)
        settle_all(tx, {one: report.looked_at for one, report in reports.items()}, self._deadlines)

    def _keep_manners(self, carrier: CarrierName, reports: Sequence[LookReport]) -> None:
        """
        A carrier that blocked us is left alone for a while, longer each time (promises.md R22).
        """
        now = self._clock()
        good = [report.looked_at for report in reports if report.outcome.is_good]
        blocked = [report for report in reports if report.outcome is Outcome.BLOCKED]
        with self._store.begin() as tx:
            if good:
                tx.health.saw(carrier, max(good))
            if not blocked:
                return
            known = tx.health.carrier(carrier)
            asked = max((one.retry_after_seconds or 0 for one in blocked), default=0)
            pause = _pause(known.cooldown_since, known.cooldown_until, now)
            until = now + min(max(pause, timedelta(seconds=asked)), timedelta(days=1))
            reason = blocked[0].detail or "blocked"
            tx.health.cool_down(carrier, now, until, reason)
        log.warning("%s blocked us (%s); nobody asks it before %s", carrier, reason, until)


def _pause(since: datetime | None, until: datetime | None, now: datetime) -> timedelta:
    """
    Twice the last pause if it ended a short while ago, else the first one.
    """
    if since is None or until is None:
        return FIRST_COOL_DOWN
    last = until - since
    if now - until > max(last, FIRST_COOL_DOWN):
        return FIRST_COOL_DOWN
    return min(2 * last, LONGEST_COOL_DOWN)
