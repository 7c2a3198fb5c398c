"""
A process that does what the metronome puts into the queue: one step at a time of each name.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

from procrastinate.exceptions import ConnectorException
from tenacity import before_sleep_log, retry, retry_if_exception_type, wait_random_exponential

from tracker.fleet.queue import DEAD_AFTER_SECONDS, HEARTBEAT_SECONDS, STEP, workers_app
from tracker.scheduler import STOP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procrastinate import App
    from procrastinate.job_context import JobContext

    from tracker.daemon.steps import Step
    from tracker.daemon.watcher import Watcher

log = logging.getLogger(__name__)

#: A worker hears of a new job at once; this is for one of which it did not hear.
_LOOK_AGAIN_SECONDS = 5


class Crew:
    """
    Works for the queue until told to stop.

    Each step has a queue of its own with one at work, so that a long crawl holds up nothing else
    here, and so that another crawl of that carrier goes to a process that is free.
    """

    def __init__(self, watcher: Watcher, steps: Sequence[Step]) -> None:
        self._watcher = watcher
        self._steps = {step.name: step for step in steps}
        self._stop = asyncio.Event()

    def run(self) -> bool:
        """
        Works until SIGTERM or SIGINT; true when every running step could finish in time.
        """
        return asyncio.run(self._run())

    async def _run(self) -> bool:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        work = asyncio.create_task(self._work())
        stop = asyncio.create_task(self._stop.wait())
        log.info("working for the queue at %s; stop with SIGTERM", ", ".join(self._steps))
        await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            await work  # only an error ends it before a signal
        log.info("stopping")
        self._watcher.stopping = True
        work.cancel()
        # The crawls end with their children; closing waits for these, so not on this thread.
        await asyncio.to_thread(self._watcher.close)
        done, _ = await asyncio.wait((work,), timeout=STOP_SECONDS)
        return bool(done)

    async def _work(self) -> None:
        await asyncio.gather(*(self._serve(name) for name in self._steps))

    async def _serve(self, name: str) -> None:
        """
        Does one step whenever it is asked for; while the database is away, waits for it.
        """

        @retry(
            retry=retry_if_exception_type(ConnectorException),
            wait=wait_random_exponential(max=30),
            before_sleep=before_sleep_log(log, logging.WARNING),
        )
        async def serve() -> None:
            app = workers_app(self._watcher.settings.database_url, connections=4)
            app.task(name=STEP, pass_context=True)(self._do)
            async with app.open_async():
                await self._serve_with(app, name)

        await serve()

    async def _serve_with(self, app: App, name: str) -> None:
        await app.run_worker_async(
            name=f"scan-tracker {name}",
            queues=[name],
            concurrency=1,
            install_signal_handlers=False,
            fetch_job_polling_interval=_LOOK_AGAIN_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
            shutdown_graceful_timeout=STOP_SECONDS,
            delete_jobs="always",
        )

    def _do(self, context: JobContext) -> None:
        """
        The step is done, or its failure is on record as the daemon's would be (R21).
        """
        name = context.job.queue
        if self._watcher.stopping:
            return
        try:
            self._steps[name].run()
        except Exception as error:
            self._watcher.missed(name, self._watcher.clock(), type(error).__name__)
            raise
