"""
The real spider and a real browser, one crawl process for each test worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lookalikes.asking import Asked, ask
from tracker.crawl import CrawlProcess
from tracker.model import CarrierName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.lookalikes.serving import Lookalike


@pytest.fixture(scope="session")
def seko() -> Iterator[CrawlProcess]:
    """
    The crawl process of Seko.
    """
    with CrawlProcess(CarrierName.SEKO) as process:
        yield process


@pytest.fixture(scope="module")
def answers(seko: CrawlProcess) -> Callable[[Lookalike], Asked]:
    """
    A look-alike's answers to all questions, asked when the first test wants them.
    """
    known: dict[str, Asked] = {}

    def of(lookalike: Lookalike) -> Asked:
        if lookalike.name not in known:
            known[lookalike.name] = ask(lookalike, seko)
        return known[lookalike.name]

    return of
