"""
One carrier's crawls, supervised: exactly one report for each number, whatever dies.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Self

from tracker.crawl.access import check_access
from tracker.crawl.child import Child, ChildDied, ChildFailed
from tracker.crawl.reports import not_looked
from tracker.crawl.timing import START_SECONDS
from tracker.model import CarrierName, LookReport, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.crawl.access import CarrierAccess

log = logging.getLogger(__name__)

CRAWLS_PER_CHILD = 100  # then a fresh child: a browser grows by some MB every hundred pages
IDLE_SECONDS = 300.0  # a child that nobody asks is closed: the idle daemon stays small


class CrawlProcess:
    """
    One carrier's crawling child: started on demand, killed with its browser when it misbehaves.

    ``run`` may be called from any thread; calls wait for one another. ``slot`` takes one more slot
    of the pace that all processes share, within so many seconds, and says how far ahead it lies;
    without it the child keeps a pace of its own.
    """

    def __init__(
        self,
        carrier: CarrierName,
        *,
        slot: Callable[[CarrierAccess, float], float | None] | None = None,
        crawls_per_child: int = CRAWLS_PER_CHILD,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.carrier = carrier
        self._slot = slot
        self._crawls_per_child = crawls_per_child
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._idle: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """
        The child's process id while it lives.
        """
        child = self._child
        return child.pid if child is not None and child.alive else None

    def run(
        self,
        access: CarrierAccess,
        numbers: Sequence[str],
        wall_clock_seconds: float,
        *,
        on_report: Callable[[LookReport], None] | None = None,
    ) -> list[LookReport]:
        """
        One report per distinct number, in the asked order, within the wall clock.

        Nothing that the portal or the child does is raised: numbers without an answer are
        ``unreachable``. Raises what :func:`check_access` raises, before anything is asked.
        """
        check_access(access)
        asked = list(dict.fromkeys(numbers))
        if not asked:
            return []
        with self._lock:
            self._stop_idle_timer()
            if self._slot is None:
                access = replace(access, reserved_slots=None)
            try:
                answered, reason = self._ask(access, asked, wall_clock_seconds, on_report)
            finally:
                self._rest()
        silent = [number for number in asked if number not in answered]
        for report in not_looked(self.carrier, silent, Outcome.UNREACHABLE, reason):
            answered[report.tracking_number] = report
            if on_report is not None:
                on_report(report)
        return [answered[number] for number in asked]

    def prepare(self, access: CarrierAccess) -> None:
        """
        The child is up and has loaded what this carrier needs; nothing was asked of the carrier.

        Slots that are reserved after this are not used up by a start. A child that does not come
        up is told of by the ``run`` that follows.
        """
        with self._lock:
            if self._child is not None and self._child.alive:
                return
            self._stop_idle_timer()
            deadline = time.monotonic() + START_SECONDS
            try:
                for _ in self._asked_child(access, (), deadline).answers(deadline, _no_slot):
                    pass
            except ChildFailed as failure:
                log.warning("%s: %s", self.carrier.value, failure)
                self._drop(gently=False)
            finally:
                self._rest()

    def close(self, *, grace_seconds: float = 2.0) -> None:
        """
        The child and its browser are gone; a later ``run`` starts a new one.

        A running crawl has ``grace_seconds`` to end; then it is ended, and its ``run`` returns
        with what was answered.
        """
        if not self._lock.acquire(timeout=grace_seconds):
            child = self._child
            if child is not None:
                child.kill()
            self._lock.acquire()
        try:
            self._stop_idle_timer()
            self._drop(gently=True)
        finally:
            self._lock.release()

    def _ask(
        self,
        access: CarrierAccess,
        asked: list[str],
        wall_clock_seconds: float,
        on_report: Callable[[LookReport], None] | None,
    ) -> tuple[dict[str, LookReport], str]:
        """
        The answers that came and, for the numbers without one, why.
        """
        deadline = time.monotonic() + wall_clock_seconds
        answered: dict[str, LookReport] = {}
        try:
            child = self._asked_child(access, asked, deadline)
            for report in child.answers(deadline, partial(self._further, access, deadline)):
                if report.tracking_number in asked:
                    answered.setdefault(report.tracking_number, report)
                    if on_report is not None:
                        on_report(report)
        except ChildFailed as failure:
            log.warning("%s: %s", self.carrier.value, failure)
            self._drop(gently=False)
            return answered, f"{access.host}: {failure}"
        except BaseException:
            self._drop(gently=False)  # interrupted: its late answers must not reach the next run
            raise
        return answered, f"{access.host}: the crawl ended without an answer for this number"

    def _further(self, access: CarrierAccess, deadline: float, within: float) -> float | None:
        """
        The seconds until one more slot; ``None`` when a look from it on would overrun the crawl.
        """
        left = deadline - time.monotonic() - access.timeout_seconds
        return None if self._slot is None else self._slot(access, min(within, left))

    def _asked_child(self, access: CarrierAccess, asked: Sequence[str], deadline: float) -> Child:
        """
        A child that has taken up the question; one that died before is replaced, once.

        Nothing was asked of the carrier until then: a child killed between two crawls may still
        look alive when the next one begins.
        """
        try:
            child = self._living_child()
            child.ask(access, asked, deadline)
        except ChildDied:
            self._drop(gently=False)
            child = self._living_child()
            child.ask(access, asked, deadline)
        return child

    def _living_child(self) -> Child:
        worn_out = self._child is not None and self._child.crawls >= self._crawls_per_child
        if self._child is not None and (worn_out or not self._child.alive):
            self._drop(gently=worn_out)
        if self._child is None:
            self._child = Child()
        return self._child

    def _drop(self, *, gently: bool) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end(gently=gently)

    def _rest(self) -> None:
        if self._child is not None:
            self._idle = threading.Timer(self._idle_seconds, self._close_if_idle)
            self._idle.daemon = True
            self._idle.start()

    def _close_if_idle(self) -> None:
        # A run that began meanwhile holds the lock and has cancelled this timer's successor.
        if self._lock.acquire(blocking=False):
            try:
                self._drop(gently=True)
            finally:
                self._lock.release()

    def _stop_idle_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


def _no_slot(_within: float) -> None:
    """
    A child that only starts asks nobody.
    """
