"""
``tracker run --role ...``: one process of a fleet, from its start to its stop.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from tracker.daemon.steps import DECIDE, steps_of
from tracker.fleet.crew import Crew
from tracker.fleet.metronome import deferring
from tracker.fleet.queue import Queue, prepare
from tracker.fleet.roles import steps_for
from tracker.scheduler import Daemon
from tracker.vocabulary import ProcessRole

if TYPE_CHECKING:
    from tracker.daemon.watcher import Watcher
    from tracker.model import CarrierName


def run_role(watcher: Watcher, role: ProcessRole, carrier: CarrierName | None) -> bool:
    """
    Does the role's part until SIGTERM or SIGINT; true when every running step ended in time.

    Raises :class:`UsageError` for a database that several processes cannot share.
    """
    url = watcher.settings.database_url
    prepare(url)
    if role is ProcessRole.WEB:
        return _wait()
    with Queue.opened(url) as queue:
        steps = steps_of(watcher, after_crawl=lambda: queue.put(DECIDE))
        if role is ProcessRole.SCHEDULER:
            return Daemon(watcher, tuple(deferring(steps, queue, url))).run()
        return Crew(watcher, steps_for(role, steps, carrier)).run()


def _wait() -> bool:
    """
    Returns at a signal: the dashboard serves from its own thread.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(3600):
        pass
    return True
