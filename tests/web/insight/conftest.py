"""
One lived-in world for all tests of a module: what they change they change back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.dashboard import served
from tests.support.world import ScriptedClock, ScriptedCrawl, at, opened_world
from tests.web.insight.lived import live
from tracker.model import CarrierName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.dashboard import Dashboard


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """
    The dashboard of a world in which two shops have watched parcels for three weeks.
    """
    clock = ScriptedClock(at("2026-11-19 09:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    folder = tmp_path_factory.mktemp("lived")
    with (
        pytest.MonkeyPatch.context() as patch,
        opened_world(folder, patch, clock, crawls=crawls) as world,
    ):
        live(world)
        with served(world) as dashboard:
            yield dashboard
