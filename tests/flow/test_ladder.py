"""
Parcels on every rung of the ladder, from the urging to the closed claim, on a scripted clock.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.world import (
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.acting.marking import Marker
from tracker.model import (
    AlertKind,
    AlertState,
    CarrierName,
    ClaimAnswer,
    ClosedBecause,
    Outcome,
    ScanEvent,
    SellerStatus,
    Stage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.support.world import World
    from tracker.model import Alert

    MakeWorld = Callable[..., AbstractContextManager[World]]

DS = ds_number(319365323)
POSTAL = postal_number(47312482)
HALF_HOUR = timedelta(minutes=30)
CASE = "12345678"


@pytest.fixture
def world_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeWorld:
    """
    Opens a world whose carriers know every number and show nothing, until they are told otherwise.
    """

    @contextmanager
    def make(start: str, **options: Any) -> Iterator[World]:
        clock = ScriptedClock(at(start))
        crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
        crawls[CarrierName.SEKO].tell(DS, "2026-01-01 00:00", ())
        crawls[CarrierName.CLEVY].tell(POSTAL, "2026-01-01 00:00", ())
        with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, **options) as world:
            yield world

    return make


def mark(world: World, kind: AlertKind, act: Callable[[Marker, Alert], None]) -> None:
    """
    A person does something about the open alerts of the kind, now.
    """
    with world.store.begin() as tx:
        marker = Marker(tx, world.watcher.deadlines, world.clock())
        for alert in tx.alerts.matching(kind=kind):
            act(marker, alert)


def urge(marker: Marker, alert: Alert) -> None:
    """
    Seko was urged.
    """
    marker.urge(alert)


def claim(marker: Marker, alert: Alert) -> None:
    """
    The claim was raised.
    """
    marker.claim(alert, CASE)


def story(world: World) -> list[tuple[str, str]]:
    """
    Each alert's kind and what became of it.
    """
    return [(one.kind.value, (one.closed_because or one.state).value) for one in world.alerts()]


def mailed(world: World) -> list[str]:
    """
    What the seller's mails told, in the order of arrival.
    """
    return [world.content(one) for one in world.arrived if one.channel == "email"]


def body(world: World) -> str:
    """
    The text of the last mail.
    """
    return [one.text for one in world.arrived if one.channel == "email"][-1]


def receipt(text: str) -> ScanEvent:
    """
    An arrival scan.
    """
    return ScanEvent(
        occurred_at=at(text),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=Stage.RECEIVED,
        is_scan=True,
        code=None,
        text="Parcel received and accepted",
        location="SHENZHEN",
    )


def test_a_ds_parcel_climbs_every_rung(world_on: MakeWorld) -> None:
    """
    Urged, claimed, followed up, asked by Jumia, answered, rejected: one alert after the other.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(DS, handed_over_at=at("2026-11-16 16:00")))
        world.run_until(at("2026-11-18 10:00"), HALF_HOUR)  # late since Wednesday 00:00
        mark(world, AlertKind.URGE_SCAN, urge)
        world.run_until(at("2026-11-19 11:00"), HALF_HOUR)  # one working day after the urging
        mark(world, AlertKind.RAISE_CLAIM, claim)
        world.run_until(at("2026-11-24 12:00"), HALF_HOUR)  # three working days: Tuesday 11:00
        mark(world, AlertKind.FOLLOW_UP_CLAIM, lambda to, one: to.answer(one, _INFO_NEEDED))
        world.run_until(at("2026-11-24 14:00"), HALF_HOUR)
        mark(world, AlertKind.ANSWER_CLAIM, claim)  # the seller answered under the same case
        world.run_until(at("2026-11-27 15:00"), HALF_HOUR)
        mark(world, AlertKind.FOLLOW_UP_CLAIM, lambda to, one: to.answer(one, _REJECTED))
        world.run_until(at("2026-12-02 10:00"), HALF_HOUR)

        assert story(world) == [
            ("urge_scan", "higher_rung"),
            ("raise_claim", "higher_rung"),
            ("follow_up_claim", "higher_rung"),
            ("answer_claim", "manual"),
            ("follow_up_claim", "manual"),
        ]
        assert mailed(world) == [
            f"urge_scan first {DS}",
            f"raise_claim first {DS}",
            f"follow_up_claim first {DS}",
            f"answer_claim first {DS}",
            f"follow_up_claim first {DS}",
        ]
        assert all(one.case_id == CASE for one in world.alerts() if one.kind in _AFTER_CLAIM)


_INFO_NEEDED, _REJECTED = ClaimAnswer.INFO_NEEDED, ClaimAnswer.REJECTED
_AFTER_CLAIM = {AlertKind.FOLLOW_UP_CLAIM, AlertKind.ANSWER_CLAIM}


def test_a_postal_parcel_starts_at_the_claim_and_is_followed_up(world_on: MakeWorld) -> None:
    """
    Claimed at once; the follow-up asks for the case; a scan ends it and is told.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(POSTAL, handed_over_at=at("2026-11-16 16:00")))
        world.run_until(at("2026-11-18 10:00"), HALF_HOUR)
        mark(world, AlertKind.RAISE_CLAIM, claim)
        world.run_until(at("2026-11-23 11:00"), HALF_HOUR)  # Saturday and Sunday do not count
        assert f"Case ID {CASE}" in body(world)
        assert "do not raise the same claim again" in body(world)
        crawl = world.watcher._crawls[CarrierName.CLEVY]
        crawl.tell(POSTAL, "2026-11-23 12:00", (receipt("2026-11-23 11:40"),))
        world.run_until(at("2026-11-23 19:00"), HALF_HOUR)
        assert story(world) == [("raise_claim", "higher_rung"), ("follow_up_claim", "scanned")]
        assert mailed(world) == [
            f"raise_claim first {POSTAL}",
            f"follow_up_claim first {POSTAL}",
            f"follow_up_claim resolved {POSTAL}",
        ]


def test_a_claim_without_an_answer_is_never_raised_again(world_on: MakeWorld) -> None:
    """
    However long it lasts: one claim, then follow-ups only.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(POSTAL, handed_over_at=at("2026-11-16 16:00")))
        world.run_until(at("2026-11-18 10:00"), HALF_HOUR)
        mark(world, AlertKind.RAISE_CLAIM, claim)
        world.run_until(at("2026-12-04 10:00"), timedelta(hours=2))
        claims = [one for one in mailed(world) if "raise_claim" in one]
        assert claims == [f"raise_claim first {POSTAL}"]
        assert f"follow_up_claim reminder-2026-12-03 {POSTAL}" in mailed(world)


def test_near_the_cancellation_the_first_message_gives_both_steps(world_on: MakeWorld) -> None:
    """
    Opened within two lead-time days of cancellation: urge now, and claim more lead time today.
    """
    with world_on("2026-11-12 18:00") as world:
        facts = {"created_at": at("2026-11-10 12:00"), "handed_over_at": at("2026-11-13 10:00")}
        world.take(order(DS, **facts))
        assert world.parcel(DS).auto_cancel_at == at("2026-11-17 12:00")
    with world_on("2026-11-12 18:00") as world:
        # Late on Tuesday 00:00; cancelled on Wednesday 12:00: more than one day, less than two.
        facts = {"created_at": at("2026-11-11 12:00"), "handed_over_at": at("2026-11-13 10:00")}
        world.take(order(DS, **facts))
        assert world.parcel(DS).auto_cancel_at == at("2026-11-18 12:00")
        world.run_until(at("2026-11-17 09:00"), HALF_HOUR)
        assert mailed(world) == [f"urge_scan first {DS}"]
        assert "Raise a claim for more lead time today as well" in body(world)
        assert "more lead time, English" in body(world)
        mark(world, AlertKind.URGE_SCAN, claim)
        world.run_until(at("2026-11-20 12:00"), HALF_HOUR)
        assert [kind for kind, _ in story(world)] == ["urge_scan", "follow_up_claim"]


def test_after_the_cancellation_nobody_is_told_that_days_are_left(world_on: MakeWorld) -> None:
    """
    Found on Monday morning, cancelled on Saturday: no more lead time is asked for an ended order.
    """
    with world_on("2026-11-13 18:00") as world:
        facts = {"created_at": at("2026-11-09 10:00"), "handed_over_at": at("2026-11-12 10:00")}
        world.take(order(DS, **facts))
        assert world.parcel(DS).auto_cancel_at == at("2026-11-16 10:00")
        world.run_until(at("2026-11-13 19:00"), HALF_HOUR, poll=False)
        world.clock.now = at("2026-11-16 10:30")
        world.run_until(at("2026-11-16 11:00"), HALF_HOUR)
        assert "Automatic cancellation was due at Mon 2026-11-16 10:00" in body(world)
        assert "may already have been cancelled" in body(world)
        assert "0 working days left" not in body(world)
        assert "more lead time" not in body(world)


def test_an_order_that_the_platform_calls_shipped_is_not_cancelled(world_on: MakeWorld) -> None:
    """
    Overdue after its scan: nothing is said of a cancellation long past.
    """
    with world_on("2026-11-16 18:00") as world:
        facts = {"created_at": at("2026-11-16 10:00"), "handed_over_at": at("2026-11-16 16:00")}
        world.take(order(DS, status=SellerStatus.READY_TO_SHIP, **facts))
        crawl = world.watcher._crawls[CarrierName.SEKO]
        crawl.tell(DS, "2026-11-17 10:30", (receipt("2026-11-17 10:00"),))
        world.run_until(at("2026-11-17 12:00"), HALF_HOUR)
        world.clock.now = at("2026-12-08 09:00")
        world.take(order(DS, status=SellerStatus.SHIPPED, **facts))
        world.run_until(at("2026-12-08 10:00"), HALF_HOUR)
        assert mailed(world)[-1] == f"overdue_delivery first {DS}"
        assert "cancellation" not in body(world)


def test_one_day_before_the_cancellation_nobody_waits_for_the_urging(world_on: MakeWorld) -> None:
    """
    Not urged at all: the claim opens one lead-time day before, and closes the urging.
    """
    with world_on("2026-11-12 18:00") as world:
        facts = {"created_at": at("2026-11-12 12:00"), "handed_over_at": at("2026-11-13 10:00")}
        world.take(order(DS, **facts))
        assert world.parcel(DS).auto_cancel_at == at("2026-11-19 12:00")
        world.run_until(at("2026-11-18 11:00"), HALF_HOUR)
        assert story(world) == [("urge_scan", "open")]
        world.run_until(at("2026-11-18 13:00"), HALF_HOUR)
        assert story(world) == [("urge_scan", "higher_rung"), ("raise_claim", "open")]
        assert "send the text for Seko's customer service today as well" in body(world)
        assert "Ready to send, English" in body(world)


def test_a_cancelled_parcel_keeps_its_claim(world_on: MakeWorld) -> None:
    """
    Cancelled after the deadline: the urging ends, the claim is raised, followed up and accepted.
    """
    with world_on("2026-11-16 18:00") as world:
        facts = {"handed_over_at": at("2026-11-16 16:00"), "status": SellerStatus.READY_TO_SHIP}
        world.take(order(DS, **facts))
        world.run_until(at("2026-11-18 10:00"), HALF_HOUR)
        world.take(order(DS, **(facts | {"status": SellerStatus.CANCELED})))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        mark(world, AlertKind.RAISE_CLAIM, claim)
        world.run_until(at("2026-11-23 13:00"), HALF_HOUR)
        mark(world, AlertKind.FOLLOW_UP_CLAIM, lambda to, one: to.answer(one, _ACCEPTED))
        world.run_until(at("2026-11-24 13:00"), HALF_HOUR)
        ladder = [
            (one.kind, one.closed_because)
            for one in world.alerts()
            if one.kind is not AlertKind.RETRIEVE_PARCEL
        ]
        assert ladder == [
            (AlertKind.URGE_SCAN, ClosedBecause.SELLER_STATUS),
            (AlertKind.RAISE_CLAIM, ClosedBecause.HIGHER_RUNG),
            (AlertKind.FOLLOW_UP_CLAIM, ClosedBecause.MANUAL),
        ]


_ACCEPTED = ClaimAnswer.ACCEPTED


def test_a_parcel_that_needs_no_proof_holds_up_nobody(world_on: MakeWorld) -> None:
    """
    Cancelled in time and never seen by its portal: the shop's late parcel is told all the same.
    """
    with world_on("2026-11-16 18:00") as world:
        crawl = world.watcher._crawls[CarrierName.SEKO]
        crawl.tell(DS, "2026-11-16 18:00", Outcome.BLOCKED)
        for number in (DS, POSTAL):
            world.take(order(number, handed_over_at=at("2026-11-16 16:00")))
        world.take(order(DS, status=SellerStatus.CANCELED))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        assert f"raise_claim first {POSTAL}" in mailed(world)[-1]


def test_a_claim_marked_twice_keeps_its_clock(world_on: MakeWorld) -> None:
    """
    The case id may be added later: the three working days run from the claim.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(POSTAL, handed_over_at=at("2026-11-16 16:00")))
        world.run_until(at("2026-11-18 10:00"), HALF_HOUR)
        mark(world, AlertKind.RAISE_CLAIM, lambda to, one: to.claim(one, None))
        world.run_until(at("2026-11-19 10:00"), HALF_HOUR)
        mark(world, AlertKind.RAISE_CLAIM, claim)
        world.run_until(at("2026-11-23 10:30"), HALF_HOUR)
        (raised, followed) = world.alerts()
        assert raised.case_id == followed.case_id == CASE
        assert followed.state is AlertState.OPEN
