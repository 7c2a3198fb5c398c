"""
Rounds that prove nothing: canaries, mass anomalies and what they hold (promises.md R4, R9, P1, P4).
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import update

from alerts.blindness import Blindness
from alerts.notices import Notices
from alerts.tally import Tally
from tests.support.world import (
    OPERATOR,
    SELLER,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.model import AlertKind, CarrierName, Outcome, ScanEvent, Stage
from tracker.planning.deadlines import Deadlines
from tracker.stages import load_tables
from tracker.status.health import health_of
from tracker.store.canaries import Expected
from tracker.store.tables import carriers, parcels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from tests.support.world import World
    from tracker.store import Store, Transaction

LATE = ds_number(319365301)
SCANNED = ds_number(319365302)
CANARY = ds_number(319000001)
NOBODYS = ds_number(319000002)
HANDED_OVER = at("2026-11-16 16:00")
DEADLINE = at("2026-11-18 00:00")
SEKO = CarrierName.SEKO
SCAN_KINDS = {AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM}
STEP = timedelta(minutes=10)
CANARIES = f"""
[carriers.seko]
canary_scanned = "{CANARY}"
canary_unknown = "{NOBODYS}"
"""


def event(when: str, *, is_scan: bool = True) -> ScanEvent:
    """
    An arrival scan, or a pre-advice.
    """
    return ScanEvent(
        occurred_at=at(when),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=Stage.RECEIVED if is_scan else Stage.ANNOUNCED,
        is_scan=is_scan,
        code=None,
        text="Parcel received and accepted" if is_scan else "Shipping information received",
        location=None,
    )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """
    A Wednesday on which one parcel is late, with two canaries that Seko answers rightly.
    """
    monkeypatch.setattr("alerts.deliver.JITTER", 0)
    monkeypatch.setattr("tracker.polling.pausing.JITTER", 0)
    clock = ScriptedClock(at("2026-11-17 23:50"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, extra=CANARIES) as opened:
        seko(opened).tell(CANARY, "2026-11-01 00:00", (event("2026-10-20 10:00"),))
        seko(opened).tell(LATE, "2026-11-01 00:00", ())
        yield opened


def seko(world: World) -> ScriptedCrawl:
    """
    Seko's scripted portal.
    """
    crawl = world.watcher._crawls[SEKO]
    assert isinstance(crawl, ScriptedCrawl)
    return crawl


def kinds(world: World, state: str = "all") -> set[AlertKind]:
    """
    The kinds of the stored alerts.
    """
    return {alert.kind for alert in world.alerts(state)}


def told(world: World, word: str) -> list[str]:
    """
    Who read a notice that holds the word, once for each.
    """
    return [one.recipient for one in world.arrived if word in world.content(one)]


def wrong_from(world: World, since: str) -> None:
    """
    From then on Seko does not know the scanned canary.
    """
    seko(world).tell(CANARY, since, Outcome.NOT_FOUND)


def right_from(world: World, since: str) -> None:
    """
    From then on it does.
    """
    seko(world).tell(CANARY, since, (event("2026-10-20 10:00"),))


def test_right_canaries_are_asked_along_and_change_nothing(world: World) -> None:
    """
    The alert opens, the canaries' answers stand in the status, and they are no parcels.
    """
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(at("2026-11-18 09:00"), STEP)
    assert kinds(world) == {AlertKind.URGE_SCAN}
    with world.store.read() as tx:
        answers = {one.tracking_number: (one.expected, one.right) for one in tx.canaries.of(SEKO)}
        assert tx.parcels.count() == 1
    assert answers == {CANARY: (Expected.SCANNED, True), NOBODYS: (Expected.UNKNOWN, True)}


def test_canaries_are_asked_only_where_somebody_may_be_accused(world: World) -> None:
    """
    Before the deadline a look asks about the parcel alone; after it once each with the parcel.
    """
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.tick()
    assert [number for _, number in seko(world).asked] == [LATE]
    world.clock.now = DEADLINE + timedelta(minutes=15)
    world.tick()
    assert sorted(number for when, number in seko(world).asked if when >= DEADLINE) == sorted(
        [CANARY, NOBODYS, LATE]
    )


def test_p4_a_wrong_canary_opens_no_alert_and_is_told_once(world: World) -> None:
    """
    The round proves nothing: no urging, ``carrier_blind`` once, and ``unverified`` in time (P1).
    """
    wrong_from(world, "2026-11-17 00:00")
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(at("2026-11-18 20:00"), STEP)
    assert kinds(world) == {AlertKind.CARRIER_BLIND, AlertKind.UNVERIFIED}
    assert told(world, "carrier_blind first") == [OPERATOR]
    assert sorted(told(world, "unverified first")) == sorted([SELLER, "lagos"])
    looks = [look for look in world.looks(LATE) if look.looked_at >= DEADLINE]
    assert {look.outcome for look in looks} == {Outcome.UNREADABLE}
    assert all(f"the canary {CANARY} was answered wrongly" in (one.detail or "") for one in looks)
    (blind,) = (one for one in world.alerts() if one.kind is AlertKind.CARRIER_BLIND)
    assert f"the canary {CANARY} was answered wrongly" in blind.reason


def test_a_number_that_nobody_has_must_stay_unknown(world: World) -> None:
    """
    A portal that shows events of any number, as a careless page does, proves nothing.
    """
    seko(world).tell(NOBODYS, "2026-11-01 00:00", (event("2026-11-17 10:00", is_scan=False),))
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(at("2026-11-18 12:00"), STEP)
    assert AlertKind.CARRIER_BLIND in kinds(world)
    assert not kinds(world) & SCAN_KINDS


def test_what_was_held_is_told_when_the_canary_is_right_again(world: World) -> None:
    """
    The next round that is judged well ends the doubt; the alert opens at once, the end is told.
    """
    wrong_from(world, "2026-11-17 00:00")
    right_from(world, "2026-11-18 09:00")
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(at("2026-11-18 14:00"), STEP)
    assert sorted(told(world, f"urge_scan first {LATE}")) == sorted([SELLER, "lagos"])
    assert kinds(world, "open") >= {AlertKind.URGE_SCAN}
    with world.store.read() as tx:
        assert tx.health.carrier(SEKO).doubt is None
    alert = next(one for one in world.alerts() if one.kind is AlertKind.URGE_SCAN)
    assert alert.proof is not None
    assert alert.proof.looked_at >= at("2026-11-18 09:00")


def test_p4_a_wrong_canary_closes_no_alert(world: World) -> None:
    """
    A scan that only a doubted round shows is not believed: nobody reads an all-clear.
    """
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(at("2026-11-18 09:00"), STEP)
    wrong_from(world, "2026-11-18 09:00")
    seko(world).tell(LATE, "2026-11-18 09:00", (event("2026-11-18 08:50"),))
    world.run_until(at("2026-11-18 16:00"), STEP)
    assert kinds(world, "open") >= {AlertKind.URGE_SCAN, AlertKind.CARRIER_BLIND}
    assert not world.parcel(LATE).scanned
    right_from(world, "2026-11-18 16:00")
    world.run_until(at("2026-11-18 20:00"), STEP)
    assert world.parcel(LATE).scanned
    assert AlertKind.URGE_SCAN not in kinds(world, "open")


def test_a_parcel_scanned_lately_is_a_canary_of_our_own(world: World) -> None:
    """
    It is asked along once with each round and its look is kept; without its scan nothing is proved.
    """
    seko(world).tell(SCANNED, "2026-11-01 00:00", (event("2026-11-17 10:00"),))
    world.take(order(SCANNED, handed_over_at=HANDED_OVER))
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.tick()
    seko(world).tell(SCANNED, "2026-11-18 00:00", Outcome.NOT_FOUND)
    world.clock.now = DEADLINE + timedelta(minutes=15)
    world.tick()
    asked = [number for when, number in seko(world).asked if when >= DEADLINE]
    assert sorted(asked) == sorted([CANARY, NOBODYS, SCANNED, LATE])
    assert [look.outcome for look in world.looks(SCANNED)] == [Outcome.EVENTS, Outcome.UNREADABLE]
    assert kinds(world) == {AlertKind.CARRIER_BLIND}
    assert world.parcel(SCANNED).scanned


def test_one_scan_taken_back_does_not_blind_for_good(world: World) -> None:
    """
    The doubt is tested on further own parcels; two that are right outvote the odd one (R7).
    """
    others = [ds_number(319365400 + n) for n in range(2)]
    for number, hour in ((SCANNED, 12), (others[0], 11), (others[1], 10)):
        seko(world).tell(number, "2026-11-01 00:00", (event(f"2026-11-17 {hour}:00"),))
        world.take(order(number, handed_over_at=HANDED_OVER))
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.tick()
    seko(world).tell(SCANNED, "2026-11-18 00:00", ())
    world.run_until(at("2026-11-18 03:00"), STEP)
    with world.store.read() as tx:
        assert tx.health.carrier(SEKO).doubt is None
    assert AlertKind.URGE_SCAN in kinds(world)
    assert {look.flag for look in world.looks(SCANNED)} == {None, "scan_lost"}
    assert world.parcel(SCANNED).scanned


def with_history(world: World, count: int) -> list[str]:
    """
    So many parcels of which Seko shows a pre-advice, looked at before their deadline.
    """
    numbers = [ds_number(319365500 + n) for n in range(count)]
    for number in numbers:
        shown = (event("2026-11-16 12:00", is_scan=False),)
        seko(world).tell(number, "2026-11-01 00:00", shown)
        world.take(order(number, handed_over_at=HANDED_OVER))
    world.tick()
    return numbers


def test_p4_a_mass_anomaly_opens_no_alert(world: World) -> None:
    """
    When most parcels lose their history at once no one is accused, and the reason counts them.
    """
    numbers = with_history(world, 9)
    for number in numbers[:7]:
        seko(world).tell(number, "2026-11-18 00:00", ())
    world.clock.now = DEADLINE + timedelta(minutes=15)
    world.tick()
    assert kinds(world) == {AlertKind.CARRIER_BLIND}
    (blind,) = world.alerts()
    assert blind.reason == "7 of 9 parcels lost their events in one round"


def test_a_person_who_compared_ends_a_standing_anomaly(world: World) -> None:
    """
    ``carriers confirm`` after the doubt: the portal did forget them, and the alerts go out.
    """
    numbers = with_history(world, 9)
    for number in numbers:
        seko(world).tell(number, "2026-11-18 00:00", ())
    world.run_until(at("2026-11-18 04:00"), STEP)
    assert not kinds(world) & SCAN_KINDS
    with world.store.begin() as tx:
        tx.health.confirm(SEKO, world.clock())
    world.run_until(at("2026-11-18 08:20"), STEP)
    urged = [one for one in world.alerts("open") if one.kind is AlertKind.URGE_SCAN]
    assert {one.tracking_numbers[0] for one in urged} == set(numbers)


def test_a_centre_that_is_really_late_is_told_under_one_heading(world: World) -> None:
    """
    Two dozen parcels never seen scanned and right canaries: the message says how many of how many.
    """
    numbers = [ds_number(319365500 + n) for n in range(24)]
    for number in numbers:
        seko(world).tell(number, "2026-11-01 00:00", ())
    facts = {"handed_over_at": HANDED_OVER, "station": "NG-JG-SEKO-Shenzhen-Seko Station"}
    world.take(*(order(number, **facts) for number in numbers))
    world.run_until(at("2026-11-18 09:00"), STEP)
    (mail,) = (one for one in world.arrived if one.channel == "email")
    assert (
        "Shenzhen: this centre seems late: 24 of 24 parcels that were due there last are unscanned."
        in mail.text
    )


def test_a_late_centre_is_not_called_late_while_the_carrier_is_mistrusted(world: World) -> None:
    """
    A proof from before the doubt is told with its age, after a wait for a fresh look, unheaded.
    """
    numbers = [ds_number(319365500 + n) for n in range(24)]
    for number in numbers:
        seko(world).tell(number, "2026-11-01 00:00", ())
    facts = {"handed_over_at": HANDED_OVER, "station": "NG-JG-SEKO-Shenzhen-Seko Station"}
    world.take(*(order(number, **facts) for number in numbers))
    wrong_from(world, "2026-11-18 07:00")
    world.run_until(at("2026-11-18 10:20"), STEP)
    assert told(world, "urge_scan first") == []
    world.run_until(at("2026-11-18 11:00"), STEP)
    assert sorted(told(world, "urge_scan first")) == sorted([SELLER, "lagos"])
    assert not any("seems late" in one.text for one in world.arrived)


def test_the_operator_reads_of_what_stays_unverified_after_a_blindness(world: World) -> None:
    """
    Unverified while blind is not told beside it; what still is when it ends is told then (R4, P1).
    """
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    wrong_from(world, "2026-11-17 00:00")
    right_from(world, "2026-11-18 13:00")
    puzzling = ScanEvent(
        occurred_at=at("2026-11-18 12:00"),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=Stage.UNCLASSIFIED,
        is_scan=False,
        code=None,
        text="Parcel regraded at bay seven",
        location=None,
    )
    seko(world).tell(LATE, "2026-11-18 13:00", (puzzling,))
    world.run_until(at("2026-11-18 12:50"), STEP)
    assert OPERATOR not in told(world, "unverified first")
    world.run_until(at("2026-11-19 12:00"), STEP)
    assert OPERATOR in told(world, f"unverified first {LATE}")
    assert told(world, "carrier_blind resolved") == [OPERATOR]


def test_a_failed_daily_check_is_told_though_nothing_is_overdue(world: World) -> None:
    """
    Blind on entry, and seen again by the next good look: told once each.
    """
    world.take(order(LATE, handed_over_at=at("2026-11-18 10:00")))
    values = {"checked_at": at("2026-11-18 06:00"), "check_failure": "name resolves: no such host"}
    world.run_until(at("2026-11-18 08:00"), STEP)
    with world.store.begin() as tx:
        tx._connection.execute(update(carriers).where(carriers.c.name == "seko").values(values))
    with world.store.begin() as tx:
        tx._connection.execute(
            update(carriers).where(carriers.c.name == "seko").values(last_good_look_at=DEADLINE)
        )
    world.run_until(at("2026-11-18 20:00"), STEP)
    assert told(world, "carrier_blind first") == [OPERATOR]
    assert told(world, "carrier_blind resolved") == [OPERATOR]
    (blind,) = world.alerts()
    assert blind.reason == "the daily check failed: name resolves: no such host"


class _DoubtedInBetween:
    """
    The store, with another worker that doubts Seko right after each reading transaction.
    """

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now
        self.begin = store.begin

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._store.read() as tx:
            yield tx
        with self._store.begin() as other:
            other.manners.doubt(SEKO, "the canary was wrong again", self._now)


def test_a_doubt_that_arises_while_judging_is_not_overlooked(world: World) -> None:
    """
    A carrier that is doubted anew in the very moment is not told to see again.
    """
    notices = Notices(Deadlines(world.settings))
    with world.store.begin() as tx:
        tx.manners.doubt(SEKO, "the canary was wrong", world.clock())
    Blindness(world.store, notices, Tally()).judge(SEKO, world.clock())
    with world.store.begin() as tx:
        assert tx.manners.trust(SEKO, asked_at=world.clock() + timedelta(minutes=1))
    between = _DoubtedInBetween(world.store, world.clock())
    Blindness(cast("Store", between), notices, Tally()).judge(SEKO, world.clock())
    assert [(one.kind, one.closed_at) for one in world.alerts()] == [
        (AlertKind.CARRIER_BLIND, None)
    ]


def test_of_two_portals_either_holds_the_alert(world: World) -> None:
    """
    A parcel that two carriers are asked about is not accused while the other one is mistrusted.
    """
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    with world.store.begin() as tx:
        tx._connection.execute(update(parcels).values(second_carrier="clevy"))
        tx.manners.doubt(CarrierName.CLEVY, "the canary was wrong", world.clock())
    world.run_until(at("2026-11-18 03:50"), STEP)
    # New parcels alone test nothing: the doubt is still there, until a person has compared.
    assert not kinds(world) & SCAN_KINDS
    with world.store.begin() as tx:
        assert tx.health.carrier(CarrierName.CLEVY).doubt == "the canary was wrong"
        tx.health.confirm(CarrierName.CLEVY, world.clock())
    world.run_until(at("2026-11-18 14:00"), STEP)
    assert AlertKind.URGE_SCAN in kinds(world)


def test_status_shows_doubt_and_canaries(world: World) -> None:
    """
    Red, with the reason in words and each canary's latest answer, for people and as JSON.
    """
    wrong_from(world, "2026-11-17 00:00")
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(DEADLINE + timedelta(minutes=20), STEP)
    health = health_of(world.settings, world.store, world.clock())
    told_as_json = json.loads(json.dumps(health.shape()))["carriers"]["seko"]
    assert "no look proves anything" in " ".join(health.problems)
    assert f"the canary {CANARY} was answered wrongly" in told_as_json["doubt"]
    (wrong,) = (one for one in told_as_json["canaries"] if one["right"] is False)
    assert (wrong["tracking_number"], wrong["expected"], wrong["outcome"]) == (
        CANARY,
        "scanned",
        "not_found",
    )
    assert any(f"canary {CANARY}: WRONG" in line for line in health.lines())


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.is_good])
def test_a_canary_that_could_not_be_looked_at_holds_nothing(world: World, outcome: Outcome) -> None:
    """
    Its failed look says nothing: the alert opens on the parcel's own good one.
    """
    seko(world).tell(CANARY, "2026-11-17 00:00", outcome)
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(DEADLINE + timedelta(minutes=20), STEP)
    assert AlertKind.URGE_SCAN in kinds(world)
    with world.store.read() as tx:
        rights = {one.tracking_number: one.right for one in tx.canaries.of(SEKO)}
    assert rights[CANARY] is None


# -- the circuit breaker ------------------------------------------------------------------------


def asked_at(world: World) -> list[str]:
    """
    The local times at which Seko was asked, each once.
    """
    zone = world.watcher.deadlines.calendar(None, SEKO).zone
    return sorted({f"{when.astimezone(zone):%H:%M}" for when, _ in seko(world).asked})


def test_a_carrier_that_answers_nothing_is_left_alone_longer_and_longer(world: World) -> None:
    """
    Two failing rounds change nothing; from the third on the pauses grow, one batch probes each.
    """
    seko(world).outages.append((at("2026-11-18 09:00"), at("2026-11-18 10:00"), Outcome.UNREADABLE))
    world.clock.now = at("2026-11-18 09:00")
    numbers = [ds_number(319365500 + n) for n in range(100)]
    minute = timedelta(minutes=1)
    script = {
        at("2026-11-18 09:00") + n * minute: partial(world.take, order(numbers[n]))
        for n in range(50)
    }
    world.run_until(at("2026-11-18 09:50"), minute, script=script)
    assert asked_at(world) == ["09:00", "09:01", "09:02", "09:04", "09:08", "09:16", "09:32"]
    probes = {when: 0 for when, _ in seko(world).asked}
    for when, _ in seko(world).asked:
        probes[when] += 1
    assert max(probes.values()) <= world.settings.carriers.seko.batch_size
    world.run_until(at("2026-11-18 10:30"), minute)
    with world.store.read() as tx:
        assert tx.health.carrier(SEKO).failing_rounds == 0
        assert tx.parcels.due_count(SEKO, world.clock()) == 0


def test_a_restart_does_not_forget_the_pause(world: World) -> None:
    """
    A new watcher on the same database asks nothing before the pause ends; the status says why.
    """
    seko(world).outages.append((DEADLINE, at("2026-11-19 00:00"), Outcome.UNREACHABLE))
    world.clock.now = at("2026-11-18 09:00")
    for n in range(3):
        world.take(order(ds_number(319365500 + n)))
        world.tick()
        world.clock.now += timedelta(seconds=10)
    asked = len(seko(world).asked)
    world.reconfigure("")
    world.take(order(ds_number(319365599)))
    world.tick()
    assert len(seko(world).asked) == asked
    health = health_of(world.settings, world.store, world.clock())
    shown = health.shape()["carriers"]["seko"]
    assert shown["cooling_until"] == "2026-11-18T01:02:20Z"
    assert shown["cooling_because"].startswith("3 rounds without a good look")
    assert any("is left alone until" in problem for problem in health.problems)


def test_p1_a_pause_hides_no_late_parcel(world: World) -> None:
    """
    Every look fails all day: the parcel is told as unverified, and looked at when a pause ends.
    """
    seko(world).outages.append((DEADLINE, at("2026-11-18 15:00"), Outcome.UNREACHABLE))
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(at("2026-11-18 20:00"), STEP)
    assert sorted(set(told(world, "unverified first"))) == sorted([SELLER, "lagos"])
    assert sorted(told(world, f"urge_scan first {LATE}")) == sorted([SELLER, "lagos"])


# -- by page only -------------------------------------------------------------------------------


def test_confirming_looks_are_made_through_the_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A crawl that may accuse somebody asks by the page, so that a picture is kept; others need not.
    """
    asked: list[tuple[bool, tuple[str, ...]]] = []
    plain = ScriptedCrawl.run

    def listening(
        self: ScriptedCrawl, access: object, numbers: list[str], seconds: float
    ) -> object:
        asked.append((access.by_page_only, tuple(numbers)))  # type: ignore[attr-defined]  # CarrierAccess
        return plain(self, access, numbers, seconds)  # type: ignore[arg-type]  # see above

    monkeypatch.setattr(ScriptedCrawl, "run", listening)
    world.clock.now = DEADLINE - timedelta(hours=6)
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.tick()
    world.clock.now = DEADLINE + timedelta(minutes=15)
    world.tick()
    assert asked == [(False, (LATE,)), (True, (CANARY, NOBODYS, LATE))]


def test_a_deadline_that_passes_during_the_crawl_is_proved_with_canaries(world: World) -> None:
    """
    A look that is asked for just before the deadline is made after it, and is a proof.
    """
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.clock.now = DEADLINE - timedelta(seconds=5)
    with world.store.begin() as tx:
        tx._connection.execute(update(parcels).values(next_look_at=world.clock.now))
    world.tick()
    with world.store.read() as tx:
        assert {one.tracking_number for one in tx.canaries.of(SEKO)} == {CANARY, NOBODYS}


# -- wordings -----------------------------------------------------------------------------------

HOSTILE = 'Regraded "here\\n"]\n[[group]]\r\nstage = "received" # \x07\u202e at bay 七号'


def test_an_unknown_wording_is_told_once_with_lines_that_give_it_back(
    world: World, tmp_path: Path
) -> None:
    """
    Mail and status hold one group that, pasted with a stage, classifies the very text.
    """
    puzzling = replace(event("2026-11-18 08:00"), stage=Stage.UNCLASSIFIED, is_scan=False)
    seko(world).tell(LATE, "2026-11-18 08:00", (replace(puzzling, text=HOSTILE),))
    world.take(order(LATE, handed_over_at=HANDED_OVER))
    world.run_until(at("2026-11-19 12:00"), timedelta(minutes=30))
    (mail,) = (one for one in world.arrived if "unknown_wording first" in world.content(one))
    assert "tracker carriers classify ID --stage STAGE" in mail.text
    lines = mail.text.splitlines()
    group = lines[lines.index("[[group]]") :][:5]
    shown = health_of(world.settings, world.store, world.clock()).shape()["carriers"]["seko"]
    assert [one["lines"] for one in shown["unknown_wordings"]] == [group]
    told = "\n".join(health_of(world.settings, world.store, world.clock()).lines())
    assert "`tracker carriers classify ID --stage STAGE`" in told
    file = tmp_path / "wordings.toml"
    file.write_text("\n".join(group).replace("STAGE", "held"), encoding="utf-8")
    assert load_tables(file).classify(SEKO, HOSTILE, None).stage is Stage.HELD
    # With the file in place the alert ends by itself, and the operator hears that it did.
    world.reconfigure(f'[wordings]\nfile = "{file}"\n')
    world.run_until(at("2026-11-19 14:00"), timedelta(minutes=30), poll=False)
    assert not [one for one in world.alerts("open") if one.kind is AlertKind.UNKNOWN_WORDING]
    assert "unknown_wording resolved" in world.content(world.arrived[-1])
