"""
P2 and P3 of promises.md: a crash at any named instant loses nothing and repeats at most once.

A process of its own runs one full round (``tracker run --once``) against a practice portal, a mail
server and a webhook, and dies at the armed point as if killed by signal 9. Then the round is run
again, at once and after every lease has run out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.world import (
    SELLER,
    RealCrawl,
    ScriptedClock,
    ScriptedCrawl,
    World,
    opened_world,
    order,
    postal_number,
)
from tracker.crashpoints import EXIT_CODE, CrashPoint
from tracker.crawl import CrawlProcess
from tracker.daemon.rounds import run_once
from tracker.daemon.watcher import Watcher
from tracker.model import AlertKind, CarrierName, Outcome
from tracker.practice.server import start_practice
from tracker.status.liveness import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.practice.server import PracticeServer

NUMBER = postal_number(47312482)
LEASES_OVER = timedelta(minutes=30)
EVERYBODY = {("email", SELLER), ("slack", "lagos")}

CRASHING_ROUND = """
import sys
from tracker.crashpoints import CrashPoint, arm
from tracker.cli import main
arm(CrashPoint(sys.argv.pop()))
main()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """
    What is there right after the crash, and how many messages arrive twice in the end.
    """

    looks: int = 0
    alerts: int = 0
    arrived: int = 0
    repeats: int = 0


MATRIX = {
    CrashPoint.CLAIMED_LOOKS: After(),
    CrashPoint.ASKED_CARRIER: After(),
    CrashPoint.JUDGED_ROUND: After(),
    CrashPoint.RECORDING_LOOK: After(),
    CrashPoint.RECORDED_LOOKS: After(looks=1),
    CrashPoint.OPENING_ALERT: After(looks=1),
    CrashPoint.OPENED_ALERT: After(looks=1, alerts=1),
    CrashPoint.CLAIMING_DELIVERY: After(looks=1, alerts=1),
    CrashPoint.CLAIMED_DELIVERY: After(looks=1, alerts=1),
    CrashPoint.SENT_MESSAGE: After(looks=1, alerts=1, arrived=1, repeats=1),
    CrashPoint.MARKING_SENT: After(looks=1, alerts=1, arrived=1, repeats=1),
    CrashPoint.MARKED_SENT: After(looks=1, alerts=1, arrived=1),
}
DELIVERY_POINTS = [
    CrashPoint.CLAIMED_DELIVERY,
    CrashPoint.SENT_MESSAGE,
    CrashPoint.MARKING_SENT,
]


@pytest.fixture(scope="module")
def clevy_child() -> Iterator[CrawlProcess]:
    """
    The child that really asks Clevy's API, for the rounds after the crash.
    """
    with CrawlProcess(CarrierName.CLEVY) as process:
        yield process


@pytest.fixture
def portal() -> Iterator[PracticeServer]:
    """
    A portal that knows the number and shows nothing yet.
    """
    with start_practice() as server:
        server.set_events(NUMBER, [])
        yield server


def test_every_crash_point_has_its_row() -> None:
    """
    A new crash point without a row in the matrix fails the suite.
    """
    assert set(MATRIX) == set(CrashPoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    Where a round crashes and what the next rounds use.
    """

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    portal: PracticeServer
    child: CrawlProcess


@pytest.fixture
def scene(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    portal: PracticeServer,
    clevy_child: CrawlProcess,
) -> Scene:
    """
    A portal, a child for the rounds after the crash, a folder for the configuration.
    """
    return Scene(folder=tmp_path, monkeypatch=monkeypatch, portal=portal, child=clevy_child)


@pytest.mark.parametrize("point", CrashPoint)
def test_p2_a_crash_loses_nothing(point: CrashPoint, scene: Scene) -> None:
    """
    Killed at the point, the next rounds tell everybody, at most twice and then recognisably.
    """
    check(point, scene, database_url=None)


@pytest.mark.parametrize("point", DELIVERY_POINTS)
def test_p2_a_crash_loses_nothing_on_postgresql(
    point: CrashPoint, scene: Scene, postgres_url: str
) -> None:
    """
    The same on PostgreSQL, for the points around sending and marking.
    """
    check(point, scene, database_url=postgres_url)


def check(point: CrashPoint, scene: Scene, *, database_url: str | None) -> None:
    """
    One row of the matrix.
    """
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {
        CarrierName.CLEVY: RealCrawl(scene.child, clock),
        CarrierName.SEKO: ScriptedCrawl(CarrierName.SEKO, clock),
    }
    with opened_world(
        scene.folder,
        scene.monkeypatch,
        clock,
        crawls=crawls,
        portal=scene.portal,
        database_url=database_url,
        watch='send_window = "always"',
    ) as world:
        world.take(order(NUMBER, handed_over_at=clock.now - timedelta(days=20)))
        crash(point)
        found = After(
            looks=len(world.looks(NUMBER)),
            alerts=len(world.alerts()),
            arrived=len(world.arrived),
            repeats=MATRIX[point].repeats,
        )
        assert found == MATRIX[point]
        seen_before = {look.id for look in world.looks(NUMBER)}
        run_again(world)
        clock.now = datetime.now(UTC) + LEASES_OVER
        run_again(world)
        assert_nothing_lost(world, seen_before)
        assert_told(world, repeats=MATRIX[point].repeats)
        assert 1 <= sum(NUMBER in asked.numbers for asked in scene.portal.requests) <= 2


def crash(point: CrashPoint) -> None:
    """
    One full round in a process of its own died at the point.
    """
    ended = subprocess.run(
        [sys.executable, "-c", CRASHING_ROUND, "run", "--once", point.value],
        env=os.environ.copy(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == EXIT_CODE, f"{point} was never reached:\n{ended.stderr}"


def run_again(world: World) -> None:
    """
    One full round by a new watcher, unarmed.
    """
    old = world.watcher
    again = Watcher(old.settings, old.store, old.clock, mode=ONCE, crawls=old._crawls)
    outcome = run_once(again, lambda _: None)
    assert outcome.problems == ()
    assert outcome.failed_deliveries == 0


def assert_nothing_lost(world: World, seen_before: set[int]) -> None:
    """
    The alert is stored with its proof, and so is every look that was stored before.
    """
    (alert,) = world.alerts()
    assert alert.kind is AlertKind.RAISE_CLAIM
    assert alert.proof is not None
    looks = world.looks(NUMBER)
    assert {look.id for look in looks} >= seen_before
    assert {look.outcome for look in looks} == {Outcome.NO_EVENTS}


def assert_told(world: World, *, repeats: int) -> None:
    """
    Everybody was told once, or twice under one reference and then worded as a possible repeat.
    """
    times = Counter((one.channel, one.recipient) for one in world.arrived)
    assert set(times) == EVERYBODY
    assert sum(times.values()) == len(EVERYBODY) + repeats
    assert max(times.values()) <= 2
    for channel, recipient in times:
        same = [
            one for one in world.arrived if (one.channel, one.recipient) == (channel, recipient)
        ]
        assert len({one.reference for one in same}) == 1
        assert [one.repeat for one in same[1:]] == [True] * (len(same) - 1)
    with world.store.read() as tx:
        assert tx.outbox.state().pending == 0
