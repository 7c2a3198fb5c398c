"""
Several processes share one PostgreSQL: nothing is lost when one dies, nobody is asked twice for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from tests.support.cli import run_tracker
from tests.support.portals import postal
from tests.support.world import (
    SELLER,
    ScriptedClock,
    ScriptedCrawl,
    opened_world,
    order,
    postal_number,
)
from tracker.fleet.queue import Queue, prepare
from tracker.fleet.roles import steps_for
from tracker.model import CarrierName
from tracker.practice.server import start_practice
from tracker.processes import descendants
from tracker.steps import steps_of
from tracker.store.tables import parcels
from tracker.vocabulary import ProcessRole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.world import World
    from tracker.practice.server import PracticeServer

NUMBERS = [postal_number(serial) for serial in range(47312001, 47312013)]
#: ``tracker run`` with a quicker metronome, so that no test waits for a tick.
RUN = """
import tracker.steps as steps
from tracker.cli import main
steps.POLL_SECONDS = steps.DECIDE_SECONDS = steps.DELIVER_SECONDS = 1
main()
"""


@pytest.fixture
def portal() -> Iterator[PracticeServer]:
    """
    The practice portals; the slow scenario is slower than any test.
    """
    with start_practice(slow_seconds=300) as started:
        yield started


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portal: PracticeServer, postgres_url: str
) -> Iterator[World]:
    """
    What all processes share: the configuration, one PostgreSQL, the portals, the inboxes.
    """
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(
        tmp_path,
        monkeypatch,
        clock,
        crawls=crawls,
        portal=portal,
        database_url=postgres_url,
        watch='send_window = "always"',
    ) as opened:
        monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__TIMEOUT_SECONDS", "120")
        monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__REQUESTS_PER_MINUTE", "600")
        yield opened


@contextmanager
def process(*options: str) -> Iterator[subprocess.Popen[str]]:
    """
    ``tracker run`` with the options, in a process group of its own; killed after the block.
    """
    running = subprocess.Popen(
        [sys.executable, "-c", RUN, "run", *options],
        env=os.environ.copy(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.communicate()


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
        (owner,) = tx._connection.execute(held).scalars()
    (busy,) = [one for one in workers if str(one.pid) in owner.split(":")]
    return busy


def test_every_step_has_one_role(world: World) -> None:
    """
    Scheduler, worker and deliverer together do what one process would, and nothing twice.
    """
    steps = steps_of(world.watcher)
    parts = (ProcessRole.SCHEDULER, ProcessRole.WORKER, ProcessRole.DELIVER, ProcessRole.WEB)
    shared = [one.name for role in parts for one in steps_for(role, steps, None)]
    assert sorted(shared) == sorted(one.name for one in steps)
    assert steps_for(ProcessRole.ALL, steps, None) == steps
    only = steps_for(ProcessRole.WORKER, steps, CarrierName.SEKO)
    assert [one.name for one in only] == ["poll:seko", "check"]


def test_a_step_waits_once(postgres_url: str) -> None:
    """
    However often the metronome ticks while nobody is free, one job waits; another step's too.
    """
    prepare(postgres_url)
    prepare(postgres_url)
    with Queue.opened(postgres_url) as queue:
        assert [queue.put("decide"), queue.put("decide"), queue.put("deliver")] == [
            True,
            False,
            True,
        ]


def test_a_worker_killed_in_mid_crawl_loses_nothing(world: World, portal: PracticeServer) -> None:
    """
    Three workers, one killed while it asks: all are told once, its number is asked once more.
    """
    handed_over = world.clock.now - timedelta(days=20)
    slow = postal("slow")
    for number in NUMBERS:
        portal.set_events(number, [])
    with ExitStack() as stack:
        workers = [
            stack.enter_context(process("--role", "worker", "--carrier", "clevy")) for _ in range(3)
        ]
        stack.enter_context(process("--role", "deliver"))
        scheduler = stack.enter_context(process("--role", "scheduler"))
        world.take(order(slow, handed_over_at=handed_over))
        wait_for(lambda: asked(portal)[slow])
        dead = worker_that_asks(world, workers)
        children = descendants(dead.pid)
        os.killpg(dead.pid, signal.SIGKILL)
        for child in children:
            _kill(child)
        world.take(*(order(number, handed_over_at=handed_over) for number in NUMBERS))
        wait_for(lambda: all(world.looks(number) for number in NUMBERS))
        assert asked(portal) == dict.fromkeys(NUMBERS, 1) | {slow: 1}
        portal.set_events(slow, [])
        _let_leases_run_out(world)
        wait_for(lambda: len(world.alerts()) == len((slow, *NUMBERS)))
        survivors = [one for one in workers if one is not dead]
        for one in (*survivors, scheduler):
            one.send_signal(signal.SIGTERM)
        assert [one.wait(30) for one in (*survivors, scheduler)] == [0, 0, 0]
    assert asked(portal) == dict.fromkeys(NUMBERS, 1) | {slow: 2}
    # What came after a first message is told when its hour is over (promises.md R15).
    world.clock.now = datetime.now(UTC) + timedelta(minutes=61)
    world.watcher.deliver()
    assert lines_told(world) == Counter(
        {(recipient, number): 1 for recipient in (SELLER, "lagos") for number in (slow, *NUMBERS)}
    )


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _let_leases_run_out(world: World) -> None:
    """
    The minutes pass after which what a dead worker had claimed is free again.
    """
    with world.store.begin() as tx:
        past = datetime.now(UTC) - timedelta(seconds=1)
        claimed = parcels.c.lease_until.is_not(None)
        tx._connection.execute(update(parcels).where(claimed).values(lease_until=past))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--role", "worker"), "share the work over PostgreSQL only"),
        (("--role", "worker", "--once"), "leave out --role"),
        (("--carrier", "seko"), "--carrier goes with --role worker"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], sentence: str
) -> None:
    """
    Exit code 2, nothing done.
    """
    monkeypatch.chdir(tmp_path)
    ended = run_tracker("run", *options)
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert "Traceback" not in ended.err
