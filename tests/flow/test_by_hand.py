"""
While a portal is unread: each shop's daily list to look up by hand, and how the answers come back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.world import (
    SELLER,
    SHANGHAI,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.model import CarrierName, Outcome, ParcelState
from tracker.orders.numberlists import read_numbers
from tracker.orders.sightings import Teller, Telling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.world import World
    from tracker.orders.numberlists import NumberRow

FIRST, SECOND, THIRD = (ds_number(319365300 + index) for index in (1, 2, 3))
OTHER_SHOP = "Nairobi Nets"
OTHERS = "nets@nairobi.example"
STEP = timedelta(minutes=15)
TWO_SHOPS = f"""
[[shops]]
name = "{OTHER_SHOP}"
country = "KE"
email = ["{OTHERS}"]
"""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """
    Seko's portal cannot be read; two parcels of one shop and one of another are late.
    """
    clock = ScriptedClock(at("2026-11-17 23:50"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, extra=TWO_SHOPS) as opened:
        for number in (FIRST, SECOND, THIRD):
            crawls[CarrierName.SEKO].tell(number, "2026-11-01 00:00", Outcome.UNREADABLE)
        handed_over = at("2026-11-16 16:00")
        opened.take(order(FIRST, handed_over_at=handed_over))
        opened.take(order(SECOND, handed_over_at=at("2026-11-17 16:00")))
        opened.take(order(THIRD, handed_over_at=handed_over, shop=OTHER_SHOP))
        yield opened


def lists(world: World, recipient: str) -> list[tuple[str, str]]:
    """
    (local day, content) of the recipient's mails.
    """
    return [
        (f"{one.at.astimezone(SHANGHAI):%m-%d}", world.content(one))
        for one in world.arrived
        if one.recipient == recipient
    ]


def attached(world: World, folder: Path) -> tuple[NumberRow, ...]:
    """
    The list attached to the seller's last mail, as ``orders scanned --from`` reads it.
    """
    mail = [one for one in world.arrived if one.recipient == SELLER][-1]
    path = folder / "by-hand.csv"
    path.write_bytes(mail.files["by-hand.csv"])
    return read_numbers(path, zone=SHANGHAI).rows


def tell(world: World, number: str) -> None:
    """
    A person looked the number up and saw a scan.
    """
    with world.store.begin() as tx:
        teller = Teller(tx=tx, deadlines=world.watcher.deadlines, now=world.clock())
        when = world.clock() - timedelta(hours=1)
        teller.tell(Telling(tracking_number=number, at=when, source="looked by hand"))


def test_each_shop_gets_one_list_a_day_of_its_own_parcels(world: World, tmp_path: Path) -> None:
    """
    Two days of blindness: one list a day and shop, grown by the day's parcels, ready to fill in.
    """
    world.run_until(at("2026-11-18 21:00"), STEP)
    assert lists(world, SELLER) == [("11-18", f"unverified first {FIRST}")]
    assert [row.tracking_number for row in attached(world, tmp_path)] == [FIRST]
    world.run_until(at("2026-11-19 21:00"), STEP)
    second_day = f"unverified reminder-2026-11-19 {FIRST}, {SECOND}"
    assert lists(world, SELLER)[1:] == [("11-19", second_day)]
    assert [(row.tracking_number, row.at) for row in attached(world, tmp_path)] == [
        (FIRST, None),
        (SECOND, None),
    ]
    assert lists(world, OTHERS) == [
        ("11-18", f"unverified first {THIRD}"),
        ("11-19", f"unverified reminder-2026-11-19 {THIRD}"),
    ]


def test_answers_take_numbers_off_the_list(world: World) -> None:
    """
    A shop that answered for all its parcels hears no more of it; the other one goes on.
    """
    world.run_until(at("2026-11-18 14:00"), STEP)
    tell(world, THIRD)
    world.run_until(at("2026-11-19 14:00"), STEP)
    assert lists(world, OTHERS) == [("11-18", f"unverified first {THIRD}")]
    assert world.parcel(THIRD).state is ParcelState.SCANNED
    tell(world, FIRST)
    world.run_until(at("2026-11-20 12:00"), STEP)
    assert lists(world, SELLER)[-1] == ("11-20", f"unverified reminder-2026-11-20 {SECOND}")


def test_a_list_that_waits_for_the_window_is_dropped_when_it_is_answered(world: World) -> None:
    """
    Told in the evening that all were scanned: the next morning brings no list.
    """
    world.run_until(at("2026-11-18 19:00"), STEP)
    for number in (FIRST, SECOND):
        tell(world, number)
    world.run_until(at("2026-11-19 18:00"), STEP)
    assert lists(world, SELLER) == [("11-18", f"unverified first {FIRST}")]
