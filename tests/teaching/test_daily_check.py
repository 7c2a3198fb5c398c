"""
The daily check of a portal: when it is made, in a process of its own, and what comes of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.world import ScriptedClock, ScriptedCrawl, opened_world, order, postal_number
from tracker.access import accesses_of
from tracker.model import CarrierName
from tracker.practice.server import PracticeServer, start_practice
from tracker.probing.daily import CheckEnded, PortalCheck, failure_in
from tracker.probing.onelook import NOBODYS
from tracker.processes import descendants
from tracker.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.world import World
    from tracker.store.health import CarrierState

CLEVY = CarrierName.CLEVY
NUMBER = postal_number(47312482)
#: ``tracker run`` that checks at once.
RUN = """
import tracker.daemon.steps as metronome
from tracker.cli import main
metronome.CHECK_AFTER_SECONDS = 0
main()
"""


@pytest.fixture
def portal() -> Iterator[PracticeServer]:
    """
    A portal on which the watched number shows nothing yet.
    """
    with start_practice() as server:
        server.set_events(NUMBER, [])
        yield server


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portal: PracticeServer
) -> Iterator[World]:
    """
    A watcher with one parcel at Clevy's.
    """
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, portal=portal) as opened:
        opened.take(order(NUMBER))
        yield opened


def state(world: World, carrier: CarrierName = CLEVY) -> CarrierState:
    """
    What is on record of the carrier.
    """
    with world.store.read() as tx:
        return tx.health.carrier(carrier)


def asked(portal: PracticeServer) -> list[str]:
    """
    Every number the portal was asked for.
    """
    return [number for request in list(portal.requests) for number in request.numbers]


def wait_for(fact: Callable[[], object], seconds: float = 60) -> None:
    """
    Returns when the fact is true; fails when it does not come true.
    """
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def test_a_watched_portal_is_checked_once_a_day(world: World, portal: PracticeServer) -> None:
    """
    One request, the result on record, and again the next day; where nothing is watched, none.
    """
    world.watcher.check_portals()
    assert asked(portal) == [NOBODYS[CLEVY]]
    assert (state(world).checked_at, state(world).check_failure) == (world.clock.now, None)
    assert state(world, CarrierName.SEKO).checked_at is None
    world.clock.now += timedelta(hours=23)
    world.watcher.check_portals()
    assert asked(portal) == [NOBODYS[CLEVY]]
    world.clock.now += timedelta(hours=1)
    world.watcher.check_portals()
    assert asked(portal) == [NOBODYS[CLEVY]] * 2
    with world.store.read() as tx:
        assert [beat.ok for beat in tx.health.beats() if beat.name == "check"] == [True]


def test_a_carrier_that_cools_down_is_left_alone(world: World, portal: PracticeServer) -> None:
    """
    No check while the carrier must not be asked (promises.md R22).
    """
    now = world.clock.now
    with world.store.begin() as tx:
        tx.health.cool_down(CLEVY, now, now + timedelta(minutes=15), "429")
    world.watcher.check_portals()
    assert asked(portal) == []
    assert state(world).checked_at is None


def test_a_failure_is_kept_and_tried_again_in_an_hour(
    world: World, portal: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The step and its sentence are on record; the hour after, a good check ends it.
    """
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__PASSWORD", "wrong")
    world.watcher.check_portals()
    failure = state(world).check_failure
    assert failure is not None
    assert failure.startswith("answers: blocked: credentials")
    assert "wrong" not in failure
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__PASSWORD", "practice")
    world.clock.now += timedelta(minutes=59)
    world.watcher.check_portals()
    assert state(world).check_failure == failure
    world.clock.now += timedelta(minutes=1)
    world.watcher.check_portals()
    assert state(world).check_failure is None


def test_a_configuration_that_cannot_be_read_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A check that does not even begin says why in the user error's own words.
    """
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__BATCH_SIZE", "many")
    world.watcher.check_portals()
    failure = state(world).check_failure
    assert failure is not None
    assert failure.startswith("the check itself: ")
    assert "batch_size" in failure


def test_a_check_that_hangs_is_ended(
    portal: PracticeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """
    Past its limit it is a failure, and nothing of it lives on.
    """
    monkeypatch.chdir(tmp_path)
    for name, value in portal.environment().items():
        monkeypatch.setenv(name, value)
    portal.set_scenario(NOBODYS[CLEVY], "slow")
    access = accesses_of(load_settings())[CLEVY]
    before = set(descendants(os.getpid()))
    failure = PortalCheck().run(access, seconds=4)
    assert failure == "the whole check: it overran its 4 s and was ended."
    assert set(descendants(os.getpid())) - before == set()


def test_a_stop_ends_the_check_and_nothing_is_recorded(
    world: World, portal: PracticeServer
) -> None:
    """
    A daemon that stops does not wait for its check, and does not take its end for a failure.
    """
    portal.set_scenario(NOBODYS[CLEVY], "slow")
    running = threading.Thread(target=world.watcher.check_portals)
    running.start()
    wait_for(lambda: asked(portal))
    world.watcher.close()
    running.join(10)
    assert not running.is_alive()
    assert state(world).check_failure is None
    with pytest.raises(CheckEnded):
        world.watcher._check.run(accesses_of(world.settings)[CLEVY])


def test_the_daemon_makes_the_check(world: World, portal: PracticeServer) -> None:
    """
    ``tracker run`` checks by itself, loads no browser library for it, and stops well.
    """
    running = subprocess.Popen(
        [sys.executable, "-c", RUN, "run"], env=os.environ | {"TRACKER_WEB__ENABLED": "false"}
    )
    try:
        wait_for(lambda: NOBODYS[CLEVY] in asked(portal))
        wait_for(lambda: "check" in beats(world))
        running.send_signal(signal.SIGTERM)
        assert running.wait(15) == 0
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()
    assert state(world).check_failure is None


def beats(world: World) -> set[str]:
    """
    The steps that have stamped a heartbeat well.
    """
    with world.store.read() as tx:
        return {beat.name for beat in tx.health.beats() if beat.ok}


@pytest.mark.parametrize(
    ("out", "err", "code", "told"),
    [
        ('{"step": "connects", "ok": true, "detail": ""}\n', "", 0, None),
        ("", "", 0, "the check itself: it ended with exit code 0"),
        ("", "Traceback\nValueError: x\n", 1, "the check itself: ValueError: x"),
        ("", "tracker: No such file.\n", 2, "the check itself: No such file."),
        ('{"step": "answers", "ok": false, "detail": "no."}\n', "", 1, "answers: no."),
        ('{"step": "connects", "ok": true, "detail": ""}\n', "", -9, "the check itself: it ended"),
    ],
)
def test_what_a_check_says(out: str, err: str, code: int, told: str | None) -> None:
    """
    A check that dies, says nothing or fails is a failure; only a whole good one is none.
    """
    found = failure_in(out, err, code)
    assert (found is None) == (told is None)
    assert (found or "").startswith(told or "")
