"""
The metronome: APScheduler ticks, and every tick does what our tables say is due.

Nothing is remembered in the scheduler, so that a late start, a missed tick or a second daemon on
the same database needs no special case (promises.md R1, R21).
"""

from __future__ import annotations

import logging
import signal
import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from tracker.model import CarrierName
from tracker.status.liveness import DEADMAN

if TYPE_CHECKING:
    from collections.abc import Callable

    from apscheduler.events import JobExecutionEvent

    from tracker.watcher import Watcher

log = logging.getLogger(__name__)

#: Seconds between ticks; what is due in between waits at most that long.
POLL_SECONDS = 30
DECIDE_SECONDS = 30
DELIVER_SECONDS = 20
REMIND_SECONDS = 600
INBOX_SECONDS = 30
SYNC_SECONDS = 60
HOUSE_SECONDS = 3600
CHECK_SECONDS = 3600
#: Outside watchdogs count in minutes; one lost ping must not look like a death.
DEADMAN_SECONDS = 60
#: A daemon that just started has its due looks to make first.
CHECK_AFTER_SECONDS = 600
#: How long running steps may finish after a signal; what is cut off is safe in its lease.
STOP_SECONDS = 8.0


class Daemon:
    """
    Runs a watcher until it is told to stop.
    """

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._stop = threading.Event()
        self._busy = _Busy()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(8)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def run(self) -> bool:
        """
        Watches until SIGTERM or SIGINT; true when every running step could finish in time.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.start()
        while not self._stop.wait(3600):
            pass
        return self.stop()

    def start(self) -> None:
        """
        The ticks are running.
        """
        for carrier in CarrierName:
            self._tick(f"poll:{carrier}", POLL_SECONDS, partial(self._poll, carrier))
        self._tick("decide", DECIDE_SECONDS, self._watcher.decide)
        self._tick("deliver", DELIVER_SECONDS, self._watcher.deliver)
        self._tick("remind", REMIND_SECONDS, self._watcher.remind)
        self._tick("inbox", INBOX_SECONDS, self._watcher.take_inbox)
        self._tick("sync", SYNC_SECONDS, self._watcher.sync)
        self._tick("housekeeping", HOUSE_SECONDS, self._watcher.keep_house)
        self._tick("check", CHECK_SECONDS, self._watcher.check_portals, after=CHECK_AFTER_SECONDS)
        self._tick(DEADMAN, DEADMAN_SECONDS, self._watcher.ping, after=DEADMAN_SECONDS)
        self._scheduler.add_listener(self._on_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._scheduler.start()
        log.info("watching; stop with SIGTERM")

    def stop(self) -> bool:
        """
        No tick runs any more; true when every running step finished in time.
        """
        log.info("stopping")
        self._watcher.stopping = True
        self._scheduler.shutdown(wait=False)
        self._watcher.close()
        return self._busy.wait_idle(STOP_SECONDS)

    def _on_signal(self, *_: object) -> None:
        self._stop.set()

    def _poll(self, carrier: CarrierName) -> None:
        """
        Crawls until nothing is due, deciding after each, so that no verdict waits for the rest.
        """
        while not self._watcher.stopping:
            result = self._watcher.poll(carrier)
            if not result.asked:
                return
            self._watcher.decide()

    def _tick(self, name: str, seconds: int, step: Callable[[], object], *, after: int = 0) -> None:
        self._scheduler.add_job(
            self._run_step,
            "interval",
            args=[step],
            seconds=seconds,
            id=name,
            next_run_time=self._watcher.clock() + timedelta(seconds=after),
        )

    def _run_step(self, step: Callable[[], object]) -> None:
        if self._watcher.stopping:
            return
        with self._busy:
            step()

    def _on_trouble(self, event: JobExecutionEvent) -> None:
        """
        A failed or missed tick becomes a row that ``tracker status`` shows.
        """
        why = "missed" if event.exception is None else f"{type(event.exception).__name__}"
        log.error("tick %s %s", event.job_id, why, exc_info=event.exception)
        try:
            self._watcher.missed(event.job_id, self._watcher.clock(), why)
        except Exception:
            # The database itself may be the trouble; then the log is all there is.
            log.exception("the failed tick %s could not be recorded", event.job_id)


class _Busy:
    """
    Counts running steps, so that a stop can wait for them and no longer than it may.
    """

    def __init__(self) -> None:
        self._count = 0
        self._idle = threading.Condition()

    def __enter__(self) -> None:
        with self._idle:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._idle:
            self._count -= 1
            self._idle.notify_all()

    def wait_idle(self, seconds: float) -> bool:
        """
        True when nothing runs any more within that many seconds.
        """
        with self._idle:
            return self._idle.wait_for(lambda: self._count == 0, timeout=seconds)
