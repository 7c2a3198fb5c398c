"""
The task queue: Procrastinate in a PostgreSQL schema of its own.

The schema bears Procrastinate's version, because a queue that holds nothing of value need not be
migrated: another version begins an empty one.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager

from tracker.store.foreign import driver_address, ensure_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

SCHEMA = "scan_tracker_queue_" + version("procrastinate").replace(".", "_")
#: A worker says every ten seconds that it lives; one that was silent for so long is dead.
HEARTBEAT_SECONDS = 10
DEAD_AFTER_SECONDS = 60
STEP = "step"


def prepare(database_url: str) -> None:
    """
    The queue is there, made by whoever came first.

    Raises :class:`UsageError` for a database that is not PostgreSQL, and :class:`StoreError` for
    one that cannot be used.
    """
    ensure_schema(database_url, SCHEMA, SchemaManager.get_schema())


def workers_app(database_url: str, connections: int) -> App:
    """
    Procrastinate for a process that works, with at most so many connections of its own.
    """
    connector = PsycopgConnector(
        conninfo=driver_address(database_url),
        kwargs=_within_schema(),
        min_size=1,
        max_size=connections,
    )
    return App(connector=connector)


class Queue:
    """
    The metronome's side of the queue: puts steps in.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    @classmethod
    @contextmanager
    def opened(cls, database_url: str) -> Iterator[Self]:
        """
        A queue with its own connections, closed at the end of the block.
        """
        connector = SyncPsycopgConnector(
            conninfo=driver_address(database_url), kwargs=_within_schema(), min_size=1, max_size=4
        )
        with App(connector=connector).open() as app:
            yield cls(app)

    def put(self, step: str) -> bool:
        """
        Somebody is to do the step; false when it waits to be done already.
        """
        task = self._app.configure_task(STEP, queue=step, queueing_lock=step)
        try:
            task.defer()
        except AlreadyEnqueued:
            return False
        return True


def sweep(database_url: str) -> int:
    """
    Jobs of workers that died are gone, and how many: the next tick puts the step in anew.

    They are not put back: the step may wait in the queue again already, and its work is claimed by
    leases that run out by themselves.
    """
    return asyncio.run(_sweep(database_url))


async def _sweep(database_url: str) -> int:
    async with workers_app(database_url, connections=1).open_async() as app:
        manager = app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS))
        for job in stalled:
            log.warning("a worker died over %s; another does it", job.queue)
            await manager.finish_job(job, Status.FAILED, delete_job=True)
        await manager.prune_stalled_workers(seconds_since_heartbeat=DEAD_AFTER_SECONDS)
    return len(stalled)


def _within_schema() -> dict[str, str]:
    return {"options": f"-c search_path={SCHEMA}", "application_name": "scan-tracker queue"}
