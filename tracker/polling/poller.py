"""
Polling: due parcels are leased, their carrier is asked, and what came of it is recorded.

Between the lease and the record everything may die: an unanswered number is due again when its
lease has run out, and the carrier is asked at most once more (promises.md P2). What a round is
worth is judged and stored before any of its looks, so that no decision is made in between, and
before anything more is asked, so that a doubt or a refusal counts at once. The looks themselves are
recorded while the next round is asked: neither the carrier nor the database waits for the other.
"""

from __future__ import annotations

import logging
import os
import platform
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tracker.crashpoints import CrashPoint, reached
from tracker.crawl import check_access
from tracker.events import tell
from tracker.model import ScanTrackerError
from tracker.planning.watching import pass_turns
from tracker.polling.canaries import Verdict, believed, judge
from tracker.polling.leasing import Leased, Leasing
from tracker.polling.pausing import keep_manners
from tracker.polling.recording import PollResult, Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from tracker.clock import Clock
    from tracker.crawl import CarrierAccess
    from tracker.model import CarrierName, LookReport
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Store
    from tracker.store.health import CarrierState

    Each = Callable[[PollResult], object]

__all__ = ["Crawl", "PollResult", "Poller"]

log = logging.getLogger(__name__)

COOLING = "cooling down"


class Crawl(Protocol):
    """
    How one carrier is asked: by its crawling child (:class:`tracker.crawl.CrawlProcess`).
    """

    def prepare(self, access: CarrierAccess, /) -> None:
        """
        Whatever a start takes has been spent, before slots are reserved; nothing was asked.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """
    A crawl's looks, by parcel id, as they may be recorded; ``doubt`` says why they prove nothing.
    """

    leased: Leased
    looks: Mapping[int, LookReport]
    doubt: str | None


def _owner() -> str:
    """
    Who holds a lease, for people who look for it: machine, process, and what makes it unique.
    """
    return f"{platform.node()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


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
        self._leasing = Leasing(store, deadlines.settings, _owner())
        self._recorder = Recorder(store, deadlines, clock)

    def poll(self, carrier: CarrierName, each: Each | None = None) -> PollResult:
        """
        Everything that was due is asked and recorded; ``asked`` is 0 when nothing was due.

        A carrier that is left alone for a while, or that cannot be asked with this configuration,
        is not asked; ``trouble`` says why. After each round that was recorded ``each`` is called,
        in another thread, with what the round came to; the next one may be under way by then.
        """
        total = PollResult()
        made: _Round | None = None
        with ThreadPoolExecutor(1, thread_name_prefix=f"recording:{carrier}") as aside:
            while True:
                recording: Future[PollResult] | None = None
                try:
                    leased = self._lease(carrier)
                finally:  # first, so that a question never waits for the looks before it
                    if made is not None:
                        recording = aside.submit(self._record, made, each)
                if recording is not None and isinstance(leased, Leased) and leased.lacks_canary:
                    # What was just seen scanned may be the canary that it accuses without (R9).
                    self._leasing.give_back(leased)
                    total.add(recording.result())
                    recording, leased = None, self._lease(carrier)
                made = self._ask(leased) if isinstance(leased, Leased) else None
                if recording is not None:
                    try:
                        total.add(recording.result())
                    except BaseException:
                        if made is not None:  # its looks were made, whatever became of the others
                            aside.submit(self._record, made, None)
                        raise
                elif isinstance(leased, PollResult):
                    total.add(leased)
                    return total

    def _lease(self, carrier: CarrierName) -> Leased | PollResult:
        """
        What the next crawl is going to ask, or why there is none.
        """
        if self._stopping():
            return PollResult()
        access = self._accesses[carrier]
        now = self._clock()
        with self._store.read() as tx:
            cooling = tx.health.is_cooling(carrier, now)
            due = tx.parcels.due_count(carrier, now)
        if not due:
            return PollResult(trouble=COOLING if cooling else None, cooling=cooling)
        if cooling:
            return self._not_asking(carrier, now, COOLING, cooling=True)
        try:
            check_access(access)
        except ScanTrackerError as error:
            return self._not_asking(carrier, now, str(error))
        self._crawls[carrier].prepare(access)
        return self._leasing.take(access, self._clock()) or PollResult()

    def _not_asking(
        self, carrier: CarrierName, now: datetime, trouble: str, *, cooling: bool = False
    ) -> PollResult:
        """
        Parcels of two portals do not wait for the one that cannot be asked (contract.md).
        """
        with self._store.begin() as tx:
            pass_turns(tx, carrier, self._deadlines, now)
        return PollResult(trouble=trouble, cooling=cooling)

    def _ask(self, leased: Leased) -> _Round | None:
        """
        The carrier was asked, and what its answers are worth is on record; ``None``: we are ending.
        """
        made = None
        try:
            reached(CrashPoint.CLAIMED_LOOKS)
            reports = self._crawls[leased.access.carrier].run(
                leased.access, list(leased.numbers), leased.seconds
            )
            reached(CrashPoint.ASKED_CARRIER)
            if not self._stopping():  # killed by us: that says nothing about the carrier
                made = self._judge(leased, reports)
        finally:
            if made is None:
                self._leasing.give_back(leased)
        return made

    def _judge(self, leased: Leased, reports: Sequence[LookReport]) -> _Round:
        """
        What the round is worth is on record, and what it asks of us.
        """
        verdict = self._verdict(leased, reports)
        reached(CrashPoint.JUDGED_ROUND)
        # Before the looks: whatever happens to them, a refusal is not forgotten (promises.md R22).
        now = self._clock()
        keep_manners(self._store, leased.access, reports, now, trusted=verdict.trusted)
        looks = {
            leased.parcels[report.tracking_number]: report
            for report in believed(reports, verdict)
            if report.tracking_number in leased.parcels
        }
        return _Round(leased=leased, looks=looks, doubt=verdict.doubt)

    def _record(self, made: _Round, each: Each | None) -> PollResult:
        """
        The round's looks are stored, and its parcels are free.
        """
        try:
            result = self._recorder.record_all(made.looks)
        finally:
            self._leasing.give_back(made.leased)
        reached(CrashPoint.RECORDED_LOOKS)
        tell(
            log,
            "crawl",
            carrier=made.leased.access.carrier.value,
            asked=len(made.looks),
            failed=result.failed,
            outcomes=dict(Counter(one.outcome.value for one in made.looks.values())),
            put_off=result.put_off,
            doubt=made.doubt,
        )
        if each is not None:
            each(result)
        return result

    def _verdict(self, leased: Leased, reports: Sequence[LookReport]) -> Verdict:
        """
        What the round is worth, on record with its canaries; the end of a doubt is acted upon.
        """
        carrier, now = leased.access.carrier, self._clock()
        with self._store.begin() as tx:
            shown = tx.canaries.known_events(carrier, list(leased.parcels.values()))
            known = {number: shown.get(one, ()) for number, one in leased.parcels.items()}
            confirmed = _is_confirmed(tx.health.carrier(carrier))
            # A scan that only a person's word shows is no loss when the portal's own is unknown.
            told = tx.looks.as_told(reports)
            verdict = judge(told, leased.canaries, known, confirmed=confirmed)
            tx.canaries.keep(carrier, verdict.canaries)
            if verdict.doubt is not None:
                tx.manners.doubt(carrier, verdict.doubt, now)
            elif verdict.tested and tx.manners.trust(carrier, asked_at=leased.began):
                tx.parcels.reconsider(carrier, now)
        if verdict.doubt is not None:
            log.error("%s: this round proves nothing: %s", carrier, verdict.doubt)
        return verdict


def _is_confirmed(state: CarrierState) -> bool:
    """
    True when a person found the portal's readings right after the doubt had arisen (R9).
    """
    confirmed, doubted = state.confirmed_at, state.doubted_at
    return confirmed is not None and doubted is not None and confirmed > doubted
