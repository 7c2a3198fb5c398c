"""
Days on which a channel fails, in alertmanager's manner: this arrived, and nothing else all day.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.proving import prove_channels
from tests.support.world import (
    OPERATOR,
    SELLER,
    SHANGHAI,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.acting.marking import Marker
from tracker.model import AlertKind, CarrierName, ScanEvent, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.world import World

FIRST = ds_number(319365301)
SECOND = ds_number(319365302)
STEP = timedelta(minutes=10)
MORNING_MAIL = ("08:30", "email", SELLER, f"urge_scan first {FIRST}")
MORNING_SLACK = ("08:30", "slack", "lagos", f"urge_scan first {FIRST}")
NEWS = f"urge_scan first {SECOND}"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """
    The morning of 18 November: one parcel is late since midnight, another will be entered late.
    """
    monkeypatch.setattr("alerts.deliver.JITTER", 0)
    clock = ScriptedClock(at("2026-11-17 23:50"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    for number in (FIRST, SECOND):
        crawls[CarrierName.SEKO].tell(number, "2026-11-01 00:00", ())
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls) as opened:
        opened.take(order(FIRST, handed_over_at=at("2026-11-16 16:00")))
        yield opened


def day(world: World, **acts: Callable[[], None]) -> list[tuple[str, str, str, str]]:
    """
    18 November until the window closes, with acts at ``h10_00``...; everything that arrived.
    """
    script = {at(f"2026-11-18 {name[1:].replace('_', ':')}"): act for name, act in acts.items()}
    world.run_until(at("2026-11-18 08:00"), timedelta(hours=1))
    world.run_until(at("2026-11-18 20:30"), STEP, script=script)
    return arrivals(world)


def arrivals(world: World) -> list[tuple[str, str, str, str]]:
    """
    (local time, channel, recipient, content) of everything that arrived.
    """
    return [
        (
            one.at.astimezone(SHANGHAI).strftime("%H:%M"),
            one.channel,
            one.recipient,
            "test" if "Test message" in one.subject else world.content(one),
        )
        for one in world.arrived
    ]


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


def enter_late(world: World) -> Callable[[], None]:
    """
    The seller enters a hand-over whose deadline is over already.
    """

    def enter() -> None:
        world.take(order(SECOND, handed_over_at=at("2026-11-16 11:00")))

    return enter


def slack_answers(world: World, status: int) -> Callable[[], None]:
    """
    The webhook answers with that status from now on.
    """

    def change() -> None:
        world.inboxes.slack_status["lagos"] = status

    return change


def mail_answers(world: World, answer: str) -> Callable[[], None]:
    """
    The mail server answers the seller's address so from now on.
    """

    def change() -> None:
        world.inboxes.smtp_answers[SELLER] = answer

    return change


def test_slack_down_from_ten_to_two(world: World) -> None:
    """
    503, then 404: the mail is not held up, the operator reads what Slack refused, nothing twice.
    """
    arrived = day(
        world,
        h10_00=slack_answers(world, 503),
        h10_10=enter_late(world),
        h12_00=slack_answers(world, 404),
        h14_00=slack_answers(world, 200),
    )
    assert arrived == [
        MORNING_MAIL,
        MORNING_SLACK,
        ("10:10", "email", SELLER, NEWS),
        ("12:10", "email", OPERATOR, NEWS),  # after a fresh look: the proof was old (R3)
    ]


def test_slack_that_only_stumbles_gets_its_message_late(world: World) -> None:
    """
    503 until two o'clock: Slack's message arrives at the next attempt after that, once.
    """
    arrived = day(
        world,
        h10_00=slack_answers(world, 503),
        h10_10=enter_late(world),
        h11_00=slack_answers(world, 200),
    )
    assert arrived == [
        MORNING_MAIL,
        MORNING_SLACK,
        ("10:10", "email", SELLER, NEWS),
        ("11:00", "slack", "lagos", NEWS),
    ]


def test_a_repaired_channel_gets_what_was_parked(world: World) -> None:
    """
    After ``alerts test`` has reached the webhook again, the parked message follows by itself.
    """

    def repaired() -> None:
        slack_answers(world, 200)()
        assert all(one.arrived for one in prove_channels(world.settings, world.store, world.clock))

    arrived = day(
        world,
        h10_00=slack_answers(world, 404),
        h10_10=enter_late(world),
        h14_00=repaired,
    )
    assert arrived == [
        MORNING_MAIL,
        MORNING_SLACK,
        ("10:10", "email", SELLER, NEWS),
        ("10:10", "email", OPERATOR, NEWS),
        ("14:00", "email", SELLER, "test"),
        ("14:00", "slack", "lagos", "test"),
        ("14:00", "email", OPERATOR, "test"),
        ("14:00", "slack", "lagos", NEWS),
    ]


def test_r12_what_ended_meanwhile_is_not_told_late(world: World) -> None:
    """
    Scanned while Slack was down: Slack is spared both messages, who had the mail reads the end.
    """
    seko = world.watcher._crawls[CarrierName.SEKO]
    seko.tell(SECOND, "2026-11-18 11:30", (scan("2026-11-18 11:20"),))
    arrived = day(
        world,
        h10_00=slack_answers(world, 503),
        h10_10=enter_late(world),
        h14_00=slack_answers(world, 200),
    )
    assert arrived == [
        MORNING_MAIL,
        MORNING_SLACK,
        ("10:10", "email", SELLER, NEWS),
        ("13:20", "email", SELLER, f"urge_scan resolved {SECOND}"),
    ]


def test_what_a_person_has_done_is_not_asked_for_late(world: World) -> None:
    """
    Urged while Slack was down: Slack does not ask for it hours later, who had the mail acted.
    """

    def urged() -> None:
        with world.store.begin() as tx:
            marker = Marker(tx, world.watcher.deadlines, world.clock())
            for alert in tx.alerts.matching(kind=AlertKind.URGE_SCAN):
                marker.urge(alert)

    arrived = day(
        world,
        h10_00=slack_answers(world, 503),
        h10_10=enter_late(world),
        h11_00=urged,
        h14_00=slack_answers(world, 200),
    )
    assert arrived == [MORNING_MAIL, MORNING_SLACK, ("10:10", "email", SELLER, NEWS)]


@pytest.mark.parametrize("answer", ["421 too busy", "450 mailbox busy"])
def test_mail_put_off_arrives_later(world: World, answer: str) -> None:
    """
    A passing refusal delays the mail only; Slack has it at once and nothing is doubled.
    """
    arrived = day(
        world,
        h10_00=mail_answers(world, answer),
        h10_10=enter_late(world),
        h11_00=mail_answers(world, "250 OK"),
    )
    assert arrived == [
        MORNING_MAIL,
        MORNING_SLACK,
        ("10:10", "slack", "lagos", NEWS),
        ("11:00", "email", SELLER, NEWS),
    ]


def test_mail_server_down_for_an_hour(world: World) -> None:
    """
    Refused connections delay the mail only.
    """
    arrived = day(
        world,
        h10_00=world.inboxes.mail_down,
        h10_10=enter_late(world),
        h11_00=world.inboxes.mail_up,
    )
    assert arrived == [
        MORNING_MAIL,
        MORNING_SLACK,
        ("10:10", "slack", "lagos", NEWS),
        ("11:00", "email", SELLER, NEWS),
    ]


def test_an_address_that_does_not_exist(world: World) -> None:
    """
    550 parks the seller's mail at once and the operator reads it instead.
    """
    arrived = day(
        world,
        h10_00=mail_answers(world, "550 5.1.1 no such user"),
        h10_10=enter_late(world),
    )
    assert arrived == [
        MORNING_MAIL,
        MORNING_SLACK,
        ("10:10", "slack", "lagos", NEWS),
        ("10:10", "email", OPERATOR, NEWS),
    ]
