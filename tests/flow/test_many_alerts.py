"""
A shop with many late parcels: its message, and the question whom to remind, are few statements.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.support.plans import statements_of
from tests.support.world import (
    ScriptedClock,
    ScriptedCrawl,
    at,
    opened_world,
    order,
    postal_number,
)
from tracker.model import CarrierName

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.world import World

HANDED_OVER = at("2026-11-16 16:00")
FEW, MANY = 3, 30


def late(world: World, count: int) -> None:
    """
    So many parcels of one shop were looked at, are unscanned, and have their alert.
    """
    world.take(
        *(
            order(postal_number(47312000 + serial), handed_over_at=HANDED_OVER)
            for serial in range(count)
        )
    )
    for carrier in CarrierName:
        world.watcher.poll(carrier, world.watcher.decide)
    world.watcher.decide()
    assert len(world.alerts("open")) == count


def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> tuple[int, int]:
    """
    How many statements a shop's message about so many parcels takes, and the reminding after it.
    """
    clock = ScriptedClock(at("2026-11-18 09:40"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    folder = tmp_path / str(count)
    folder.mkdir()
    with opened_world(folder, monkeypatch, clock, crawls=crawls) as world:
        late(world, count)
        with statements_of(world.store) as delivering:
            world.watcher.deliver()
        assert world.arrived
        assert {world.content(one).count("UH") for one in world.arrived} == {count}
        clock.now += timedelta(minutes=5)
        with statements_of(world.store) as reminding:
            assert world.watcher.remind() == 0
    return len(delivering), len(reminding)


def test_ten_times_the_parcels_take_no_more_statements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Alerts, parcels and histories of a message are read together, and nobody's reminder is tried.
    """
    assert told(tmp_path, monkeypatch, FEW) == told(tmp_path, monkeypatch, MANY)
