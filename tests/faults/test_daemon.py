"""
``tracker run`` as a process: it watches, it stops in time, and it leaves nothing behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.portals import ds, postal
from tests.support.world import (
    SELLER,
    ScriptedClock,
    ScriptedCrawl,
    opened_world,
    order,
    postal_number,
)
from tracker.model import CarrierName
from tracker.practice.server import start_practice
from tracker.processes import descendants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.world import World
    from tracker.practice.server import PracticeServer

LATE = postal_number(47312482)
#: ``tracker run`` with a quicker metronome, so that no test waits for a tick.
RUN = """
import tracker.daemon.steps as metronome
from tracker.cli import main
metronome.POLL_SECONDS = metronome.DECIDE_SECONDS = metronome.DELIVER_SECONDS = 1
main()
"""


@pytest.fixture
def portal() -> Iterator[PracticeServer]:
    """
    A portal on which one number shows nothing yet and slow ones never answer.
    """
    with start_practice(slow_seconds=120) as server:
        server.set_events(LATE, [])
        yield server


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portal: PracticeServer
) -> Iterator[World]:
    """
    The configuration, the store and the inboxes that the daemons share.
    """
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(
        tmp_path,
        monkeypatch,
        clock,
        crawls=crawls,
        portal=portal,
        watch='send_window = "always"',
        extra="[carriers.seko]\ntimeout_seconds = 120\n[web]\nenabled = false\n",
    ) as opened:
        yield opened


@contextmanager
def daemon() -> Iterator[subprocess.Popen[str]]:
    """
    ``tracker run``; killed at the end of the block if it still runs.
    """
    running = subprocess.Popen(
        [sys.executable, "-c", RUN, "run"], env=os.environ.copy(), stderr=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.communicate()


def wait_for(fact: Callable[[], object], seconds: float = 60) -> None:
    """
    Returns when the fact is true; fails when it does not come true.
    """
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def stop(running: subprocess.Popen[str], seconds: float = 10) -> int:
    """
    The exit code after SIGTERM; fails when the daemon needs longer.
    """
    running.send_signal(signal.SIGTERM)
    return running.wait(seconds)


def lives(pid: int) -> bool:
    """
    Whether the process runs (a zombie does not).
    """
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - /proc is Linux's own
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def asked(portal: PracticeServer, number: str) -> bool:
    """
    Whether the portal was asked about the number.
    """
    return any(number in request.numbers for request in list(portal.requests))


@pytest.mark.parametrize("number", [postal("slow"), ds("slow")])
def test_sigterm_stops_it_while_a_look_is_under_way(
    world: World, portal: PracticeServer, number: str
) -> None:
    """
    A look that never ends does not hold up the stop: exit 0 within 10 s, no child, no browser.
    """
    world.take(order(number))
    with daemon() as running:
        wait_for(lambda: asked(portal, number))
        children = descendants(running.pid)
        assert children
        assert stop(running) == 0
        wait_for(lambda: not any(lives(pid) for pid in children), 5)
    assert world.looks(number) == ()


def test_it_tells_beats_and_stops(world: World) -> None:
    """
    The late parcel is told, every step has stamped its heartbeat, and SIGTERM is exit 0.
    """
    world.take(order(LATE, handed_over_at=world.clock.now - timedelta(days=20)))
    with daemon() as running:
        wait_for(lambda: len(world.arrived) == 2)
        wait_for(lambda: {"poll:seko", "poll:clevy", "decide", "deliver"} <= beats(world))
        assert stop(running) == 0
    assert {one.recipient for one in world.arrived} == {SELLER, "lagos"}


def beats(world: World) -> set[str]:
    """
    The steps that have stamped a heartbeat well.
    """
    with world.store.read() as tx:
        return {beat.name for beat in tx.health.beats() if beat.ok}


def test_a_second_instance_is_harmless(world: World, portal: PracticeServer) -> None:
    """
    Two daemons on one database: one look, one message to each recipient, both stop well.
    """
    world.take(order(LATE, handed_over_at=world.clock.now - timedelta(days=20)))
    with daemon() as first, daemon() as second:
        wait_for(lambda: len(world.arrived) >= 2)
        assert [stop(first), stop(second)] == [0, 0]
    assert sorted(one.recipient for one in world.arrived) == sorted([SELLER, "lagos"])
    assert sum(LATE in request.numbers for request in portal.requests) == 1


def test_killed_and_started_again_it_goes_on(world: World, portal: PracticeServer) -> None:
    """
    After ``kill -9`` in the middle of a look a new daemon starts on the same database and tells.
    """
    world.take(order(postal("slow")))
    with daemon() as running:
        wait_for(lambda: asked(portal, postal("slow")))
        children = descendants(running.pid)
        running.kill()
        running.wait()
        wait_for(lambda: not any(lives(pid) for pid in children), 30)
    world.take(order(LATE, handed_over_at=world.clock.now - timedelta(days=20)))
    with daemon() as again:
        wait_for(lambda: len(world.arrived) == 2)
        assert stop(again) == 0
