"""
Workers that race on one database: each number is asked once and each notice is sent once.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import TRACKER
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

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.world import World

NUMBERS = [postal_number(serial) for serial in range(47312001, 47312025)]


def race(workers: int) -> None:
    """
    That many ``tracker run --once`` started together, and all ended well.
    """
    running = [
        subprocess.Popen(
            [TRACKER, "run", "--once", "--json"],
            env=os.environ.copy(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(workers)
    ]
    for one in running:
        _, told = one.communicate(timeout=90)
        assert one.returncode == 0, told


@pytest.mark.parametrize(("engine", "workers"), [("sqlite", 2), ("sqlite", 4), ("postgresql", 4)])
def test_p3_racing_workers_look_once_and_tell_once(
    engine: str,
    workers: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """
    Two dozen late parcels, several rounds at once: one look each, one line each to everybody.
    """
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with (
        start_practice() as portal,
        opened_world(
            tmp_path,
            monkeypatch,
            clock,
            crawls=crawls,
            portal=portal,
            database_url=url,
            watch='send_window = "always"',
        ) as world,
    ):
        for number in NUMBERS:
            portal.set_events(number, [])
        handed_over = clock.now - timedelta(days=20)
        world.take(*(order(number, handed_over_at=handed_over) for number in NUMBERS))
        race(workers)
        asked = Counter(number for one in portal.requests for number in one.numbers)
        assert asked == dict.fromkeys(NUMBERS, 1)
        assert all(len(world.looks(number)) == 1 for number in NUMBERS)
        assert len({(one.channel, one.recipient) for one in world.arrived}) == 2
        tell_the_rest(world)
        assert lines_told(world) == {
            (recipient, f"raise_claim first {number}"): 1
            for recipient in (SELLER, "lagos")
            for number in NUMBERS
        }


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_two_imports_of_the_same_new_parcels_add_them_once(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """
    Four processes take one file at once: each row is added by one and known to the others.
    """
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    rows = "\n".join(f"9{serial},{number}" for serial, number in enumerate(NUMBERS))
    (tmp_path / "orders.csv").write_text(f"Order Number,Tracking Number\n{rows}\n")
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, database_url=url) as world:
        command = [TRACKER, "orders", "import", str(tmp_path / "orders.csv"), "--json"]
        running = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        told = [one.communicate(timeout=90) for one in running]
        assert [one.returncode for one in running] == [0] * 4, told
        added = [json.loads(out.splitlines()[-1])["added"] for out, _ in told]
        assert sorted(added) == [0, 0, 0, len(NUMBERS)]
        with world.store.read() as tx:
            assert tx.parcels.count() == len(NUMBERS)


def tell_the_rest(world: World) -> None:
    """
    What came after the first message is told when its hour is over (promises.md R15).
    """
    world.clock.now = datetime.now(UTC) + timedelta(minutes=61)
    world.watcher.deliver()


def lines_told(world: World) -> Counter[tuple[str, str]]:
    """
    How often each recipient read each notice on each number.
    """
    told: Counter[tuple[str, str]] = Counter()
    for one in world.arrived:
        for line in world._lines(one.reference):
            what = f"{line['kind']} {line['notice']} {line['tracking_number']}"
            told[one.recipient, what] += 1
    return told
