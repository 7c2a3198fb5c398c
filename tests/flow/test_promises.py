"""
The promises P1, P3 and P4 of promises.md, kept by the whole watcher on a scripted clock.

Store, messages, mail server, webhook and (for postal parcels) the crawl are real. P2 stands in
``tests/faults/test_crash_matrix.py``.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from tests.support.builders import unreadable_event
from tests.support.world import (
    OPERATOR,
    SELLER,
    RealCrawl,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.model import (
    AlertKind,
    CarrierName,
    ClosedBecause,
    Outcome,
    ParcelState,
    ScanEvent,
    Stage,
)
from tracker.practice.scenarios import SCENARIOS, Manner
from tracker.store.tables import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.support.world import World
    from tracker.crawl import CrawlProcess
    from tracker.practice.server import PracticeServer

    MakeWorld = Callable[..., AbstractContextManager[World]]

NUMBER = postal_number(47312482)
HANDED_OVER = at("2026-11-16 16:00")  # a Monday
DEADLINE = at("2026-11-18 00:00")
WINDOW_OPENS = at("2026-11-18 08:30")
WINDOW_ENDS = at("2026-11-18 20:00")
SCAN_KINDS = {AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM}
EVERYBODY = {("email", SELLER), ("slack", "lagos")}
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def world_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clevy_child: CrawlProcess,
    portal: PracticeServer,
) -> MakeWorld:
    """
    Opens a world in which Clevy's practice API is asked for real, and Seko answers from a script.
    """

    @contextmanager
    def make(start: str = "2026-11-17 23:50", **options: Any) -> Iterator[World]:
        clock = ScriptedClock(at(start))
        crawls = {
            CarrierName.CLEVY: RealCrawl(clevy_child, clock),
            CarrierName.SEKO: ScriptedCrawl(CarrierName.SEKO, clock),
        }
        with opened_world(
            tmp_path, monkeypatch, clock, crawls=crawls, portal=portal, **options
        ) as world:
            yield world

    return make


def recipients(world: World, word: str) -> set[tuple[str, str]]:
    """
    Who got a message that tells of ``word``.
    """
    return {(one.channel, one.recipient) for one in world.arrived if word in world.content(one)}


def receipt(text: str) -> ScanEvent:
    """
    An arrival scan at the instant.
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


# -- P1 ----------------------------------------------------------------------------------------


def test_p1_a_late_parcel_is_told_in_the_first_send_window(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    Unscanned at its deadline: its claim alert is on every channel of the shop in the first window.
    """
    portal.set_events(NUMBER, [])
    with world_on() as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        assert world.parcel(NUMBER).scan_deadline == DEADLINE
        world.run_until(WINDOW_OPENS - FIVE_MINUTES, timedelta(minutes=30))
        assert world.arrived == []
        world.run_until(WINDOW_OPENS + timedelta(minutes=30))
        assert recipients(world, f"raise_claim first {NUMBER}") == EVERYBODY
        assert len(world.arrived) == 2


def test_p1_with_always_it_is_told_after_one_tick_and_one_look(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    Without a send window the alert leaves at night, as soon as the confirming look was made.
    """
    portal.set_events(NUMBER, [])
    with world_on(watch='send_window = "always"') as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.run_until(DEADLINE + timedelta(minutes=20))
        assert recipients(world, f"raise_claim first {NUMBER}") == EVERYBODY
        assert min(one.at for one in world.arrived) >= DEADLINE


def test_p1_a_ds_parcel_is_urged_first(world_on: MakeWorld) -> None:
    """
    A DS parcel's first alert asks to urge Seko, not to claim.
    """
    number = ds_number(319365323)
    with world_on() as world:
        world.watcher._crawls[CarrierName.SEKO].tell(number, "2026-11-01 00:00", ())
        world.take(order(number, handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_OPENS + timedelta(minutes=30), timedelta(minutes=15))
        assert recipients(world, f"urge_scan first {number}") == EVERYBODY
        assert recipients(world, "raise_claim") == set()


def test_p1_a_portal_that_is_down_all_day_is_told_as_unverified(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    No look succeeds all day: the shop hears "not checked" in time, the operator "blind" (R4).
    """
    portal.set_scenario(NUMBER, "forbidden")
    with world_on() as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_ENDS, timedelta(minutes=30))
        assert recipients(world, f"unverified first {NUMBER}") == EVERYBODY
        assert recipients(world, "carrier_blind first") == {("email", OPERATOR)}
        assert all(one.at < WINDOW_ENDS for one in world.arrived)
        assert world.parcel(NUMBER).state is ParcelState.UNVERIFIED
        assert {alert.kind for alert in world.alerts()} & SCAN_KINDS == set()


def test_p1_with_always_unverified_comes_after_the_grace(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    Without a window "not checked" leaves one look and the grace of two hours after the deadline.
    """
    portal.set_scenario(NUMBER, "forbidden")
    with world_on(watch='send_window = "always"') as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.run_until(DEADLINE + timedelta(hours=2, minutes=20))
        assert recipients(world, f"unverified first {NUMBER}") == {
            *EVERYBODY,
            ("email", OPERATOR),
        }


def test_p1_a_carrier_that_cools_down_all_day_hides_no_parcel(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    While a carrier must not be asked at all, its late parcels are told as unverified.
    """
    with world_on() as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        with world.store.begin() as tx:
            now = world.clock()
            tx.health.cool_down(CarrierName.CLEVY, now, now + timedelta(days=3), "429")
        world.run_until(WINDOW_ENDS, timedelta(minutes=30))
        assert recipients(world, f"unverified first {NUMBER}") >= EVERYBODY
        assert world.looks(NUMBER) == ()
        assert portal.requests == []


def test_p1_a_look_that_is_never_attempted_hides_no_parcel(world_on: MakeWorld) -> None:
    """
    Nobody polls (the crawl is stuck): deciding alone tells the parcel as unverified in time.
    """
    with world_on() as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_ENDS, timedelta(minutes=30), poll=False)
        assert recipients(world, f"unverified first {NUMBER}") >= EVERYBODY


def test_p1_each_day_of_an_outage_tells_its_own_parcels(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    A parcel that is unverified on the second day of an outage is told on that day.
    """
    second = postal_number(47312999)
    for number in (NUMBER, second):
        portal.set_scenario(number, "forbidden")
    with world_on() as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.take(order(second, handed_over_at=HANDED_OVER + timedelta(days=1)))
        world.run_until(WINDOW_ENDS + timedelta(days=1), timedelta(minutes=30))
        lines = [(one, world.content(one)) for one in world.arrived]
        told = {(one.channel, one.recipient) for one, content in lines if second in content}
        assert told >= EVERYBODY


def test_p1_a_parcel_without_a_carrier_is_told_too(world_on: MakeWorld) -> None:
    """
    Nobody can look a number up that no carrier is known for: it is unverified, not silent.
    """
    number = "XY-ZZZ-555"
    with world_on() as world:
        world.take(order(number, handed_over_at=HANDED_OVER))
        assert world.parcel(number).carrier is None
        world.run_until(WINDOW_ENDS, timedelta(minutes=30))
        assert recipients(world, f"unverified first {number}") >= EVERYBODY


def test_p1_one_dead_channel_does_not_hold_up_the_other(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    With the webhook gone (404) the mail arrives once, and the operator reads what Slack refused.
    """
    portal.set_events(NUMBER, [])
    with world_on() as world:
        world.inboxes.slack_status["lagos"] = 404
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_ENDS, timedelta(minutes=30))
        told = [one.recipient for one in world.arrived]
        assert sorted(told) == [OPERATOR, SELLER]


def test_p1_a_poisoned_parcel_holds_up_nobody(world_on: MakeWorld, portal: PracticeServer) -> None:
    """
    A row that cannot be decided steps aside, and its neighbour is told in time (R10).
    """
    poisoned = postal_number(47312999)
    for number in (NUMBER, poisoned):
        portal.set_events(number, [])
    with world_on("2026-11-18 09:00") as world:
        world.take(*(order(number, handed_over_at=HANDED_OVER) for number in (poisoned, NUMBER)))
        with world.store.begin() as tx:
            tx._connection.execute(
                insert(events).values(unreadable_event(world.parcel(poisoned).id))
            )
        world.run_until(at("2026-11-18 09:40"))
        assert recipients(world, f"raise_claim first {NUMBER}") == EVERYBODY
        with world.store.read() as tx:
            assert [number for number, _ in tx.parcels.put_off_list()] == [poisoned]


# -- P3 ----------------------------------------------------------------------------------------


def test_p3_nobody_reads_the_same_notice_twice(world_on: MakeWorld, portal: PracticeServer) -> None:
    """
    Over two days of ticks each (alert, channel, recipient, notice) is sent once, reminders daily.
    """
    portal.set_events(NUMBER, [])
    with world_on() as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.run_until(at("2026-11-19 20:00"), timedelta(minutes=30))
        assert sorted(world.told()) == sorted(
            (channel, recipient, f"raise_claim {notice} {NUMBER}")
            for channel, recipient in EVERYBODY
            for notice in ("first", "reminder-2026-11-19")
        )
        assert not any(one.repeat for one in world.arrived)


def test_p3_a_second_watcher_on_the_same_clock_repeats_nothing(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    A watcher that starts on the same database later finds nothing left to tell.
    """
    portal.set_events(NUMBER, [])
    with world_on() as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_OPENS + timedelta(minutes=30), timedelta(minutes=15))
        before = len(world.arrived)
        world.watcher.recount_deadlines()
        world.watcher.readdress()
        world.run_until(WINDOW_OPENS + timedelta(hours=3), timedelta(minutes=15))
        assert (before, len(world.arrived)) == (2, 2)


# -- P4 ----------------------------------------------------------------------------------------

BAD_SCENARIOS = {
    "forbidden": Outcome.BLOCKED,
    "too-many": Outcome.BLOCKED,
    "challenge": Outcome.BLOCKED,
    "login": Outcome.BLOCKED,
    "broken": Outcome.UNREACHABLE,
    "slow": Outcome.UNREACHABLE,
    "maintenance": Outcome.UNREACHABLE,
    "truncated": Outcome.UNREACHABLE,
    "unreadable": Outcome.UNREADABLE,
    "empty": Outcome.UNREADABLE,
    "another-parcel": Outcome.MISSING,
    "skipped": Outcome.MISSING,
}


def test_p1_each_day_tells_its_own_parcels_without_a_carrier(world_on: MakeWorld) -> None:
    """
    Yesterday's unverified parcels were repeated this morning: today's are told today all the same.
    """
    first, second = "XY-ZZZ-555", "XY-ZZZ-556"
    with world_on() as world:
        world.take(order(first, handed_over_at=HANDED_OVER))
        world.take(order(second, handed_over_at=HANDED_OVER + timedelta(days=1)))
        world.run_until(WINDOW_ENDS + timedelta(days=1), timedelta(minutes=30))
        assert recipients(world, second) == {*EVERYBODY, ("email", OPERATOR)}


def test_p1_a_list_that_grows_all_day_tells_each_parcel(world_on: MakeWorld) -> None:
    """
    Parcels that become unverified at four times of one day are all told on that day, each once.
    """
    numbers = [f"XY-ZZZ-{n}" for n in range(551, 555)]
    script = {
        at(f"2026-11-18 {hour:02}:00"): partial(late, number)
        for hour, number in zip((7, 12, 14, 16), numbers, strict=True)
    }
    with world_on("2026-11-18 07:00") as world:
        acts = {when: partial(act, world) for when, act in script.items()}
        world.run_until(WINDOW_ENDS, timedelta(minutes=30), script=acts)
        for number in numbers:
            assert recipients(world, number) == {*EVERYBODY, ("email", OPERATOR)}
        to_seller = [world.content(one) for one in world.arrived if one.recipient == SELLER]
        assert len(to_seller) == len(set(to_seller)) == 4


def test_p1_shops_that_share_the_operator_are_all_told(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    Two shops without recipients of their own, and a blind carrier: the operator reads of both.
    """
    second = postal_number(47312999)
    for number in (NUMBER, second):
        portal.set_scenario(number, "forbidden")
    with world_on() as world:
        world.take(order(NUMBER, shop="A", handed_over_at=HANDED_OVER))
        world.take(order(second, shop="B", handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_ENDS, timedelta(minutes=30))
        assert recipients(world, NUMBER) == recipients(world, second) == {("email", OPERATOR)}


def late(number: str, world: World) -> None:
    """
    The hand-over of a parcel whose deadline is over is entered now.
    """
    world.take(order(number, handed_over_at=HANDED_OVER))


def test_p4_every_bad_outcome_has_a_scenario() -> None:
    """
    The table below leaves out no outcome that is not good and no scenario that spoils an answer.
    """
    assert set(BAD_SCENARIOS.values()) | {Outcome.NO_CARRIER} == {
        outcome for outcome in Outcome if not outcome.is_good
    }
    passing = {Manner.BUSY_ONCE}
    spoiling = {one.name for one in SCENARIOS if one.manner.spoils_the_answer}
    assert spoiling - set(BAD_SCENARIOS) == {one.name for one in SCENARIOS if one.manner in passing}


@pytest.mark.parametrize(("scenario", "outcome"), BAD_SCENARIOS.items())
def test_p4_a_bad_look_opens_no_scan_alert(
    world_on: MakeWorld, portal: PracticeServer, scenario: str, outcome: Outcome
) -> None:
    """
    A parcel past its deadline of which every look fails gives neither an urging nor a claim.
    """
    portal.set_scenario(NUMBER, scenario)
    with world_on("2026-11-18 09:00") as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.tick()
        world.clock.now = WINDOW_ENDS - timedelta(minutes=1)
        world.tick(poll=False)
        assert {look.outcome for look in world.looks(NUMBER)} == {outcome}
        assert {alert.kind for alert in world.alerts()} & SCAN_KINDS == set()
        assert {alert.kind for alert in world.alerts()} >= {AlertKind.UNVERIFIED}


@pytest.mark.parametrize(("scenario", "outcome"), BAD_SCENARIOS.items())
def test_p4_a_bad_look_closes_no_scan_alert(
    world_on: MakeWorld, portal: PracticeServer, scenario: str, outcome: Outcome
) -> None:
    """
    An open claim alert stays open, and nobody reads an all-clear, when later looks fail.
    """
    portal.set_events(NUMBER, [])
    with world_on("2026-11-18 09:00") as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.tick()
        portal.set_scenario(NUMBER, scenario)
        world.clock.now = at("2026-11-18 19:00")
        world.tick()
        world.tick(poll=False)
        assert world.looks(NUMBER)[-1].outcome is outcome
        (claim,) = (alert for alert in world.alerts() if alert.kind is AlertKind.RAISE_CLAIM)
        assert claim.closed_at is None
        assert recipients(world, "raise_claim first") == EVERYBODY
        assert recipients(world, "resolved") == set()
        assert recipients(world, "withdrawn") == set()


def test_p4_no_carrier_opens_no_scan_alert(world_on: MakeWorld) -> None:
    """
    A number that no carrier is known for is never accused.
    """
    with world_on() as world:
        world.take(order("XY-ZZZ-555", handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_ENDS, timedelta(hours=1))
        assert {alert.kind for alert in world.alerts()} & SCAN_KINDS == set()


def test_p4_an_unknown_wording_neither_opens_nor_closes(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    A text that no table knows proves nothing: no accusation; the operator hears of the text once.
    """
    portal.set_scenario(NUMBER, "unknown-wording")
    with world_on("2026-11-18 09:00") as world:
        world.take(order(NUMBER, handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_ENDS, timedelta(minutes=30))
        assert {alert.kind for alert in world.alerts()} & SCAN_KINDS == set()
        assert len([one for one in world.told() if "unknown_wording first" in one[2]]) == 1


def test_p4_only_a_scan_closes_and_the_end_is_told(
    world_on: MakeWorld, portal: PracticeServer
) -> None:
    """
    A good look with a scan closes the alert, and who read of it reads that it is settled.
    """
    number = ds_number(319365323)
    with world_on() as world:
        seko = world.watcher._crawls[CarrierName.SEKO]
        seko.tell(number, "2026-11-01 00:00", ())
        seko.tell(number, "2026-11-18 14:00", (receipt("2026-11-18 13:40"),))
        world.take(order(number, handed_over_at=HANDED_OVER))
        world.run_until(WINDOW_ENDS, timedelta(minutes=30))
        (alert,) = world.alerts()
        assert alert.closed_because is ClosedBecause.SCANNED
        assert recipients(world, f"urge_scan resolved {number}") == EVERYBODY
        assert len(world.arrived) == 4
