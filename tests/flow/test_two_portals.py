"""
A doubtful parcel: both portals are asked, a scan on either counts, an alert needs proof from both.

contract.md, "Service and carrier of a parcel". Both carriers answer from scripts.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.support.world import (
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.daemon.rounds import run_once
from tracker.model import (
    AlertKind,
    CarrierName,
    ClosedBecause,
    Outcome,
    ParcelState,
    ScanEvent,
    Stage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.world import World

SEKO, CLEVY = CarrierName.SEKO, CarrierName.CLEVY
#: A dropshipping number in an order whose service text says postal.
NUMBER = ds_number(319365323)
HANDED_OVER = at("2026-11-16 16:00")
STEP = timedelta(minutes=10)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """
    Ten minutes before the deadline of the doubtful parcel; both portals know of nothing yet.
    """
    clock = ScriptedClock(at("2026-11-17 23:50"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls) as opened:
        yield opened


def take(world: World) -> None:
    """
    The order is imported: its number is a dropshipping one, its service text postal.
    """
    world.take(order(NUMBER, handed_over_at=HANDED_OVER, service_text="Economy Shipping"))


def portal(world: World, carrier: CarrierName) -> ScriptedCrawl:
    """
    The carrier's script.
    """
    crawl = world.watcher._crawls[carrier]
    assert isinstance(crawl, ScriptedCrawl)
    return crawl


def alerts(world: World, kind: AlertKind) -> list[ClosedBecause | None]:
    """
    How the alerts of that kind ended; ``None``: open.
    """
    return [one.closed_because for one in world.alerts() if one.kind is kind]


def scan(when: str) -> ScanEvent:
    """
    An arrival scan.
    """
    return ScanEvent(
        occurred_at=at(when),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=Stage.RECEIVED,
        is_scan=True,
        code=None,
        text="Parcel received and accepted",
        location=None,
    )


def test_both_portals_are_asked_one_after_the_other(world: World) -> None:
    """
    Each look at the parcel's own portal is followed at once by one at the other.
    """
    take(world)
    parcel = world.parcel(NUMBER)
    assert (parcel.carrier, parcel.second_carrier) == (CLEVY, SEKO)
    world.run_until(at("2026-11-18 20:00"), STEP)
    asked = {one: [when for when, _ in portal(world, one).asked] for one in CarrierName}
    assert len(asked[CLEVY]) >= 5
    assert len(asked[CLEVY]) == len(asked[SEKO])
    pairs = zip(asked[CLEVY], asked[SEKO], strict=True)
    assert all(timedelta(0) <= second - first <= STEP for first, second in pairs)


def test_a_scan_at_the_second_portal_counts(world: World) -> None:
    """
    Scanned at Seko's only: no alert, and from then on only that portal is asked.
    """
    portal(world, SEKO).tell(NUMBER, "2026-11-01 00:00", (scan("2026-11-17 10:00"),))
    take(world)
    world.run_until(at("2026-11-19 12:00"), STEP)
    assert world.parcel(NUMBER).state is ParcelState.SCANNED
    assert world.arrived == []
    assert len(portal(world, CLEVY).asked) == 1
    assert len(portal(world, SEKO).asked) > 1


@pytest.mark.parametrize("unread", [SEKO, CLEVY])
def test_no_proof_from_one_portal_is_unverified(world: World, unread: CarrierName) -> None:
    """
    One portal says "nothing yet" and the other cannot be read: no alert accuses anybody.
    """
    for carrier in CarrierName:
        answer = Outcome.UNREADABLE if carrier is unread else ()
        portal(world, carrier).tell(NUMBER, "2026-11-01 00:00", answer)
    take(world)
    world.run_until(at("2026-11-18 20:00"), STEP)
    assert world.parcel(NUMBER).state is ParcelState.UNVERIFIED
    assert alerts(world, AlertKind.RAISE_CLAIM) == alerts(world, AlertKind.URGE_SCAN) == []
    assert [content for _, _, content in world.told() if NUMBER in content] != []
    assert {content for _, _, content in world.told()} >= {f"unverified first {NUMBER}"}


def test_a_portal_that_fails_is_asked_at_its_own_pauses(world: World) -> None:
    """
    The other portal's answers do not make a failing one be asked more often, nor the reverse.
    """
    portal(world, SEKO).tell(NUMBER, "2026-11-01 00:00", Outcome.UNREADABLE)
    portal(world, CLEVY).tell(NUMBER, "2026-11-01 00:00", ())
    take(world)
    world.run_until(at("2026-11-18 23:00"), timedelta(minutes=5))
    failing = [when for when, _ in portal(world, SEKO).asked]
    pauses = [after - before for before, after in pairwise(failing)]
    assert min(pauses) >= timedelta(minutes=10)
    assert len(failing) <= 14
    assert len(portal(world, CLEVY).asked) <= 8


def test_proof_from_both_opens_one_alert_once(world: World) -> None:
    """
    Both portals say no after the deadline: one claim, told once to each recipient.
    """
    portal(world, CLEVY).tell(NUMBER, "2026-11-01 00:00", ())
    take(world)
    world.run_until(at("2026-11-18 20:00"), STEP)
    assert alerts(world, AlertKind.RAISE_CLAIM) == [None]
    told = [what for what in world.told() if "raise_claim" in what[2]]
    assert len(told) == len(set(told)) == 2


def test_a_portal_that_cools_down_passes_its_turn(world: World) -> None:
    """
    While the parcel's own portal cools down the other is asked, and its scan is seen.
    """
    portal(world, SEKO).tell(NUMBER, "2026-11-18 09:00", (scan("2026-11-18 08:50"),))
    take(world)
    now = world.clock()
    with world.store.begin() as tx:
        tx.health.cool_down(CLEVY, now, now + timedelta(hours=20), "403")
    world.run_until(at("2026-11-18 18:00"), STEP)
    assert portal(world, CLEVY).asked == []
    assert 2 <= len(portal(world, SEKO).asked) <= 8
    assert world.parcel(NUMBER).scanned


def test_a_portal_that_cools_down_after_the_other_was_asked_holds_nothing_up(
    world: World,
) -> None:
    """
    The second portal must not be asked all day: the first goes on at its own pace, unverified.
    """
    portal(world, CLEVY).tell(NUMBER, "2026-11-01 00:00", ())
    take(world)
    now = world.clock()
    with world.store.begin() as tx:
        tx.health.cool_down(SEKO, now, now + timedelta(hours=20), "403")
    world.run_until(at("2026-11-18 18:00"), STEP)
    assert portal(world, SEKO).asked == []
    assert 3 <= len(portal(world, CLEVY).asked) <= 8
    assert world.parcel(NUMBER).state is ParcelState.UNVERIFIED


def test_one_full_round_asks_both(world: World) -> None:
    """
    ``run --once`` has the proof of both portals in one round and opens the alert.
    """
    portal(world, CLEVY).tell(NUMBER, "2026-11-01 00:00", ())
    world.clock.now = at("2026-11-18 09:00")
    take(world)
    outcome = run_once(world.watcher, lambda _: None)
    assert (outcome.looked, outcome.opened) == (2, 1)
    again = run_once(world.watcher, lambda _: None)
    assert (again.looked, again.opened) == (0, 0)


def test_a_later_file_without_the_fields_keeps_the_doubt(world: World) -> None:
    """
    An export that names neither service nor station settles nothing; one that agrees does.
    """
    take(world)
    world.take(order(NUMBER, handed_over_at=HANDED_OVER, courier="SF"))
    assert world.parcel(NUMBER).carriers == (CLEVY, SEKO)
    world.take(order(NUMBER, handed_over_at=HANDED_OVER, service_text="Dropshipping"))
    assert world.parcel(NUMBER).carriers == (SEKO,)
