"""
Asking for many numbers: batches, pace, retries, and one outcome for each number.

The only place that decides how often and how patiently a portal is asked (promises.md R22); how
one batch is fetched and read comes in as a function.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from tracker.clock import utc_now
from tracker.crawl import is_our_own_failure, not_looked
from tracker.model import LookReport, Outcome
from tracker.pages.report import evidence_of
from tracker.spiders.pacing import NoSlot
from tracker.spiders.trouble import Passing, Trouble, no_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from tracker.crawl import CarrierAccess
    from tracker.spiders.pacing import Slots

log = logging.getLogger(__name__)

ATTEMPTS = 3
READER = "asking/1"  # no page reader saw what came with a trouble
_NOT_READ = frozenset({Outcome.UNREADABLE, Outcome.MISSING})
Batch = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One try at a batch: ``seconds_left`` of the look's time limit remain.
    """

    numbers: Batch
    started: float
    limit: float

    @property
    def seconds_left(self) -> float:
        """
        What remains of the look's time limit, less a little for reading; at least 0.1 s.
        """
        used = asyncio.get_running_loop().time() - self.started
        return max(0.1, self.limit * 0.95 - used)


@dataclass(slots=True)
class Asking:
    """
    The asking of one crawl: every number of ``numbers`` gets exactly one report.
    """

    access: CarrierAccess
    fetch: Callable[[Attempt], Awaitable[Sequence[LookReport]]]
    pace: Slots
    _stopped: LookReport | None = field(default=None, init=False)
    _one_by_one: bool | None = field(default=None, init=False)  # None: not found out yet

    async def reports(self, numbers: Sequence[str]) -> AsyncIterator[Sequence[LookReport]]:
        """
        The reports of each batch as it ends.
        """
        waiting = deque(_batches(tuple(dict.fromkeys(numbers)), self.access.batch_size))
        done: asyncio.Queue[Sequence[LookReport]] = asyncio.Queue()
        left = len(waiting)
        workers = [
            asyncio.create_task(self._work(waiting, done))
            for _ in range(min(self.access.concurrency, left))
        ]
        try:
            while left:
                yield await done.get()
                left -= 1
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, waiting: deque[Batch], done: asyncio.Queue[Sequence[LookReport]]) -> None:
        while waiting:
            await done.put(await self._settle(waiting.popleft()))

    async def _settle(self, batch: Batch) -> list[LookReport]:
        """
        One report per number of the batch; those that the answer left out are asked once alone.
        """
        if self._one_by_one:
            return [(await self._ask((number,)))[0] for number in batch]
        first = await self._ask(batch)
        if len(batch) == 1:
            return first
        if self._one_by_one is None and all(report.outcome in _NOT_READ for report in first):
            return await self._alone(first)
        return [
            await self._again(report) if report.outcome is Outcome.MISSING else report
            for report in first
        ]

    async def _alone(self, together: list[LookReport]) -> list[LookReport]:
        """
        The numbers of a batch of which nothing was read, asked one by one if that helps the first.

        A page may take one number only; whether it does is found out once a crawl.
        """
        first = await self._again(together[0])
        self._one_by_one = first.outcome.is_good
        if not self._one_by_one:
            return [first, *together[1:]]
        return [first, *[await self._again(report) for report in together[1:]]]

    async def _again(self, first: LookReport) -> LookReport:
        """
        The number asked alone; a second answer that says nothing readable leaves it as it was.

        So does a question that could not be asked.
        """
        second = (await self._ask((first.tracking_number,)))[0]
        if is_our_own_failure(second):
            return first
        if second.outcome is Outcome.UNREADABLE:
            return replace(second, outcome=first.outcome, detail=first.detail)
        return second

    async def _ask(self, batch: Batch) -> list[LookReport]:
        """
        One report per number, from one question; whatever is raised becomes an outcome.
        """
        if self._stopped is not None:
            return self._not_asked(batch, self._stopped)
        try:
            reports = self._one_each(batch, await self._try(batch))
        except Trouble as trouble:
            reports = self._troubled(batch, trouble)
        except Exception as error:
            log.exception("%s: a look failed in our own code", self.access.carrier.value)
            told = f"the look failed in our own code ({type(error).__name__})"
            reports = not_looked(self.access.carrier, batch, Outcome.UNREADABLE, told)
        self._note_blocked(reports)
        return reports

    async def _try(self, batch: Batch) -> Sequence[LookReport]:
        """
        The batch's reports; passing trouble is tried again within the look's time limit.
        """
        await self.pace.slot()
        limit = self.access.timeout_seconds
        attempt = Attempt(batch, asyncio.get_running_loop().time(), limit)
        troubles: list[Passing] = []

        async def once() -> Sequence[LookReport]:
            if troubles and not troubles[-1].whole_host:  # a host not reached was not asked
                await self._slot_to_retry(attempt, troubles[-1])
            try:
                return await self.fetch(attempt)
            except Passing as passing:
                troubles.append(passing)
                raise

        try:
            async with asyncio.timeout(limit):
                return await _retrying(limit)(once)
        except TimeoutError as error:
            last = troubles[-1] if troubles else no_answer(self.access.host, limit)
            raise last from error

    async def _slot_to_retry(self, attempt: Attempt, trouble: Passing) -> None:
        """
        Returns when the batch may be asked again.

        Raises a trouble like the last one when there is no slot before the look's time is over.
        """
        try:
            await self.pace.slot(attempt.seconds_left)
        except NoSlot as none:
            raise Trouble(
                trouble.detail,
                outcome=trouble.outcome,
                whole_host=trouble.whole_host,
                retry_after_seconds=trouble.retry_after_seconds,
                answer=trouble.answer,
            ) from none

    def _one_each(self, batch: Batch, reports: Sequence[LookReport]) -> list[LookReport]:
        """
        Exactly one report per asked number; an answer that lacks one makes it missing.
        """
        by_number = {report.tracking_number: report for report in reports}
        told = f"{self.access.host}: the answer lacked this number"
        return [
            by_number.get(number)
            or not_looked(self.access.carrier, (number,), Outcome.MISSING, told)[0]
            for number in batch
        ]

    def _troubled(self, batch: Batch, trouble: Trouble) -> list[LookReport]:
        reports = not_looked(
            self.access.carrier,
            batch,
            trouble.outcome,
            trouble.detail,
            retry_after_seconds=trouble.retry_after_seconds,
        )
        if trouble.answer is not None:
            kept = evidence_of(trouble.answer, reader=READER)
            reports = [replace(report, evidence=kept) for report in reports]
        if trouble.whole_host:
            self._stopped = reports[0]  # the other numbers would only wait for the same end
        return reports

    def _note_blocked(self, reports: Sequence[LookReport]) -> None:
        """
        A refusal cools the carrier down: nothing more is asked in this crawl.
        """
        blocked = next((one for one in reports if one.outcome is Outcome.BLOCKED), None)
        if blocked is not None and self._stopped is None:
            self._stopped = blocked

    def _not_asked(self, batch: Batch, because: LookReport) -> list[LookReport]:
        if because.outcome is Outcome.BLOCKED:
            detail = f"not asked: the carrier is cooling down ({because.detail})"
        else:
            detail = f"not asked: {because.detail}"
        now = utc_now()
        return [
            replace(because, tracking_number=number, detail=detail, looked_at=now, evidence=None)
            for number in batch
        ]


def _retrying(limit: float) -> AsyncRetrying:
    """
    Passing trouble is worth a few tries, further and further apart, within the look's limit.
    """
    return AsyncRetrying(
        retry=retry_if_exception_type(Passing),
        stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(limit),
        wait=wait_exponential(multiplier=0.3, max=5) + wait_random(0, 0.3),
        reraise=True,
    )


def _batches(numbers: Batch, size: int) -> list[Batch]:
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]
