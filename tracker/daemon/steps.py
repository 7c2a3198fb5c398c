"""
The daemon's steps: what is done how often, by whichever process does it.

One process runs all of them (``tracker.scheduler``), or several share them (``tracker.fleet``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tracker.model import CarrierName
from tracker.status.liveness import DEADMAN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.daemon.watcher import Watcher

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

DECIDE = "decide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    Something to be done every so many seconds, for the first time ``after`` seconds from now.
    """

    name: str
    seconds: int
    run: Callable[[], object]
    after: int = 0


def poll_step(carrier: CarrierName) -> str:
    """
    The name of the step that asks a carrier.
    """
    return f"poll:{carrier}"


def steps_of(
    watcher: Watcher, *, after_crawl: Callable[[], object] | None = None
) -> tuple[Step, ...]:
    """
    Every step of the watcher; ``after_crawl`` is what follows each crawl, deciding if not given.
    """
    decide = after_crawl or watcher.decide
    polls = (
        # No verdict waits for the rest: what a crawl brought is decided while the next one runs.
        Step(name=poll_step(one), seconds=POLL_SECONDS, run=partial(watcher.poll, one, decide))
        for one in CarrierName
    )
    return (
        *polls,
        Step(name=DECIDE, seconds=DECIDE_SECONDS, run=watcher.decide),
        Step(name="deliver", seconds=DELIVER_SECONDS, run=watcher.deliver),
        Step(name="remind", seconds=REMIND_SECONDS, run=watcher.remind),
        Step(name="inbox", seconds=INBOX_SECONDS, run=watcher.take_inbox),
        Step(name="sync", seconds=SYNC_SECONDS, run=watcher.sync),
        Step(name="housekeeping", seconds=HOUSE_SECONDS, run=watcher.keep_house),
        Step(
            name="check",
            seconds=CHECK_SECONDS,
            run=watcher.check_portals,
            after=CHECK_AFTER_SECONDS,
        ),
        Step(name=DEADMAN, seconds=DEADMAN_SECONDS, run=watcher.ping, after=DEADMAN_SECONDS),
    )
