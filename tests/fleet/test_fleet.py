"""
Several processes share one PostgreSQL: nothing is lost when one dies, nobody is asked twice for it.
"""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_tracker
from tests.support.fleet import (
    asked,
    kill,
    let_leases_run_out,
    lines_told,
    process,
    wait_for,
    worker_that_asks,
)
from tests.support.portals import postal
from tests.support.world import (
    SELLER,
    ScriptedClock,
    ScriptedCrawl,
    opened_world,
    order,
    postal_number,
)
from tracker.daemon.steps import steps_of
from tracker.fleet.queue import Queue, prepare
from tracker.fleet.roles import steps_for
from tracker.model import CarrierName
from tracker.practice.server import start_practice
from tracker.vocabulary import ProcessRole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.world import World
    from tracker.practice.server import PracticeServer

NUMBERS = [postal_number(serial) for serial in range(47312001, 47312013)]


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
        kill(dead)
        world.take(*(order(number, handed_over_at=handed_over) for number in NUMBERS))
        wait_for(lambda: all(world.looks(number) for number in NUMBERS))
        assert asked(portal) == dict.fromkeys(NUMBERS, 1) | {slow: 1}
        portal.set_events(slow, [])
        let_leases_run_out(world)
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
