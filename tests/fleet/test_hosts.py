"""
Hosts that share nothing but the database: no folder, no configuration file, no process group.
"""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.support.fleet import (
    asked,
    hosts,
    kill,
    let_leases_run_out,
    lines_told,
    most_within,
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
from tracker.model import CarrierName
from tracker.polling.leasing import OWN_CANARIES, REQUESTS_PER_CRAWL
from tracker.practice.server import start_practice

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.world import World
    from tracker.practice.server import PracticeServer

#: Three crawls' worth at one number a request, so that both hosts that are left have to ask.
NUMBERS = [
    postal_number(serial)
    for serial in range(47314001, 47314001 + 3 * (REQUESTS_PER_CRAWL - OWN_CANARIES))
]
LATER = [postal_number(serial) for serial in range(47315001, 47315004)]
PER_MINUTE = 240
#: A request reaches the log a little after its slot: what a busy machine delays cannot be asserted.
WINDOW = timedelta(seconds=5)
AT_MOST = PER_MINUTE * WINDOW.total_seconds() / 60


def test_three_hosts_share_nothing_but_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    """
    One is killed while it asks: nothing is lost, and pace and cool-down hold across all of them.
    """
    clock = ScriptedClock(datetime.now(UTC))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    slow, refused = postal("slow"), postal("too-many")
    with ExitStack() as stack:
        portal = stack.enter_context(start_practice(slow_seconds=300))
        world = stack.enter_context(
            opened_world(
                tmp_path,
                monkeypatch,
                clock,
                crawls=crawls,
                portal=portal,
                database_url=postgres_url,
                watch='send_window = "always"',
            )
        )
        centre, *machines = stack.enter_context(
            hosts(
                4,
                tmp_path,
                world,
                portal,
                TRACKER_CARRIERS__CLEVY__TIMEOUT_SECONDS="120",
                TRACKER_CARRIERS__CLEVY__REQUESTS_PER_MINUTE=str(PER_MINUTE),
            )
        )
        workers = {
            host.door: stack.enter_context(host.run("--role", "worker", "--carrier", "clevy"))
            for host in machines
        }
        stack.enter_context(centre.run("--role", "deliver"))
        stack.enter_context(centre.run("--role", "scheduler"))
        late = datetime.now(UTC) - timedelta(days=20)
        for number in (*NUMBERS, *LATER):
            portal.set_events(number, [])

        world.take(order(slow, handed_over_at=late))
        wait_for(lambda: asked(portal)[slow])
        dead = worker_that_asks(world, list(workers.values()))
        kill(dead)
        world.take(*(order(number, handed_over_at=late) for number in NUMBERS))
        wait_for(lambda: all(world.looks(number) for number in NUMBERS))
        assert asked(portal) == dict.fromkeys(NUMBERS, 1) | {slow: 1}
        assert len({_door(portal, number) for number in NUMBERS}) > 1
        portal.set_events(slow, [])
        let_leases_run_out(world)
        wait_for(lambda: len(world.alerts()) == len((slow, *NUMBERS)))
        assert asked(portal) == dict.fromkeys(NUMBERS, 1) | {slow: 2}
        assert most_within(portal, WINDOW) <= AT_MOST + len(workers)

        world.take(order(refused))
        wait_for(lambda: _cools(world))
        told_off = workers[_door(portal, refused)]
        world.take(*(order(number) for number in LATER))
        told_off.send_signal(signal.SIGTERM)
        assert told_off.wait(30) == 0
        # Only one that was never refused is left: it looks for work twice and asks nothing.
        for _ in range(2):
            since = datetime.now(UTC)
            wait_for(lambda since=since: _polled_at(world) > since)
        assert not asked(portal).keys() & set(LATER)
        (left,) = [one for one in workers.values() if one not in (dead, told_off)]
        left.send_signal(signal.SIGTERM)
        assert left.wait(30) == 0
        # What came after a first message is told when its hour is over (promises.md R15).
        world.clock.now = datetime.now(UTC) + timedelta(minutes=61)
        world.watcher.deliver()
        assert lines_told(world) == Counter(
            {
                (recipient, number): 1
                for recipient in (SELLER, "lagos")
                for number in (slow, *NUMBERS)
            }
        )


def _door(portal: PracticeServer, number: str) -> int:
    """
    The port of the host that asked about the number last.
    """
    asking = [one for one in list(portal.requests) if number in one.numbers]
    return int(asking[-1].headers["Host"].rpartition(":")[2])


def _cools(world: World) -> bool:
    with world.store.read() as tx:
        return tx.health.is_cooling(CarrierName.CLEVY, datetime.now(UTC))


def _polled_at(world: World) -> datetime:
    """
    When a worker last looked for numbers to ask.
    """
    with world.store.read() as tx:
        return next(beat.at for beat in tx.health.beats() if beat.name == "poll:clevy")
