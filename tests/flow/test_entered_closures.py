"""
A closure that a person enters while the watcher runs, and takes back.
"""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from alerts.foreseeing import Foreseen, foresee_entry, foresee_withdrawal
from tests.support.world import (
    OPERATOR,
    SELLER,
    PowerCut,
    ScriptedClock,
    ScriptedCrawl,
    World,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.acting.entering import enter, withdraw
from tracker.acting.marking import Marker
from tracker.model import (
    AlertKind,
    CalendarException,
    CarrierName,
    UsageError,
)
from tracker.planning.recounting import recount_entered
from tracker.status.health import health_of
from tracker.store import Store
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.store import Transaction

DS = ds_number(319365323)
#: Thursday the 19th is the last day in time for a hand-over of Wednesday the 18th.
HANDED_OVER = at("2026-11-18 10:00")
LATE = at("2026-11-20 00:00")
CLOSED = CalendarException(
    first=date(2026, 11, 19), last=date(2026, 11, 20), centre="shenzhen", closed=True, note="move"
)
STEP = timedelta(minutes=30)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[World]:
    """
    A DS parcel handed over on Wednesday at Shenzhen; its portal knows it and shows nothing.
    """
    clock = ScriptedClock(at("2026-11-18 11:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    crawls[CarrierName.SEKO].tell(DS, "2026-01-01 00:00", ())
    with opened_world(
        tmp_path, monkeypatch, clock, crawls=crawls, database_url=database_url
    ) as opened:
        opened.take(row(DS))
        yield opened


def row(number: str, **facts: Any) -> Any:
    """
    One order of Shenzhen.
    """
    known = {
        "handed_over_at": HANDED_OVER,
        "created_at": at("2026-11-18 08:00"),
    }
    return order(number, **(known | facts))


def entered(world: World, entry: CalendarException = CLOSED) -> int:
    """
    Another process enters it now.
    """
    with closing(Store(world.settings.database_url)) as other, other.begin() as tx:
        return enter(tx, world.settings, entry, "Li", world.clock())


def taken_back(world: World, entry_id: int) -> None:
    """
    Another process withdraws it now.
    """
    with closing(Store(world.settings.database_url)) as other, other.begin() as tx:
        withdraw(tx, entry_id, "Wang", world.clock())


def story(world: World) -> list[tuple[str, str]]:
    """
    Each alert's kind and what became of it.
    """
    return [(one.kind.value, (one.closed_because or one.state).value) for one in world.alerts()]


def mailed(world: World) -> list[str]:
    """
    What the seller's mails told.
    """
    return [world.content(one) for one in world.arrived if one.recipient == SELLER]


def test_a_closure_entered_late_withdraws_what_was_told(world: World) -> None:
    """
    Without a restart: the deadline moves, the alert ends as ``deadline_moved``, and this is told.
    """
    world.run_until(at("2026-11-20 10:00"), STEP)
    assert story(world) == [("urge_scan", "open")]
    assert mailed(world) == [f"urge_scan first {DS}"]
    entered(world)
    world.run_until(at("2026-11-23 10:00"), STEP)
    assert story(world)[0] == ("urge_scan", "deadline_moved")
    assert mailed(world) == [f"urge_scan first {DS}", f"urge_scan withdrawn {DS}"]
    # The 21st and 22nd are a weekend; the 24th is the last day in time now.
    assert world.parcel(DS).scan_deadline == at("2026-11-24 00:00")


def test_what_is_taken_back_accuses_again(world: World) -> None:
    """
    The deadline comes back, earlier than stored, and the parcel is told in the same window (P1).
    """
    entry_id = entered(world)
    world.run_until(at("2026-11-20 09:00"), STEP)
    assert (story(world), mailed(world)) == ([], [])
    taken_back(world, entry_id)
    world.run_until(at("2026-11-20 12:00"), STEP)
    assert world.parcel(DS).scan_deadline == LATE
    assert mailed(world) == [f"urge_scan first {DS}"]


def test_taken_back_after_a_withdrawal_it_opens_again(world: World) -> None:
    """
    The alert of the very deadline that has come back is told again.
    """
    world.run_until(at("2026-11-20 10:00"), STEP)
    entry_id = entered(world)
    world.run_until(at("2026-11-23 10:00"), STEP)
    taken_back(world, entry_id)
    world.run_until(at("2026-11-23 17:00"), STEP)
    assert mailed(world)[:2] == [f"urge_scan first {DS}", f"urge_scan withdrawn {DS}"]
    assert len(mailed(world)) == 3
    assert world.alerts("open")[0].kind is AlertKind.URGE_SCAN


def test_the_deciding_transaction_reads_the_entries_itself(world: World) -> None:
    """
    An entry that no recount has reached yet keeps the alert from opening (promises.md R1).
    """
    world.run_until(at("2026-11-19 18:00"), STEP)
    world.clock.now = at("2026-11-20 09:00")
    world.watcher.poll(CarrierName.SEKO)
    entered(world)
    world.watcher._decider.round(world.clock())
    assert story(world) == []
    assert world.parcel(DS).scan_deadline == at("2026-11-24 00:00")


def test_what_waits_to_be_told_is_not_told(world: World) -> None:
    """
    Entered between deciding and telling: nobody hears of it, although nothing was decided since.
    """
    world.run_until(at("2026-11-19 18:00"), STEP)
    world.clock.now = at("2026-11-20 09:00")
    for carrier in CarrierName:
        world.watcher.poll(carrier)
    world.watcher.decide()
    assert story(world) == [("urge_scan", "open")]
    entered(world)
    world.watcher.deliver()
    assert (story(world), mailed(world)) == ([("urge_scan", "deadline_moved")], [])


def test_an_import_counts_with_what_is_entered(world: World) -> None:
    """
    Long-running importers and hand-overs need no restart either.
    """
    entered(world)
    second = ds_number(319365331)
    world.take(row(second))
    assert world.parcel(second).scan_deadline == at("2026-11-24 00:00")


def test_closed_beats_open_as_in_the_file(world: World) -> None:
    """
    Entries that contradict one another, and the file: the kindest to the centre wins.
    """
    world.reconfigure(
        '[[calendar.exceptions]]\nfrom = "2026-11-19"\nopen = true\ncentre = "shenzhen"\n'
    )
    entered(world, CalendarException(first=date(2026, 11, 20), last=date(2026, 11, 20), open=True))
    entered(world)
    world.tick()
    assert world.parcel(DS).scan_deadline == at("2026-11-24 00:00")


def test_what_is_foreseen_is_what_happens(world: World) -> None:
    """
    The dry run names the deadlines that move and the alerts that end, and writes nothing.
    """
    far = ds_number(319365331)
    world.take(row(far, country="KE", handed_over_at=at("2026-11-10 10:00")))
    elsewhere = CalendarException(first=CLOSED.first, last=CLOSED.last, centre="yiwu", closed=True)
    world.run_until(at("2026-11-20 10:00"), STEP)
    before = {number: world.parcel(number).scan_deadline for number in (DS, far)}
    with world.store.read() as tx:
        foreseen = foresee_entry(tx, world.settings, CLOSED, world.clock())
        assert foresee_entry(tx, world.settings, elsewhere, world.clock()) == Foreseen(
            deadlines=0, alerts=0
        )
    assert {number: world.parcel(number).scan_deadline for number in before} == before
    entry_id = entered(world)
    moved = recount_entered(world.store, world.watcher.deadlines, world.clock)
    world.watcher.decide()
    ended = [why for _, why in story(world)].count("deadline_moved")
    assert (foreseen.deadlines, foreseen.alerts) == (moved, ended)
    assert ended == 1
    with world.store.read() as tx:
        back = foresee_withdrawal(tx, world.settings, entry_id, world.clock())
    assert (back.deadlines, back.alerts) == (moved, 0)


def test_one_that_holds_already_is_refused(world: World) -> None:
    """
    A form that is sent twice enters once; a closure without end is refused before it is entered.
    """
    entered(world)
    with pytest.raises(UsageError, match="This is entered already, as 1"):
        entered(world)
    with pytest.raises(UsageError, match="has no open day within 120 days"):
        entered(
            world,
            CalendarException(first=date(2026, 11, 21), last=date(2027, 3, 30), closed=True),
        )
    with pytest.raises(UsageError, match="No calendar entry has the id 7"):
        taken_back(world, 7)
    taken_back(world, 1)
    with pytest.raises(UsageError, match="withdrawn already"):
        taken_back(world, 1)
    with world.store.read() as tx:
        assert len(tx.closures.all()) == 1


class _Dying(ScriptedClock):
    """
    The power fails at the second reading.
    """

    def __init__(self, now: Any) -> None:
        super().__init__(now)
        self.read = 0

    def __call__(self) -> Any:
        self.read += 1
        if self.read > 1:
            raise PowerCut
        return self.now


def many(world: World, count: int) -> list[str]:
    """
    So many more parcels like the first.
    """
    numbers = [ds_number(319000000 + n) for n in range(count)]
    world.take(*(row(number) for number in numbers))
    return numbers


def stored_deadlines(tx: Transaction, world: World) -> set[Any]:
    """
    Every scan deadline that is stored.
    """
    return {one.scan_deadline for one in tx.parcels.matching(world.clock())}


def test_a_crash_in_the_middle_of_a_recount_is_harmless(world: World) -> None:
    """
    Half of the parcels have moved; the next process moves the rest, and it is marked only then.
    """
    world.watcher.recount_deadlines()
    many(world, 600)
    entered(world)
    deadlines = world.watcher.deadlines
    with pytest.raises(PowerCut):
        recount_entered(world.store, deadlines, _Dying(world.clock()))
    with world.store.read() as tx:
        assert len(stored_deadlines(tx, world)) == 2
        assert len(tx.closures.uncounted()) == 1
    world.restart()
    assert recount_entered(world.store, world.watcher.deadlines, world.clock) == 101
    with world.store.read() as tx:
        assert stored_deadlines(tx, world) == {at("2026-11-24 00:00")}
        assert tx.closures.uncounted() == ()
    assert recount_entered(world.store, world.watcher.deadlines, world.clock) is None


def test_a_second_process_in_the_middle_is_harmless(world: World) -> None:
    """
    Another one counts all of it between two parts of the first.
    """
    many(world, 600)
    entered(world)
    others: list[int | None] = []

    def clock() -> Any:
        if not others:
            others.append(None)
            with closing(Store(world.settings.database_url)) as other:
                others.append(recount_entered(other, world.watcher.deadlines, world.clock))
        return world.clock()

    assert recount_entered(world.store, world.watcher.deadlines, clock) == 0
    assert others == [None, 601]
    with world.store.read() as tx:
        assert stored_deadlines(tx, world) == {at("2026-11-24 00:00")}


def test_a_parcel_that_throws_holds_up_nobody(world: World) -> None:
    """
    The others of its part move (promises.md R10).
    """
    numbers = many(world, 3)
    with world.store.begin() as tx:
        tx._connection.execute(
            update(parcels)
            .where(parcels.c.tracking_number == numbers[1])
            .values(seller_status="by pigeon")
        )
    entered(world)
    world.watcher.decide()
    for number in (DS, numbers[0], numbers[2]):
        assert world.parcel(number).scan_deadline == at("2026-11-24 00:00")


def test_the_claim_after_urging_follows_a_withdrawal(world: World) -> None:
    """
    A wait that an entry made longer is over earlier when the entry is taken back.
    """
    world.run_until(at("2026-11-20 10:00"), STEP)
    with world.store.begin() as tx:
        (alert,) = tx.alerts.matching(kind=AlertKind.URGE_SCAN)
        Marker(tx, world.watcher.deadlines, world.clock()).urge(alert)
    monday = CalendarException(
        first=date(2026, 11, 23), last=date(2026, 11, 27), centre="shenzhen", closed=True
    )
    entry_id = entered(world, monday)
    world.run_until(at("2026-11-20 12:00"), STEP)
    taken_back(world, entry_id)
    world.run_until(at("2026-11-23 12:00"), STEP)
    assert ("raise_claim", "open") in story(world)


def test_a_break_that_somebody_entered_is_not_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Neither message nor warning, as with an entry in the file.
    """
    monkeypatch.setenv("TRACKER_WATCH__BREAK_NOTICE_DAYS", "14")
    world.reconfigure("")
    world.clock.now = at("2026-12-22 12:00")
    assert len(health_of(world.settings, world.store, world.clock()).warnings) == 1
    entered(world, CalendarException(first=date(2026, 12, 31), last=date(2027, 1, 1), closed=True))
    assert health_of(world.settings, world.store, world.clock()).warnings == ()
    world.watcher.keep_house()
    assert [one for one in world.arrived if one.recipient == OPERATOR] == []
