"""
A morning with something of everything to do, made by the real watcher on scripted carriers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.support.world import SHOP, at, ds_number, order, postal_number
from tracker.model import CarrierName, Outcome, SellerStatus

if TYPE_CHECKING:
    from tests.support.world import World

OTHER_SHOP = "Blue <b>Lantern</b>"
SEEN = "2026-11-19 12:30"
_SENT = at("2026-11-16 10:00")
_MADE = at("2026-11-15 20:00")
_STEP = timedelta(minutes=30)


def busy_day(world: World) -> None:
    """
    Alerts on two shops' parcels, a list to look up by hand, and an operator's alert.

    Numbers 1 to 12 are to be urged, postal 21 to 23 to be claimed, 31 and 32 to be confirmed,
    41 to 43 to be looked up by hand; 51 to 53 are the other shop's, the last one by hand.
    """
    world.clock.now = at("2026-11-17 20:00")
    seko = world.watcher._crawls[CarrierName.SEKO]
    for serial in (41, 42, 43, 53):
        seko.tell(ds_number(serial), "2026-11-01 00:00", Outcome.BLOCKED)
    for serial in range(1, 7):
        seko.tell(ds_number(serial), "2026-11-01 00:00", ())
    sent = {"handed_over_at": _SENT, "created_at": _MADE, "status": SellerStatus.READY_TO_SHIP}
    guessed = {"created_at": at("2026-11-14 09:00"), "ready_to_ship_at": at("2026-11-14 09:00")}
    world.take(
        *(order(ds_number(one), **sent) for one in (*range(1, 13), 41, 42, 43)),
        *(order(postal_number(one), **sent) for one in (21, 22, 23)),
        *(order(ds_number(one), **guessed) for one in (31, 32)),
        *(order(ds_number(one), **sent, shop=OTHER_SHOP) for one in (51, 52, 53)),
    )
    world.run_until(at(SEEN), step=_STEP)
    assert SHOP != OTHER_SHOP
