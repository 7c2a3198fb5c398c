"""
A world that has been lived in: a late centre, a well one, scans, claims and open alerts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.support.builders import event
from tests.support.world import SHOP, at, ds_number, order, postal_number
from tracker.model import CarrierName, Stage

if TYPE_CHECKING:
    from datetime import datetime

    from tests.support.world import World
    from tracker.model import OrderRow

OTHER = "Other Lamps"
SHENZHEN = "NG-JG-Seko-Shenzhen-Seko-Station"
NINGBO = "NG-JG-Seko-Ningbo-Seko-Station"
#: How many of Shenzhen's parcels of the first shop were due, and how many of them unscanned.
DUE, LATE = 26, 24
#: A parcel whose portal shows a text that nobody knows.
STRANGE, UNKNOWN = 900, "Parcel strangely <b>moved</b> about"


def live(world: World) -> None:
    """
    Two shops' parcels of three weeks were looked at until Thursday 10:00.
    """
    seko = world.watcher._crawls[CarrierName.SEKO]
    serial = 0
    for days in range(4, 22):
        for station in (SHENZHEN, NINGBO):
            serial += 1
            handed = at("2026-11-18 10:00") - timedelta(days=days)
            scan = event(occurred_at=handed + timedelta(hours=6 + serial * 7 % 60))
            world.take(parcel(serial, SHOP if serial % 3 else OTHER, station, handed))
            seko.tell(ds_number(serial), "2026-10-01 00:00", (scan,))
    for late in range(DUE):
        serial += 1
        handed = at("2026-11-17 10:00")
        world.take(parcel(serial, SHOP, SHENZHEN, handed))
        scan = event(occurred_at=handed + timedelta(hours=4))
        seko.tell(ds_number(serial), "2026-10-01 00:00", (scan,) if late >= LATE else ())
    for _late in range(3):
        serial += 1
        world.take(parcel(serial, OTHER, NINGBO, at("2026-11-17 10:00")))
        seko.tell(ds_number(serial), "2026-10-01 00:00", ())
    clevy = world.watcher._crawls[CarrierName.CLEVY]
    for postal, shop in ((1, SHOP), (2, OTHER)):
        world.take(parcel(postal, shop, None, at("2026-11-16 10:00"), number=postal_number(postal)))
        clevy.tell(postal_number(postal), "2026-10-01 00:00", ())
    world.take(parcel(STRANGE, SHOP, SHENZHEN, at("2026-11-18 10:00")))
    strange = event(UNKNOWN, stage=Stage.UNCLASSIFIED, is_scan=False)
    seko.tell(ds_number(STRANGE), "2026-10-01 00:00", (strange,))
    world.run_until(at("2026-11-19 09:30"), timedelta(minutes=10))


def parcel(
    serial: int, shop: str, station: str | None, handed: datetime, number: str | None = None
) -> OrderRow:
    """
    One order that was handed over.
    """
    return order(
        number or ds_number(serial),
        order_number=f"{'4' if number else '3'}0000{serial:04}",
        shop=shop,
        station=station,
        handed_over_at=handed,
        created_at=handed - timedelta(hours=20),
    )
