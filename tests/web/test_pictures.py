"""
The pictures of docs/dashboard.md show the dashboard as it is: these tests make them.

``SCAN_TRACKER_WRITE_PICTURES=1`` writes them anew; without it they are only compared in size.
"""

from __future__ import annotations

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.support.screens import screen
from tests.support.world import at, ds_number, order, postal_number
from tracker.model import CarrierName, Outcome

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.dashboard import Dashboard
    from tests.support.world import World

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WRITE = os.environ.get("SCAN_TRACKER_WRITE_PICTURES") == "1"
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "today": ("/", {}),
    "parcel": ("/parcels/4", {}),
    "phone": ("/", {"width": "phone", "language": "zh", "dark": True}),
}
STATION = "NG-JG-SEKO-Shenzhen-Seko Station"


@pytest.fixture
def late_world(world: World) -> World:
    """
    A morning on which eleven parcels need somebody.
    """
    world.clock.now = at("2026-11-16 09:00")
    handed_over = at("2026-11-16 10:00")
    parcels = [
        order(
            ds_number(319365300 + serial),
            order_number=f"3193653{serial:02}",
            created_at=at("2026-11-14 10:00") + timedelta(hours=serial),
            handed_over_at=handed_over + timedelta(hours=3 * serial) if serial % 4 else None,
            ready_to_ship_at=at("2026-11-15 10:00"),
            station=STATION,
        )
        for serial in range(8)
    ]
    parcels += [
        order(
            postal_number(47312000 + serial),
            created_at=at("2026-11-13 10:00"),
            handed_over_at=at("2026-11-16 15:00"),
        )
        for serial in range(3)
    ]
    world.take(*parcels)
    crawls = world.watcher._crawls
    for carrier in CarrierName:
        for one in parcels:
            crawls[carrier].story[one.tracking_number] = [(world.clock.now, Outcome.NO_EVENTS)]
    world.run_until(at("2026-11-19 11:00"), step=timedelta(hours=1))
    return world


@pytest.mark.asyncio
@pytest.mark.parametrize("name", PICTURES)
async def test_the_pictures_are_of_these_pages(
    browser: Browser, late_world: World, dashboard: Dashboard, name: str
) -> None:
    """
    Each picture in the documentation has the size of the page's first screen.
    """
    path, options = PICTURES[name]
    file = IMAGES / f"dashboard-{name}.png"
    async with screen(browser, dashboard, **options) as page:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200
        taken = await page.screenshot()
    if WRITE:
        file.write_bytes(taken)
    assert size(file.read_bytes()) == size(taken)


def size(picture: bytes) -> tuple[int, int]:
    """
    Width and height in pixels.
    """
    with Image.open(BytesIO(picture)) as opened:
        return opened.size
