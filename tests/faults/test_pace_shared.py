"""
Several processes on one database ask a carrier no faster together than its pace (promises.md R22).
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import TRACKER
from tests.support.world import (
    ScriptedClock,
    ScriptedCrawl,
    opened_world,
    order,
    postal_number,
)
from tracker.model import CarrierName
from tracker.practice.server import start_practice

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.practice.server import PracticeServer

NUMBERS = [postal_number(serial) for serial in range(47312001, 47312031)]
PER_MINUTE = 120
BATCH = 2
#: A request reaches the log a little after its slot: what a busy machine delays cannot be asserted.
WINDOW = timedelta(seconds=5)
AT_MOST = PER_MINUTE * WINDOW.total_seconds() / 60
#: Two crawls' worth, so that two processes ask at the same time.
MANY = [postal_number(serial) for serial in range(47313001, 47313049)]


def most_within_window(portal: PracticeServer) -> int:
    """
    The most requests that came within one window.
    """
    instants = sorted(one.at for one in portal.requests)
    return max(sum(first <= one < first + WINDOW for one in instants) for first in instants)


@pytest.mark.parametrize(("engine", "workers"), [("sqlite", 2), ("sqlite", 4), ("postgresql", 4)])
def test_processes_share_one_pace(
    engine: str,
    workers: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """
    Rounds started together ask each number once, and in no five seconds more than the pace allows.
    """
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with (
        start_practice() as portal,
        opened_world(
            tmp_path, monkeypatch, clock, crawls=crawls, portal=portal, database_url=url
        ) as world,
    ):
        monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__REQUESTS_PER_MINUTE", str(PER_MINUTE))
        for number in NUMBERS:
            portal.set_events(number, [])
        world.take(*(order(number) for number in NUMBERS))
        running = [
            subprocess.Popen([TRACKER, "run", "--once"], env=os.environ.copy())
            for _ in range(workers)
        ]
        assert [one.wait(timeout=180) for one in running] == [0] * workers
        asked = Counter(number for one in portal.requests for number in one.numbers)
        assert asked == dict.fromkeys(NUMBERS, 1)
        assert most_within_window(portal) <= AT_MOST + workers


def test_retries_keep_to_the_shared_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Where every batch fails once and then leaves numbers out, two processes ask as fast as one.
    """
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with (
        start_practice() as portal,
        opened_world(tmp_path, monkeypatch, clock, crawls=crawls, portal=portal) as world,
    ):
        monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__REQUESTS_PER_MINUTE", str(PER_MINUTE))
        for number, name in zip(MANY, cycle(("busy-once", "skipped-in-batch")), strict=False):
            portal.set_scenario(number, name)
        world.take(*(order(number) for number in MANY))
        running = [
            subprocess.Popen([TRACKER, "run", "--once"], env=os.environ.copy()) for _ in range(2)
        ]
        # 1: where no slot was free before the end of a look, its trouble is told without a retry.
        assert {one.wait(timeout=240) for one in running} <= {0, 1}
        assert {number for one in portal.requests for number in one.numbers} == set(MANY)
        assert len(portal.requests) > 2 * len(MANY) / BATCH  # there were retries to be paced
        assert most_within_window(portal) <= AT_MOST + 2
