"""
The scheduler's steps in a fleet: its own, and one for each of the others that puts it in the queue.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tracker.daemon.steps import Step
from tracker.fleet.queue import sweep
from tracker.fleet.roles import OWN_STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.fleet.queue import Queue

SWEEP_SECONDS = 60


def deferring(steps: Sequence[Step], queue: Queue, database_url: str) -> Iterator[Step]:
    """
    The same steps at the same beat, done here or by whoever is free.
    """
    for step in steps:
        yield step if step.name in OWN_STEPS else replace(step, run=partial(queue.put, step.name))
    yield Step(name="sweep", seconds=SWEEP_SECONDS, run=partial(sweep, database_url))
