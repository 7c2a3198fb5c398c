"""
The flood breaker and the daily digest, on a scripted clock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.flow.test_ladder import DS, HALF_HOUR, POSTAL, mark, receipt, world_on
from tests.support.world import OPERATOR, at, order
from tracker.model import AlertKind, CarrierName, DeliveryState
from tracker.status.health import health_of

if TYPE_CHECKING:
    from tests.flow.test_ladder import MakeWorld
    from tests.support.world import World

__all__ = ["world_on"]

HANDED_OVER = at("2026-11-16 16:00")
SECOND_SHOP = """
[[shops]]
name = "Nairobi Nets"
country = "KE"
email = ["nets@nairobi.example"]
"""
FEW = {"watch": "flood_messages = 2", "extra": SECOND_SHOP}


def two_late_shops(world: World) -> None:
    """
    Three messages will be due at once: mail and Slack of one shop, the other one's mail.
    """
    world.take(order(POSTAL, handed_over_at=HANDED_OVER))
    world.take(order(DS, shop="Nairobi Nets", handed_over_at=HANDED_OVER))


def recipients(world: World) -> list[str]:
    """
    Who got a message, in the order of arrival.
    """
    return [one.recipient for one in world.arrived]


def test_too_many_messages_stop_the_round_and_the_operator_hears_once(world_on: MakeWorld) -> None:
    """
    Two of three go, the operator is told, the third follows an hour later, and the alert ends.
    """
    with world_on("2026-11-16 18:00", **FEW) as world:
        two_late_shops(world)
        world.run_until(at("2026-11-18 09:00"), timedelta(minutes=10))
        assert len(world.arrived) == 3
        assert recipients(world)[-1] == OPERATOR
        assert "message_flood first" in world.content(world.arrived[-1])
        problems = health_of(world.settings, world.store, world.clock()).problems
        assert any("tracker alerts ack" in one for one in problems)
        world.run_until(at("2026-11-18 11:00"), timedelta(minutes=10))
        told = [world.content(one) for one in world.arrived if one.recipient == OPERATOR]
        assert [one.split(" -")[0] for one in told] == [
            "message_flood first",
            "message_flood resolved",
        ]
        assert len(world.arrived) == 5
        with world.store.read() as tx:
            waiting = tx.outbox.history(state=DeliveryState.PENDING, limit=9)
        assert waiting == ()


def test_an_acknowledged_flood_goes_on_at_once(world_on: MakeWorld) -> None:
    """
    The operator finds it right: everything that is due leaves with the next round.
    """
    with world_on("2026-11-16 18:00", **FEW) as world:
        two_late_shops(world)
        world.run_until(at("2026-11-18 08:40"), timedelta(minutes=10))
        mark(world, AlertKind.MESSAGE_FLOOD, lambda to, one: to.acknowledge(one))
        world.tick()
        assert len([one for one in recipients(world) if one != OPERATOR]) == 3


def test_a_clock_that_is_set_back_does_not_prolong_the_pause(world_on: MakeWorld) -> None:
    """
    A pause that a clock in the future began is no pause (promises.md R1).
    """
    with world_on("2026-11-16 18:00", **FEW) as world:
        two_late_shops(world)
        world.run_until(at("2026-11-18 08:40"), timedelta(minutes=10))
        told = len(world.arrived)
        with world.store.begin() as tx:
            tx.health.set_note("flood_until", at("2026-12-18 09:00").isoformat())
        world.tick()
        assert len(world.arrived) > told


def test_a_digest_is_one_message_a_day(world_on: MakeWorld) -> None:
    """
    What is found in the morning and at noon is told the next morning, with the day's reminders.
    """
    with world_on("2026-11-16 18:00") as world:
        config = world._config
        config.write_text(config.read_text().replace("[watch]", "digest = true\n[watch]"))
        world.reconfigure("")
        world.take(order(POSTAL, handed_over_at=HANDED_OVER))
        world.run_until(at("2026-11-18 12:00"), timedelta(minutes=10))
        world.take(order(DS, handed_over_at=at("2026-11-13 16:00")))  # late since Tuesday
        world.run_until(at("2026-11-19 20:00"), timedelta(minutes=10))
        mails = [one for one in world.arrived if one.channel == "email"]
        assert [world.content(one) for one in mails] == [
            f"raise_claim first {POSTAL}",
            f"urge_scan first {DS}; raise_claim reminder-2026-11-19 {POSTAL}",
        ]
        assert [one.at for one in mails] == [at("2026-11-18 08:40"), at("2026-11-19 08:40")]


def test_an_all_clear_of_a_digest_shop_comes_with_the_next_day(world_on: MakeWorld) -> None:
    """
    Scanned at noon: told the next morning, and not at once.
    """
    with world_on("2026-11-16 18:00") as world:
        config = world._config
        config.write_text(config.read_text().replace("[watch]", "digest = true\n[watch]"))
        world.reconfigure("")
        world.take(order(POSTAL, handed_over_at=HANDED_OVER))
        crawl = world.watcher._crawls[CarrierName.CLEVY]
        crawl.tell(POSTAL, "2026-11-18 12:00", (receipt("2026-11-18 11:40"),))
        world.run_until(at("2026-11-18 20:00"), HALF_HOUR)
        assert [one.channel for one in world.arrived].count("email") == 1
        world.run_until(at("2026-11-19 09:30"), HALF_HOUR)
        assert world.content(world.arrived[-1]) == f"raise_claim resolved {POSTAL}"
