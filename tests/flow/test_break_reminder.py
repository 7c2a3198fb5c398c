"""
Before a longer break the operator is asked once to enter the closures that centres announce.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.world import (
    OPERATOR,
    ScriptedClock,
    ScriptedCrawl,
    World,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.model import CarrierName
from tracker.status.health import health_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[World]:
    """
    A watcher with one parcel, nine days before Mid-Autumn and fifteen before National Day.
    """
    monkeypatch.setenv("TRACKER_WATCH__BREAK_NOTICE_DAYS", "14")
    clock = ScriptedClock(at("2026-09-16 12:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(
        tmp_path, monkeypatch, clock, crawls=crawls, database_url=database_url
    ) as opened:
        opened.take(order(ds_number(319365323)))
        yield opened


def keep_house(world: World, *times: str) -> list[tuple[str, str]]:
    """
    (recipient, subject) of what arrived after the housekeeping of these times.
    """
    for time in times:
        world.clock.now = at(time)
        world.watcher.keep_house()
    return [(one.recipient, one.subject) for one in world.arrived]


def test_the_operator_is_reminded_once_of_each_break(world: World) -> None:
    """
    Inside the send window, from 14 days before; Mid-Autumn and National Day each once.
    """
    days = [f"2026-09-{day} {hour}:00" for day in range(10, 31) for hour in ("03", "09", "10")]
    arrived = keep_house(world, *days, "2026-10-08 09:00")
    assert [one.at for one in world.arrived] == [at("2026-09-11 09:00"), at("2026-09-17 09:00")]
    assert arrived == [
        (OPERATOR, "Enter the closures of 2026-09-25 to 2026-09-27 请录入放假停收安排"),
        (OPERATOR, "Enter the closures of 2026-10-01 to 2026-10-07 请录入放假停收安排"),
    ]
    text = world.arrived[0].text
    assert "Mainland China has 3 days off from 2026-09-25 to 2026-09-27" in text
    assert "中国内地将于 2026-09-25 至 2026-09-27 放假 3 天" in text
    assert "并录入：tracker calendar enter，或" in text


def test_nobody_is_reminded_of_what_is_entered(world: World) -> None:
    """
    A closure that touches the break silences message and warning; another break is still told.
    """
    world.reconfigure(
        '[[calendar.exceptions]]\nfrom = "2026-09-24"\nto = "2026-09-27"\nclosed = true\n'
    )
    assert keep_house(world, "2026-09-16 12:00") == []
    assert health_of(world.settings, world.store, world.clock()).warnings == ()
    assert len(keep_house(world, "2026-09-17 12:00")) == 1


def test_status_warns_and_is_not_red(world: World) -> None:
    """
    The warning stands until a closure is entered or the break begins.
    """
    keep_house(world, "2026-09-16 12:00")
    health = health_of(world.settings, world.store, world.clock())
    assert len(health.warnings) == 1
    assert "2026-09-25 to 2026-09-27" in health.warnings[0]
    assert "2026-09-25" not in " ".join(health.problems)
    begun = at("2026-10-01 12:00")
    assert health_of(world.settings, world.store, begun).warnings == ()


def test_a_mail_server_that_is_down_is_tried_again(world: World) -> None:
    """
    What did not arrive is told an hour later, and once.
    """
    world.inboxes.smtp_answers[OPERATOR] = "450 later"
    assert keep_house(world, "2026-09-16 12:00") == []
    world.inboxes.smtp_answers.clear()
    assert len(keep_house(world, "2026-09-16 13:00", "2026-09-16 14:00")) == 1


def test_it_can_be_turned_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    0 days turn it off, warning and all.
    """
    monkeypatch.setenv("TRACKER_WATCH__BREAK_NOTICE_DAYS", "0")
    world.reconfigure("")
    assert keep_house(world, "2026-09-16 12:00") == []
