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
from typing import TYPE_CHECKING

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from tracker.daemon.steps import steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apscheduler.events import JobExecutionEvent

    from tracker.daemon.steps import Step
    from tracker.daemon.watcher import Watcher

log = logging.getLogger(__name__)

#: How long running steps may finish after a signal; what is cut off is safe in its lease.
STOP_SECONDS = 8.0


class Daemon:
    """
    Runs a watcher's steps, all of them if not told which, until it is told to stop.
    """

    def __init__(self, watcher: Watcher, steps: Sequence[Step] | None = None) -> None:
        self._watcher = watcher
        self._steps = steps_of(watcher) if steps is None else tuple(steps)
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
        for step in self._steps:
            self._scheduler.add_job(
                self._run_step,
                "interval",
                args=[step],
                seconds=step.seconds,
                id=step.name,
                next_run_time=self._watcher.clock() + timedelta(seconds=step.after),
            )
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

    def _run_step(self, step: Step) -> None:
        if self._watcher.stopping:
            return
        with self._busy:
            step.run()

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
