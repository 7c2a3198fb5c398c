"""
Browser looks a second on the practice jtrack page, against a bare Playwright script.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from benchmarks.measuring import Figure, interleaved, seconds_of
from tracker.browser import find_browser
from tracker.crawl import CarrierAccess, CrawlProcess
from tracker.model import CarrierName
from tracker.practice.server import JTRACK_PATH, start_practice

if TYPE_CHECKING:
    from collections.abc import Iterator

PAIRS = 3
PARCELS = 100
BATCH = 10
GOAL = 0.9


def browser_looks() -> Iterator[Figure]:
    """
    Parcels a second in batches of ten, one page at a time, the browser already running.

    Ours twice: as crawls are, the page's own endpoint taking the later batches, and with each batch
    typed into a freshly loaded page, as confirming looks are.
    """
    browser = str(find_browser(None))
    numbers = [f"JG-NJS-31936{index:04d}-5711" for index in range(PARCELS)]
    batches = [numbers[at : at + BATCH] for at in range(0, PARCELS, BATCH)]
    with (
        start_practice() as practice,
        CrawlProcess(CarrierName.SEKO) as crawls,
        _Bare(browser, practice.url + JTRACK_PATH) as bare,
    ):
        access = CarrierAccess(
            carrier=CarrierName.SEKO,
            url=practice.url + JTRACK_PATH,
            batch_size=BATCH,
            requests_per_minute=1e9,
            timeout_seconds=30,
        )
        typed = replace(access, by_page_only=True)
        _look(crawls, access, numbers[:1])
        bare.ask(batches[:1])
        ours, limit, typing, typing_limit = interleaved(
            PAIRS,
            lambda: seconds_of(lambda: _look(crawls, access, numbers)),
            lambda: bare.ask(batches),
            lambda: seconds_of(lambda: _look(crawls, typed, numbers)),
            lambda: bare.ask(batches, pictures=True),
        )
    yield Figure(
        name="browser-looks",
        unit="parcels/s",
        ours=PARCELS / ours,
        limit=PARCELS / limit,
        limit_is="bare Playwright",
        bound=f"{GOAL} of bare Playwright",
        ok=PARCELS / ours >= GOAL * PARCELS / limit,
        note=f"{PARCELS} parcels, batch {BATCH}; one page load each, the bare one types every time",
    )
    yield Figure(
        name="browser-looks-typed",
        unit="parcels/s",
        ours=PARCELS / typing,
        limit=PARCELS / typing_limit,
        limit_is="bare Playwright",
        note="confirming looks: both load the page for each batch and take a picture of it",
    )


def _look(crawls: CrawlProcess, access: CarrierAccess, numbers: list[str]) -> None:
    reports = crawls.run(access, numbers, 120)
    if not all(report.outcome.is_good for report in reports):
        raise RuntimeError(f"a look failed: {reports[0].detail}")


class _Bare:
    """
    A long-lived process of bare Playwright, as our child is one.
    """

    def __init__(self, browser: str, url: str) -> None:
        self._url = url
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bare.with_playwright", browser],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, batches: list[list[str]], *, pictures: bool = False) -> float:
        """
        The seconds that the batches took; ``pictures``: each on a fresh page, with a picture of it.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        question = {"url": self._url, "batches": batches, "pictures": pictures}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())
