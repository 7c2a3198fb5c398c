"""
A scan that a person knows of, through its whole life; the carriers answer from scripts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.world import (
    SELLER,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.model import (
    AlertKind,
    AlertState,
    CarrierName,
    ClosedBecause,
    Outcome,
    ParcelState,
    ScanEvent,
    Stage,
)
from tracker.orders.sightings import NotTakenError, Teller, Telling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.world import World

NUMBER = ds_number(319365323)
STEP = timedelta(minutes=30)
CHAT = "Seko's chat"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """
    A parcel that is late since midnight and unscanned at Seko's portal.
    """
    clock = ScriptedClock(at("2026-11-17 23:50"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls) as opened:
        answer(opened, "2026-11-01 00:00", ())
        opened.take(order(NUMBER, handed_over_at=at("2026-11-16 16:00")))
        yield opened


def answer(world: World, since: str, events: tuple[ScanEvent, ...] | Outcome) -> None:
    """
    Seko's portal answers so from then on.
    """
    crawl = world.watcher._crawls[CarrierName.SEKO]
    assert isinstance(crawl, ScriptedCrawl)
    crawl.tell(NUMBER, since, events)


def tell(world: World, when: str, source: str = CHAT) -> bool:
    """
    A person tells of the scan now; true if it was news.
    """
    with world.store.begin() as tx:
        teller = Teller(tx=tx, deadlines=world.watcher.deadlines, now=world.clock())
        telling = Telling(tracking_number=NUMBER.lower(), at=at(when), source=source)
        return teller.tell(telling)[1]


def take_back(world: World) -> None:
    """
    A person says that it was a mistake.
    """
    with world.store.begin() as tx:
        Teller(tx=tx, deadlines=world.watcher.deadlines, now=world.clock()).withdraw(NUMBER)


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


def urging(world: World) -> tuple[AlertState, ClosedBecause | None]:
    """
    How the one request to urge the scan stands.
    """
    (alert,) = [one for one in world.alerts() if one.kind is AlertKind.URGE_SCAN]
    return alert.state, alert.closed_because


def mails(world: World) -> list[str]:
    """
    What the seller read by mail.
    """
    return [world.content(one) for one in world.arrived if one.recipient == SELLER]


def test_a_persons_word_ends_the_alert_and_survives_the_carriers_silence(world: World) -> None:
    """
    Told at noon: the alert closes as scanned, is told so with its source, and stays closed.
    """
    world.run_until(at("2026-11-18 12:00"), STEP)
    assert urging(world) == (AlertState.OPEN, None)
    assert tell(world, "2026-11-18 11:20")
    world.run_until(at("2026-11-20 12:00"), STEP)
    parcel = world.parcel(NUMBER)
    assert (parcel.state, parcel.first_scan_at) == (ParcelState.SCANNED, at("2026-11-18 11:20"))
    assert urging(world) == (AlertState.CLOSED, ClosedBecause.SCANNED)
    assert mails(world) == [f"urge_scan first {NUMBER}", f"urge_scan resolved {NUMBER}"]
    assert f"it was scanned (told by {CHAT})" in world.arrived[-1].text
    later = [look for look in world.looks(NUMBER) if look.looked_at > at("2026-11-18 12:00")]
    assert later != []
    assert {look.flag for look in later} == {None}
    with world.store.read() as tx:
        assert tx.looks.events(parcel.id) == ()


def test_a_new_import_keeps_what_a_person_told(world: World) -> None:
    """
    The order's facts change and the parcel is summed up again: it stays scanned.
    """
    tell(world, "2026-11-17 18:00")
    world.take(order(NUMBER, handed_over_at=at("2026-11-16 15:00"), courier="SF"))
    assert world.parcel(NUMBER).first_scan_at == at("2026-11-17 18:00")


def test_the_earlier_of_both_is_the_first_scan(world: World) -> None:
    """
    A carrier's scan and a person's: the earliest counts, whoever was first to say so.
    """
    tell(world, "2026-11-17 18:00")
    answer(world, "2026-11-18 08:00", (scan("2026-11-17 20:00"),))
    world.run_until(at("2026-11-19 14:00"), STEP)
    assert world.parcel(NUMBER).first_scan_at == at("2026-11-17 18:00")
    take_back(world)
    parcel = world.parcel(NUMBER)
    assert (parcel.scanned, parcel.first_scan_at) == (True, at("2026-11-17 20:00"))


def test_the_same_told_twice_changes_nothing(world: World) -> None:
    """
    One telling is on record; another source is a second one.
    """
    assert tell(world, "2026-11-17 18:00")
    assert not tell(world, "2026-11-17 18:00")
    assert tell(world, "2026-11-17 18:00", "looked by hand")
    with world.store.read() as tx:
        told = tx.sightings.of(world.parcel(NUMBER).id)
    assert [(one.scanned_at, one.source) for one in told] == [
        (at("2026-11-17 18:00"), CHAT),
        (at("2026-11-17 18:00"), "looked by hand"),
    ]


def test_a_mistake_is_taken_back_and_the_alert_comes_back(world: World) -> None:
    """
    Unscanned again: the alert that "scanned" had closed is open once more, and is told.
    """
    world.run_until(at("2026-11-18 12:00"), STEP)
    tell(world, "2026-11-18 11:20")
    world.run_until(at("2026-11-18 14:00"), STEP)
    take_back(world)
    world.run_until(at("2026-11-18 18:00"), STEP)
    parcel = world.parcel(NUMBER)
    assert (parcel.state, parcel.first_scan_at) == (ParcelState.OVERDUE, None)
    assert urging(world) == (AlertState.OPEN, None)
    assert mails(world)[-1].startswith("urge_scan reminder-2026-11-18")


@pytest.mark.parametrize(
    ("when", "words"),
    [("2026-11-17 23:51", "future"), ("2026-11-06 23:59", "3 days before the order")],
)
def test_a_time_that_cannot_be_is_refused(world: World, when: str, words: str) -> None:
    """
    Still to come, or long before the order: one sentence, and nothing is believed.
    """
    created = at("2026-11-10 00:00")
    world.take(order(NUMBER, handed_over_at=at("2026-11-16 16:00"), created_at=created))
    with pytest.raises(NotTakenError, match=words):
        tell(world, when)
    assert not world.parcel(NUMBER).scanned


def test_a_sighting_ends_not_checked(world: World) -> None:
    """
    While the portal is unread a person's word takes the parcel off the list of unverified ones.
    """
    answer(world, "2026-11-17 23:00", Outcome.UNREADABLE)
    world.run_until(at("2026-11-18 12:00"), STEP)
    assert world.parcel(NUMBER).state is ParcelState.UNVERIFIED
    tell(world, "2026-11-18 11:00", "looked by hand")
    world.run_until(at("2026-11-18 13:00"), STEP)
    assert world.parcel(NUMBER).state is ParcelState.SCANNED
    assert [one.closed_because for one in world.alerts() if one.kind is AlertKind.UNVERIFIED] == [
        ClosedBecause.RECOVERED
    ]
