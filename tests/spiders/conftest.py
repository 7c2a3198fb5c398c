"""
One crawl process for each carrier and test worker: the real spiders, and no reactor in the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.visits import Visits
from tracker.crawl import CrawlProcess
from tracker.model import CarrierName

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def clevy() -> Iterator[CrawlProcess]:
    """
    The crawl process of Clevy.
    """
    with CrawlProcess(CarrierName.CLEVY) as process:
        yield process


@pytest.fixture(scope="session")
def seko() -> Iterator[CrawlProcess]:
    """
    The crawl process of Seko.
    """
    with CrawlProcess(CarrierName.SEKO) as process:
        yield process


@pytest.fixture(scope="session")
def visits() -> Iterator[Visits]:
    """
    A browser for visits without a spider.
    """
    with Visits() as running:
        yield running
