"""
A person says what a portal's unknown text means while the watcher runs, and takes it back.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.world import (
    OPERATOR,
    SELLER,
    RealCrawl,
    ScriptedClock,
    ScriptedCrawl,
    World,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.acting.classifying import STAGES, classify, settle_wordings, withdraw
from tracker.model import AlertKind, CarrierName, Outcome, ScanEvent, Stage, UsageError
from tracker.practice.answers import PracticeEvent
from tracker.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracker.crawl import CrawlProcess
    from tracker.practice.server import PracticeServer

DS = ds_number(319365323)
TEXT = "Parcel regraded at bay seven"
STEP = timedelta(hours=1)
ALWAYS = "2026-01-01 00:00"


def shown(text: str, when: str, stage: Stage = Stage.UNCLASSIFIED) -> ScanEvent:
    """
    An event as the carrier's reader gives it.
    """
    return ScanEvent(
        occurred_at=at(when),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=stage,
        is_scan=False,
        code=None,
        text=text,
        location="SHENZHEN",
    )


ANNOUNCED = shown("Shipping information received", "2026-11-18 09:00", Stage.ANNOUNCED)
REGRADED = shown(TEXT, "2026-11-18 15:00")


def seko(world: World) -> ScriptedCrawl:
    """
    Seko's portal.
    """
    crawl = world.watcher._crawls[CarrierName.SEKO]
    assert isinstance(crawl, ScriptedCrawl)
    return crawl


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[World]:
    """
    A DS parcel of Shenzhen, due by the end of Thursday the 19th.
    """
    clock = ScriptedClock(at("2026-11-18 11:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(
        tmp_path, monkeypatch, clock, crawls=crawls, database_url=database_url
    ) as opened:
        opened.take(due(DS))
        yield opened


def due(number: str) -> object:
    """
    One order, handed over on Wednesday.
    """
    return order(
        number,
        handed_over_at=at("2026-11-18 10:00"),
        created_at=at("2026-11-18 08:00"),
    )


def in_store(world: World, act: Callable[..., object], *args: object, **more: object) -> None:
    """
    Another process does it now.
    """
    with closing(Store(world.settings.database_url)) as other, other.begin() as tx:
        act(tx, *args, **more)


def say(world: World, stage: Stage, wording_id: int = 1) -> None:
    """
    Somebody says so.
    """
    in_store(world, classify, world.settings, wording_id, stage, author="Li", now=world.clock())


def take_back(world: World, wording_id: int = 1) -> None:
    """
    Somebody takes it back.
    """
    in_store(world, withdraw, wording_id, "Wang", world.clock())


def story(world: World) -> list[tuple[str, str]]:
    """
    Each alert's kind and what became of it.
    """
    return [(one.kind.value, (one.closed_because or one.state).value) for one in world.alerts()]


def mailed(world: World, recipient: str = SELLER) -> list[str]:
    """
    What the mails to somebody told.
    """
    return [
        world.content(one)
        for one in world.arrived
        if one.recipient == recipient and one.channel == "email"
    ]


def test_a_scan_that_a_person_recognised_ends_the_alert(world: World) -> None:
    """
    As any late scan: closed as ``scanned``, told as resolved; the question about the text is over.
    """
    seko(world).tell(DS, ALWAYS, (ANNOUNCED,))
    seko(world).tell(DS, "2026-11-20 10:00", (ANNOUNCED, REGRADED))
    world.run_until(at("2026-11-20 14:00"), STEP)
    assert story(world) == [("urge_scan", "open"), ("unknown_wording", "open")]
    say(world, Stage.RECEIVED)
    world.run_until(at("2026-11-20 16:00"), STEP)
    assert story(world) == [("urge_scan", "scanned"), ("unknown_wording", "manual")]
    assert mailed(world)[-1] == f"urge_scan resolved {DS}"
    parcel = world.parcel(DS)
    assert (parcel.scanned, parcel.stage) == (True, Stage.RECEIVED)
    assert parcel.first_scan_at == at("2026-11-18 15:00")
    assert [one for one in mailed(world, OPERATOR) if "resolved" in one] == []


def test_a_text_that_is_no_scan_proves_only_by_the_next_look(world: World) -> None:
    """
    The looks made before the word prove nothing; the next good one does (promises.md P4).
    """
    seko(world).tell(DS, ALWAYS, (ANNOUNCED, REGRADED))
    world.run_until(at("2026-11-20 12:00"), STEP)
    assert AlertKind.URGE_SCAN not in {one.kind for one in world.alerts()}
    assert world.parcel(DS).state == "unverified"
    say(world, Stage.ANNOUNCED)
    world.watcher.decide()
    world.watcher.decide()
    assert AlertKind.URGE_SCAN not in {one.kind for one in world.alerts()}
    world.run_until(at("2026-11-20 14:00"), STEP)
    (alert,) = [one for one in world.alerts() if one.kind is AlertKind.URGE_SCAN]
    assert alert.proof is not None
    assert alert.proof.looked_at >= at("2026-11-20 12:00")
    assert f"urge_scan first {DS}" in mailed(world)


def test_a_failed_look_after_the_word_proves_nothing(world: World) -> None:
    """
    Neither word nor failure opens an alert (promises.md P4).
    """
    seko(world).tell(DS, ALWAYS, (ANNOUNCED, REGRADED))
    seko(world).tell(DS, "2026-11-20 11:50", Outcome.UNREADABLE)
    world.run_until(at("2026-11-20 12:00"), STEP)
    say(world, Stage.ANNOUNCED)
    world.run_until(at("2026-11-20 18:00"), STEP)
    assert AlertKind.URGE_SCAN not in {one.kind for one in world.alerts()}


def test_a_word_taken_back_asks_again_and_accuses_nobody(world: World) -> None:
    """
    The parcel is looked at now, its event is kept, and it is unverified, not urged.
    """
    seko(world).tell(DS, ALWAYS, (ANNOUNCED, REGRADED))
    world.run_until(at("2026-11-19 12:00"), STEP)
    say(world, Stage.RECEIVED)
    world.run_until(at("2026-11-20 12:00"), STEP)
    assert world.parcel(DS).scanned
    take_back(world)
    asked = len(seko(world).asked)
    world.tick()
    world.tick()
    assert len(seko(world).asked) == asked + 1
    world.run_until(at("2026-11-20 18:00"), STEP)
    parcel = world.parcel(DS)
    assert (parcel.scanned, parcel.first_scan_at, parcel.state) == (False, None, "unverified")
    with world.store.read() as tx:
        assert len(tx.looks.events(parcel.id)) == 2
    kinds = [kind for kind, _ in story(world)]
    assert "urge_scan" not in kinds
    assert kinds.count("unknown_wording") == 2


def test_a_look_under_way_while_the_word_is_taken_back(world: World) -> None:
    """
    What it brings is stored with what holds when it is stored.
    """
    seko(world).tell(DS, ALWAYS, (ANNOUNCED, REGRADED))
    world.run_until(at("2026-11-19 12:00"), STEP)
    say(world, Stage.RECEIVED)
    world.watcher.decide()
    take_back(world)
    world.run_until(at("2026-11-19 14:00"), STEP)
    assert not world.parcel(DS).scanned


def test_scans_by_a_word_are_no_mass_anomaly(world: World) -> None:
    """
    Their portal's own reading never was a scan: asked again, they have lost nothing (R9).
    """
    numbers = [ds_number(319000100 + n) for n in range(8)]
    for number in (DS, *numbers):
        seko(world).tell(number, ALWAYS, (ANNOUNCED, REGRADED))
    world.take(*(due(number) for number in numbers))  # type: ignore[arg-type]
    world.run_until(at("2026-11-18 16:00"), STEP)
    say(world, Stage.RECEIVED)
    world.run_until(at("2026-11-21 16:00"), timedelta(hours=2))
    with world.store.read() as tx:
        assert tx.health.carrier(CarrierName.SEKO).doubt is None
    assert all(world.parcel(number).scanned for number in numbers)
    assert story(world) == [("unknown_wording", "manual")]


def test_what_the_tables_know_is_not_said_otherwise(world: World) -> None:
    """
    Unknown ids, "unclassified" and known texts are refused in a sentence.
    """
    with world.store.begin() as tx:
        tx.wordings.note(
            CarrierName.SEKO, "Parcel received and accepted", world.parcel(DS).id, world.clock()
        )
    for stage, wording_id, complaint in (
        (Stage.HELD, 1, "is known as received already"),
        (Stage.UNCLASSIFIED, 1, "cannot be called unclassified"),
        (Stage.HELD, 9, "No wording has the id 9"),
    ):
        with pytest.raises(UsageError, match=complaint):
            say(world, stage, wording_id)
    with pytest.raises(UsageError, match="Nobody said what wording 1 means"):
        take_back(world)
    assert Stage.UNCLASSIFIED not in STAGES


def test_a_crash_before_the_events_follow(world: World) -> None:
    """
    The next process finds the word and lets them follow; after that there is nothing to do.
    """
    seko(world).tell(DS, ALWAYS, (ANNOUNCED, REGRADED))
    world.run_until(at("2026-11-18 16:00"), STEP)
    say(world, Stage.RECEIVED)
    world.restart()
    assert settle_wordings(world.store, world.watcher.deadlines, world.clock) == 1
    assert settle_wordings(world.store, world.watcher.deadlines, world.clock) is None
    assert world.parcel(DS).scanned


def test_through_the_real_child(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clevy_child: CrawlProcess,
    portal: PracticeServer,
) -> None:
    """
    A text that really came over Clevy's interface: held back, recognised, scanned by every look.
    """
    number = postal_number(47312482)
    clock = ScriptedClock(at("2026-11-18 09:00"))
    crawls = {
        CarrierName.CLEVY: RealCrawl(clevy_child, clock),
        CarrierName.SEKO: ScriptedCrawl(CarrierName.SEKO, clock),
    }
    portal.set_events(number, [PracticeEvent(at("2026-11-16 20:00"), TEXT, "SHENZHEN")])
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, portal=portal) as world:
        world.take(order(number, handed_over_at=at("2026-11-16 16:00")))
        world.run_until(at("2026-11-18 12:00"), STEP)
        assert world.parcel(number).state == "unverified"
        say(world, Stage.RECEIVED)
        world.run_until(at("2026-11-18 15:00"), STEP)
        assert world.parcel(number).scanned
        assert next(look.scanned for look in world.looks(number)) is None
        other = postal_number(47312499)
        portal.set_events(other, [PracticeEvent(at("2026-11-17 20:00"), f"{TEXT}.", "XIAMEN")])
        world.take(order(other, handed_over_at=at("2026-11-17 16:00")))
        world.run_until(at("2026-11-18 16:00"), STEP)
        assert [look.scanned for look in world.looks(other)] == [True]
        assert {kind for kind, _ in story(world)} == {"unverified", "unknown_wording"}
