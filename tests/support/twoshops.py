"""
A world of two shops that must not see each other: parcels, alerts, looks, evidence of each.

Every text of a shop carries its mark, so that a test finds it wherever it leaks.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import event
from tests.support.world import (
    SHOP,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.model import AlertKind, CarrierName, Evidence, LookReport, Outcome, SellerStatus
from tracker.store.alerts import NewAlert, carrier_subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.world import World

OURS = SHOP
THEIRS = "Hush Harbour"
#: The smallest PNG that is one.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What addresses of a shop's things are made of, and by what its texts are known.
    """

    shop: str
    mark: str
    late: str
    scanned: str
    order: str
    parcel: int
    scanned_parcel: int
    alert: int
    look: int
    sha: str

    @property
    def marks(self) -> tuple[str, ...]:
        """
        Texts that stand only where something of this shop is shown.
        """
        return (self.mark, self.shop, self.late, self.scanned, self.order)

    def fill(self, template: str) -> str:
        """
        An address or a form value with this shop's things in it.
        """
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name, value in values.items():
            template = template.replace("{" + name + "}", str(value))
        return template


_SERIAL = {OURS: 101, THEIRS: 202}
_MARK = {OURS: "LANTERNMARK", THEIRS: "HUSHMARK"}


@contextmanager
def two_shops(folder: Path, *, extra: str = "") -> Iterator[World]:
    """
    Both shops have a late parcel with evidence, a scanned one, and one without a number.
    """
    clock = ScriptedClock(at("2026-11-16 10:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    both = f"""
[[shops]]
name = "{THEIRS}"
country = "KE"
email = ["hushmark@harbour.example"]
"""
    with (
        pytest.MonkeyPatch.context() as patch,
        opened_world(folder, patch, clock, crawls=crawls, extra=both + extra) as world,
    ):
        for shop, serial in _SERIAL.items():
            _settle(world, shop, serial, crawls[CarrierName.SEKO])
        world.run_until(at("2026-11-18 11:00"), timedelta(hours=1))
        for shop, serial in _SERIAL.items():
            _look(world, shop, ds_number(serial))
        _list_together(world)
        yield world


def facts_of(world: World, shop: str) -> Facts:
    """
    The shop's things.
    """
    serial = _SERIAL[shop]
    late, scanned = world.parcel(ds_number(serial)), world.parcel(ds_number(serial + 1))
    (look,) = [one for one in world.looks(late.tracking_number or "") if one.evidence]
    assert look.evidence is not None
    (alert,) = [one for one in world.alerts("open") if one.parcel_ids == (late.id,)]
    return Facts(
        shop=shop,
        mark=_MARK[shop],
        late=ds_number(serial),
        scanned=ds_number(serial + 1),
        order=f"88{serial}0001",
        parcel=late.id,
        scanned_parcel=scanned.id,
        alert=alert.id,
        look=look.id,
        sha=look.evidence.sha256,
    )


def _settle(world: World, shop: str, serial: int, crawl: ScriptedCrawl) -> None:
    mark = _MARK[shop]
    known = {
        "shop": shop,
        "created_at": at("2026-11-13 12:00"),
        "status": SellerStatus.READY_TO_SHIP,
        "status_text": "READY_TO_SHIP",
        "service_text": "Dropshipping",
        "handed_over_at": at("2026-11-16 09:30"),
        "courier": mark,
        "waybill": f"{mark}{serial}",
        "sku": f"{mark}-SKU",
    }
    world.take(
        order(ds_number(serial), **known, order_number=f"88{serial}0001"),
        order(ds_number(serial + 1), **known, order_number=f"88{serial}0002"),
        order(None, shop=shop, order_number=f"88{serial}0003", sku=f"{mark}-SKU"),
        shop=shop,
    )
    crawl.tell(ds_number(serial), "2026-11-16 10:00", ())
    scan = event(f"Parcel received and accepted {mark}", location=mark)
    crawl.tell(ds_number(serial + 1), "2026-11-17 14:00", (scan,))


def _list_together(world: World) -> None:
    """
    An alert about the watching lists parcels of both shops.
    """
    with world.store.begin() as tx:
        alert = tx.alerts.open(
            NewAlert(
                kind=AlertKind.UNVERIFIED,
                subject=carrier_subject(CarrierName.SEKO),
                occasion="together",
                reason="could not be checked",
                carrier=CarrierName.SEKO,
            ),
            world.clock(),
        )
        assert alert is not None
        listed = [world.parcel(ds_number(serial)).id for serial in _SERIAL.values()]
        tx.alerts.cover(alert, listed, world.clock())


def _look(world: World, shop: str, number: str) -> None:
    """
    One more look at the late parcel, with the portal's answer and its picture.
    """
    mark = _MARK[shop]
    together = ",".join(ds_number(one) for one in _SERIAL.values())
    kept = Evidence(
        url=f"https://portal.example/jtrack?numbers={together}",
        http_status=200,
        content_type="text/html",
        body=f"<html>{mark} {number}</html>",
        reader="portal-3",
        screenshot=PNG,
    )
    parcel = world.parcel(number)
    with world.store.begin() as tx:
        tx.looks.record(
            parcel.id,
            LookReport(
                tracking_number=number,
                carrier=CarrierName.SEKO,
                outcome=Outcome.NO_EVENTS,
                looked_at=world.clock(),
                evidence=kept,
            ),
        )
