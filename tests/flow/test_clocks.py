"""
The clocks beside the ladder, each told when it strikes, on a scripted clock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.flow.test_ladder import DS, HALF_HOUR, POSTAL, body, mailed, receipt, story, world_on
from tests.support.world import at, order
from tracker.model import CarrierName, SellerStatus
from tracker.planning.watching import settle

if TYPE_CHECKING:
    from tests.flow.test_ladder import MakeWorld

__all__ = ["world_on"]

HOURS = timedelta(hours=2)
READY = SellerStatus.READY_TO_SHIP


def test_cancellation_is_told_a_day_before_also_without_a_number(world_on: MakeWorld) -> None:
    """
    Ordered on Wednesday noon, five days, cancelled the next one: told on Tuesday from noon on.
    """
    with world_on("2026-11-11 14:00") as world:
        for number in (DS, None):
            facts = {"created_at": at("2026-11-11 12:00"), "status": READY}
            world.take(order(number, sku="A", **facts))
        world.run_until(at("2026-11-17 11:30"), HALF_HOUR)
        assert "cancel_risk" not in " ".join(mailed(world))
        world.run_until(at("2026-11-17 13:00"), HALF_HOUR)
        assert "Automatic cancellation is near: 2 parcels" in body(world)
        assert [kind for kind, state in story(world) if state == "open"] == ["cancel_risk"] * 2
        world.run_until(at("2026-11-18 13:00"), HALF_HOUR)
        assert {state for kind, state in story(world) if kind == "cancel_risk"} == {"expired"}


def test_a_scan_that_does_not_arrive_in_seller_center_is_told(world_on: MakeWorld) -> None:
    """
    Scanned on Tuesday, still Ready to Ship in an export of Wednesday evening: told with that one.
    """
    with world_on("2026-11-16 18:00") as world:
        facts = {"handed_over_at": at("2026-11-16 16:00"), "status": READY}
        world.take(order(DS, **facts))
        crawl = world.watcher._crawls[CarrierName.SEKO]
        crawl.tell(DS, "2026-11-17 10:30", (receipt("2026-11-17 10:00"),))
        world.run_until(at("2026-11-18 18:00"), HALF_HOUR)
        # The status is of Monday: it says nothing about Wednesday, and fresh orders are asked for.
        assert mailed(world) == [f"stale_orders first {DS}"]
        assert "Import fresh orders" in body(world)
        world.take(order(DS, **facts))
        world.run_until(at("2026-11-18 19:00"), HALF_HOUR)
        assert story(world) == [("stale_orders", "recovered"), ("not_synchronised", "open")]
        assert mailed(world)[1:] == [f"not_synchronised first {DS}"]
        world.take(order(DS, **(facts | {"status": SellerStatus.SHIPPED})))
        world.run_until(at("2026-11-18 19:50"), HALF_HOUR)
        assert mailed(world)[-1] == f"not_synchronised resolved {DS}"


def test_a_start_gives_scanned_parcels_the_clocks_of_a_newer_version(world_on: MakeWorld) -> None:
    """
    Scanned and planned before there were clocks: nothing is imported or looked at any more.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(DS, handed_over_at=at("2026-11-16 16:00"), status=READY))
        crawl = world.watcher._crawls[CarrierName.SEKO]
        crawl.tell(DS, "2026-11-17 10:30", (receipt("2026-11-17 10:00"),))
        world.run_until(at("2026-11-17 12:00"), HALF_HOUR)
        with world.store.begin() as tx:
            tx.parcels.decide_at(world.parcel(DS).id, None)
            tx.health.set_note("calendar", "of an older version")
        world.run_until(at("2026-11-18 18:00"), HALF_HOUR, poll=False)
        assert story(world) == []
        world.restart()
        world.run_until(at("2026-11-18 19:00"), HALF_HOUR, poll=False)
        assert story(world) == [("stale_orders", "open")]


def test_fresh_orders_are_asked_for_once_a_shop(world_on: MakeWorld) -> None:
    """
    Two scanned parcels with an old status are one alert; Shipped in the next export ends it.
    """
    with world_on("2026-11-16 18:00") as world:
        numbers = ((DS, CarrierName.SEKO), (POSTAL, CarrierName.CLEVY))
        for number, carrier in numbers:
            world.take(order(number, handed_over_at=at("2026-11-16 16:00"), status=READY))
            crawl = world.watcher._crawls[carrier]
            crawl.tell(number, "2026-11-17 10:30", (receipt("2026-11-17 10:00"),))
        world.run_until(at("2026-11-18 18:00"), HALF_HOUR)
        assert story(world) == [("stale_orders", "open")]
        assert len(mailed(world)) == 1
        world.take(*(order(number, status=SellerStatus.SHIPPED) for number, _ in numbers))
        world.run_until(at("2026-11-18 19:00"), HALF_HOUR)
        assert story(world) == [("stale_orders", "recovered")]
        assert len(mailed(world)) == 1


def test_a_cancelled_parcel_is_to_be_got_back(world_on: MakeWorld) -> None:
    """
    Cancelled before its deadline, after the hand-over: one alert, and it names who to ask.
    """
    with world_on("2026-11-16 18:00") as world:
        facts = {"handed_over_at": at("2026-11-16 16:00"), "status": READY}
        world.take(order(DS, **facts))
        world.run_until(at("2026-11-17 09:00"), HALF_HOUR)
        world.take(order(DS, **(facts | {"status": SellerStatus.CANCELED})))
        world.run_until(at("2026-11-17 10:00"), HALF_HOUR)
        assert mailed(world) == [f"retrieve_parcel first {DS}"]
        assert "hold the parcel and send it back" in body(world)


def test_the_end_of_the_claim_window_is_told_once_more(world_on: MakeWorld) -> None:
    """
    Fourteen days before three months after the order an unclaimed late parcel is told of.
    """
    with world_on("2026-11-16 18:00") as world:
        facts = {"created_at": at("2026-09-02 12:00"), "handed_over_at": at("2026-11-16 16:00")}
        world.take(order(POSTAL, **facts))
        world.run_until(at("2026-11-18 09:00"), HALF_HOUR)
        assert mailed(world) == [f"raise_claim first {POSTAL}"]
        world.run_until(at("2026-11-18 13:00"), HALF_HOUR)  # 2 December less 14 days, at noon
        assert mailed(world)[-1] == f"claim_window first {POSTAL}"
        assert "Claims are taken until Wed 2026-12-02 12:00" in body(world)


def test_overdue_delivery_is_told_for_ds_only(world_on: MakeWorld) -> None:
    """
    Twenty days after the scan, with an order status of then; a postal parcel stays silent.
    """
    with world_on("2026-11-02 18:00") as world:
        numbers = ((DS, CarrierName.SEKO), (POSTAL, CarrierName.CLEVY))
        facts = {"handed_over_at": at("2026-11-02 16:00"), "status": SellerStatus.SHIPPED}
        for number, carrier in numbers:
            world.take(order(number, handed_over_at=facts["handed_over_at"], status=READY))
            crawl = world.watcher._crawls[carrier]
            crawl.tell(number, "2026-11-03 10:30", (receipt("2026-11-03 10:00"),))
        world.run_until(at("2026-11-03 14:00"), HALF_HOUR)
        world.take(*(order(number, **facts) for number, _ in numbers))
        world.clock.now = at("2026-11-23 12:00")
        world.take(*(order(number, **facts) for number, _ in numbers))
        world.run_until(at("2026-11-23 14:00"), HALF_HOUR)
        assert mailed(world) == [f"overdue_delivery first {DS}"]


@pytest.mark.parametrize("where", ["watch", "shop"])
def test_a_clock_that_is_switched_off_tells_nothing(world_on: MakeWorld, where: str) -> None:
    """
    For everybody, or for one shop.
    """
    off = "[watch.alerts]\nretrieve_parcel = false\n"
    with world_on("2026-11-16 18:00", extra=off if where == "watch" else "") as world:
        if where == "shop":
            config = world._config
            text = config.read_text()
            config.write_text(
                text.replace("[watch]", "alerts = { retrieve_parcel = false }\n[watch]")
            )
            world.reconfigure("")
        facts = {"handed_over_at": at("2026-11-16 16:00"), "status": SellerStatus.CANCELED}
        world.take(order(DS, **facts))
        world.run_until(at("2026-11-17 10:00"), HALF_HOUR)
        assert story(world) == []


def test_a_picked_up_return_is_to_be_checked(world_on: MakeWorld) -> None:
    """
    Told at once, with the last day for a claim; after it the alert ends by itself.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(DS, handed_over_at=at("2026-11-16 16:00"), status=SellerStatus.RETURNED))
        world.clock.now = at("2026-11-17 10:00")
        with world.store.begin() as tx:
            parcel = world.parcel(DS)
            tx.parcels.mark(parcel.id, picked_up_at=world.clock())
            settle(tx, parcel.id, world.watcher.deadlines, world.clock())
        world.run_until(at("2026-11-17 11:00"), HALF_HOUR)
        assert mailed(world) == [f"return_claim first {DS}"]
        assert "taken until Tue 2026-11-24 10:00" in body(world)
        world.run_until(at("2026-11-24 11:00"), HOURS)
        assert story(world) == [("return_claim", "expired")]
