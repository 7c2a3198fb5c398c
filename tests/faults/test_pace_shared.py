"""
Several processes on one database ask a carrier no faster together than its pace (promises.md R22).
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
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

NUMBERS = [postal_number(serial) for serial in range(47312001, 47312031)]
PER_MINUTE = 120
#: A request reaches the log a little after its slot: what a busy machine delays cannot be asserted.
WINDOW = timedelta(seconds=5)
AT_MOST = PER_MINUTE * WINDOW.total_seconds() / 60


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
        instants = sorted(one.at for one in portal.requests)
        for first in instants:
            within = [one for one in instants if first <= one < first + WINDOW]
            assert len(within) <= AT_MOST + workers
