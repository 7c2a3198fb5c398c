"""
Processes of a fleet over one PostgreSQL, and hosts that share nothing else.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import make_url, select, update

from tests.support.relay import Relay
from tracker.clock import utc_now
from tracker.processes import descendants
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import timedelta
    from pathlib import Path

    from tests.support.world import World
    from tracker.practice.server import PracticeServer

#: ``tracker run`` with a quicker metronome, so that no test waits for a tick.
_RUN = """
import tracker.daemon.steps as steps
from tracker.cli import main
steps.POLL_SECONDS = steps.DECIDE_SECONDS = steps.DELIVER_SECONDS = 1
main()
"""


@contextmanager
def process(
    *options: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """
    ``tracker run`` with the options, in a session of its own; killed after the block.
    """
    running = subprocess.Popen(
        [sys.executable, "-c", _RUN, "run", *options],
        env=dict(os.environ if environment is None else environment),
        cwd=folder,
        text=True,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        kill(running)


def kill(running: subprocess.Popen[str]) -> None:
    """
    The process, its group and whatever it had started are gone without a word.
    """
    if running.poll() is None:
        children = descendants(running.pid)
        os.killpg(running.pid, signal.SIGKILL)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    running.wait()


@dataclass(frozen=True, slots=True)
class Host:
    """
    A machine of its own as far as ``tracker`` can see.

    Its home, folder for temporary files, working folder and configuration file are nobody else's;
    it reaches the database and the portal through ports of its own.
    """

    folder: Path
    environment: Mapping[str, str]
    door: int

    def run(self, *options: str) -> AbstractContextManager[subprocess.Popen[str]]:
        """
        See :func:`process`.
        """
        return process(*options, environment=self.environment, folder=self.folder)


@contextmanager
def hosts(
    count: int, folder: Path, world: World, portal: PracticeServer, **settings: str
) -> Iterator[tuple[Host, ...]]:
    """
    So many hosts; ``settings`` are further environment variables of all of them.
    """
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(_host(folder / f"host-{index}", world, portal, settings))
            for index in range(count)
        )


@contextmanager
def _host(
    folder: Path, world: World, portal: PracticeServer, settings: Mapping[str, str]
) -> Iterator[Host]:
    for name in ("home", "tmp", "work"):
        (folder / name).mkdir(parents=True)
    url = make_url(world.settings.database_url)
    with (
        Relay(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}") as database,
        Relay(("127.0.0.1", portal.port)) as door,
    ):
        reached = url.set(host="127.0.0.1", port=database.port, query={})
        text = world._config.read_text()
        shared = f'database_url = "{world.settings.database_url}"'
        assert shared in text
        own = text.replace(shared, f'database_url = "{reached.render_as_string()}"')
        (folder / "work" / "tracker.toml").write_text(own)
        portals = {
            name: value.replace(portal.url, f"http://127.0.0.1:{door.port}")
            for name, value in portal.environment().items()
        }
        yield Host(
            folder=folder / "work",
            environment={
                **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
                "HOME": str(folder / "home"),
                "TMPDIR": str(folder / "tmp"),
                **portals,
                **settings,
            },
            door=door.port,
        )


def wait_for(fact: Callable[[], object], seconds: float = 120) -> None:
    """
    Returns when the fact is true; fails when it does not come true.
    """
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.1)


def asked(portal: PracticeServer) -> Counter[str]:
    """
    How often the portal was asked about each number.
    """
    return Counter(number for one in list(portal.requests) for number in one.numbers)


def most_within(portal: PracticeServer, window: timedelta) -> int:
    """
    The most requests that the portal saw within one window.
    """
    instants = sorted(one.at for one in list(portal.requests))
    return max(sum(first <= one < first + window for one in instants) for first in instants)


def lines_told(world: World) -> Counter[tuple[str, str]]:
    """
    How often each recipient read of each number.
    """
    told: Counter[tuple[str, str]] = Counter()
    for one in world.arrived:
        for line in world._lines(one.reference):
            told[one.recipient, str(line["tracking_number"])] += 1
    return told


def worker_that_asks(world: World, workers: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """
    The one that holds a lease.
    """
    with world.store.read() as tx:
        held = select(parcels.c.lease_owner).where(parcels.c.lease_owner.is_not(None))
        (owner,) = set(tx._connection.execute(held).scalars())
    (busy,) = [one for one in workers if str(one.pid) in owner.split(":")]
    return busy


def let_leases_run_out(world: World) -> None:
    """
    The minutes pass after which what a dead worker had claimed is free again.
    """
    with world.store.begin() as tx:
        claimed = parcels.c.lease_until.is_not(None)
        tx._connection.execute(update(parcels).where(claimed).values(lease_until=utc_now()))
