"""
One real crawling child and one practice portal for all flow tests of a process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tracker.crawl import CrawlProcess
from tracker.model import CarrierName
from tracker.practice.server import PracticeServer, start_practice

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def clevy_child() -> Iterator[CrawlProcess]:
    """
    The child that really asks Clevy's API.
    """
    with CrawlProcess(CarrierName.CLEVY) as process:
        yield process


@pytest.fixture
def portal() -> Iterator[PracticeServer]:
    """
    Both carriers' practice portals.
    """
    with start_practice(slow_seconds=20) as server:
        yield server
