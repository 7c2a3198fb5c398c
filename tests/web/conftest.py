"""
A dashboard over a small world, and a real browser that looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.support.dashboard import served
from tests.support.world import ScriptedClock, ScriptedCrawl, at, opened_world
from tracker.browser import find_browser
from tracker.model import CarrierName

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.support.dashboard import Dashboard
    from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """
    A watcher with scripted carriers, on a Thursday morning.
    """
    clock = ScriptedClock(at("2026-11-19 09:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls) as opened:
        yield opened


@pytest.fixture
def dashboard(world: World) -> Iterator[Dashboard]:
    """
    The world's dashboard over real HTTP.
    """
    with served(world) as dashboard:
        yield dashboard


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """
    A real browser, one for each test process.
    """
    async with async_playwright() as driver:
        started = await driver.chromium.launch(
            executable_path=str(find_browser()), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        await started.close()
