"""
From a late parcel to its claim pack: what the watcher itself opened stands in it with its proof.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.claims import packed, rows
from tests.support.world import (
    SHOP,
    ScriptedClock,
    ScriptedCrawl,
    World,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.model import AlertKind, CarrierName, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POSTAL = postal_number(47312482)
DS = ds_number(319365323)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[World]:
    """
    A postal and a DS parcel handed over on Friday evening and never scanned; Clevy fails at first.
    """
    clock = ScriptedClock(at("2026-11-13 16:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    crawls[CarrierName.CLEVY].tell(POSTAL, "2026-11-13 16:00", ())
    crawls[CarrierName.SEKO].tell(DS, "2026-11-13 16:00", ())
    outage = (at("2026-11-18 00:00"), at("2026-11-18 00:40"), Outcome.UNREACHABLE)
    crawls[CarrierName.CLEVY].outages.append(outage)
    with opened_world(
        tmp_path, monkeypatch, clock, crawls=crawls, database_url=database_url
    ) as opened:
        handed_over = at("2026-11-13 18:00")
        clock.now = at("2026-11-13 18:30")
        for number in (POSTAL, DS):
            opened.take(order(number, handed_over_at=handed_over, waybill="SF1"))
        yield opened


def test_what_the_watcher_opened_stands_in_the_pack(world: World) -> None:
    """
    The postal claim has its row, its weekend and its failed look; the urged DS parcel has neither.
    """
    world.run_until(at("2026-11-18 12:00"), timedelta(minutes=30))
    kinds = {one.kind for one in world.alerts("open")}
    assert kinds == {AlertKind.RAISE_CLAIM, AlertKind.URGE_SCAN}
    shelf, done = packed(world.store, world.settings, world.clock.now)
    (row,) = rows(shelf.files["claims-NG.xlsx"])
    assert (row["Tracking Number 物流跟踪号"], row["Shop Name 店铺名称"]) == (POSTAL, SHOP)
    assert row["Service (DS/postal) 物流方式"] == "postal"
    assert "not scanned when looked up 2026-11-18" in row["Comment (English)"]
    assert "unreachable" in row["Looks since the deadline 逾期后查询记录"]
    (page,) = [shelf.text(name) for name in shelf.files if name.endswith(".html")]
    for told in ("2026-11-14 Sat", "Saturday", "2026-11-16 Mon", "counts for this day"):
        assert told in page
    assert "<strong>2026-11-18 00:00 (Asia/Shanghai)</strong>" in page
    assert "Counted anew" not in page
    assert done.problems == []
