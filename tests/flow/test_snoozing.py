"""
Snoozed parcels and shops: silence until its end, then everything that is still true.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.flow.test_ladder import DS, HALF_HOUR, POSTAL, mailed, mark, receipt, world_on
from tests.support.world import SHOP, at, order
from tracker.acting.marking import Marker
from tracker.model import AlertKind, CarrierName

if TYPE_CHECKING:
    from tests.flow.test_ladder import MakeWorld

__all__ = ["world_on"]

HANDED_OVER = at("2026-11-16 16:00")


def test_a_snoozed_alert_comes_back_by_itself(world_on: MakeWorld) -> None:
    """
    Told at 08:30, snoozed until the afternoon of the next day: no reminder at 08:30, one at 15:00.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(POSTAL, handed_over_at=HANDED_OVER))
        world.run_until(at("2026-11-18 09:00"), HALF_HOUR)
        until = at("2026-11-19 15:00")
        mark(world, AlertKind.RAISE_CLAIM, lambda to, one: to.snooze(one, until, "Li"))
        (alert,) = world.alerts()
        assert (alert.snoozed_until, alert.snoozed_by) == (until, "Li")
        world.run_until(at("2026-11-19 14:30"), HALF_HOUR)
        assert mailed(world) == [f"raise_claim first {POSTAL}"]
        world.run_until(at("2026-11-19 16:00"), HALF_HOUR)
        assert mailed(world)[1:] == [f"raise_claim reminder-2026-11-19 {POSTAL}"]
        world.run_until(at("2026-11-20 09:00"), HALF_HOUR)
        assert mailed(world)[2:] == [f"raise_claim reminder-2026-11-20 {POSTAL}"]


def test_a_snooze_of_some_hours_ends_on_the_same_day(world_on: MakeWorld) -> None:
    """
    Told in the morning and reminded in the afternoon, when the snooze is over, once.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(POSTAL, handed_over_at=HANDED_OVER))
        world.run_until(at("2026-11-19 09:00"), HALF_HOUR)
        until = at("2026-11-19 15:00")
        mark(world, AlertKind.RAISE_CLAIM, lambda to, one: to.snooze(one, until, None))
        world.run_until(at("2026-11-19 19:00"), HALF_HOUR)
        assert mailed(world) == [
            f"raise_claim first {POSTAL}",
            f"raise_claim reminder-2026-11-19 {POSTAL}",
            f"raise_claim reminder-2026-11-19-1500 {POSTAL}",
        ]


def test_a_snoozed_shop_hears_first_notices_later_and_ends_at_once(world_on: MakeWorld) -> None:
    """
    What opens meanwhile waits for the end of the snooze; an all-clear does not.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(POSTAL, handed_over_at=HANDED_OVER))
        world.run_until(at("2026-11-18 09:00"), HALF_HOUR)
        with world.store.begin() as tx:
            marker = Marker(tx, world.watcher.deadlines, world.clock())
            marker.snooze_shop(SHOP, at("2026-11-20 12:00"), "Li")
        world.take(order(DS, handed_over_at=at("2026-11-17 16:00")))
        crawl = world.watcher._crawls[CarrierName.CLEVY]
        crawl.tell(POSTAL, "2026-11-18 12:00", (receipt("2026-11-18 11:40"),))
        world.run_until(at("2026-11-20 11:30"), HALF_HOUR)
        assert mailed(world) == [
            f"raise_claim first {POSTAL}",
            f"raise_claim resolved {POSTAL}",
        ]
        world.run_until(at("2026-11-20 13:00"), HALF_HOUR)
        assert mailed(world)[2:] == [f"urge_scan first {DS}"]


def test_a_message_that_did_not_arrive_waits_for_the_snooze_too(world_on: MakeWorld) -> None:
    """
    Slack is down; its notice is not tried again before the snooze ends, and then under a new try.
    """
    with world_on("2026-11-16 18:00") as world:
        world.take(order(POSTAL, handed_over_at=HANDED_OVER))
        world.inboxes.slack_status["lagos"] = 500
        world.run_until(at("2026-11-18 09:00"), HALF_HOUR)
        until = at("2026-11-18 15:00")
        mark(world, AlertKind.RAISE_CLAIM, lambda to, one: to.snooze(one, until, None))
        world.inboxes.slack_status["lagos"] = 200
        world.run_until(at("2026-11-18 14:30"), timedelta(minutes=30))
        assert [one.channel for one in world.arrived] == ["email"]
        world.run_until(at("2026-11-18 16:00"), HALF_HOUR)
        assert [one.channel for one in world.arrived].count("slack") == 1
