"""
Batches, pace and one outcome per number, without a network.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.portals import clevy_access
from tracker.model import CarrierName, LookReport, Outcome
from tracker.spiders.asking import Asking, Attempt, Pace
from tracker.spiders.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def said(number: str, outcome: Outcome) -> LookReport:
    """
    A report of a made-up portal.
    """
    return LookReport(
        tracking_number=number, carrier=CarrierName.CLEVY, outcome=outcome, looked_at=NOW
    )


def test_slots_are_evenly_spaced_and_the_first_is_free() -> None:
    """
    At 30 a minute slots lie two seconds apart; a rest is not saved up for a burst.
    """
    pace = Pace(30)
    assert [pace.take(100), pace.take(100), pace.take(101)] == [0, 2, 3]
    assert [pace.take(200), pace.take(200)] == [0, 2]


def test_a_pace_may_begin_later() -> None:
    """
    No slot lies before the instant that was reserved, and an earlier one changes nothing.
    """
    pace = Pace(30)
    pace.rest(107)
    pace.rest(103)
    assert [pace.take(100), pace.take(100)] == [7, 9]


class Single:
    """
    A page that takes one number and makes nothing of two.
    """

    def __init__(self, *, ever: bool = True) -> None:
        self.asked: list[tuple[str, ...]] = []
        self._ever = ever

    async def fetch(self, attempt: Attempt) -> Sequence[LookReport]:
        """
        Something good for a number alone.
        """
        await asyncio.sleep(0)
        self.asked.append(attempt.numbers)
        good = self._ever and len(attempt.numbers) == 1
        outcome = Outcome.EVENTS if good else Outcome.UNREADABLE
        return [said(number, outcome) for number in attempt.numbers]


def told_by(page: Single) -> list[Outcome]:
    """
    The outcomes of six numbers asked in batches of three.
    """
    access = clevy_access("http://127.0.0.1", batch_size=3, concurrency=1)

    async def ask() -> list[Outcome]:
        asking = Asking(access, page.fetch, Pace(10**9))
        return [report.outcome async for report in asking.reports([f"N{at}" for at in range(6)])]

    return asyncio.run(ask())


def test_a_page_that_takes_one_number_is_found_out_once() -> None:
    """
    After one batch of which nothing was read the numbers are asked one by one.
    """
    page = Single()
    assert told_by(page) == [Outcome.EVENTS] * 6
    assert page.asked == [("N0", "N1", "N2"), *[(f"N{at}",) for at in range(6)]]


def test_a_page_that_is_not_understood_is_not_asked_for_each_number() -> None:
    """
    When the first number alone is not read either, the others are not tried alone.
    """
    page = Single(ever=False)
    assert told_by(page) == [Outcome.UNREADABLE] * 6
    assert page.asked == [("N0", "N1", "N2"), ("N0",), ("N3", "N4", "N5")]


class Mad:
    """
    A portal that answers, refuses, forgets, invents and breaks at random.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    async def fetch(self, attempt: Attempt) -> Sequence[LookReport]:
        """
        Something, or an exception.
        """
        await asyncio.sleep(0)
        mood = self._random.randrange(6)
        if mood == 0:
            raise Trouble("broken", whole_host=self._random.random() < 0.3)
        if mood == 1:
            raise RuntimeError("a defect of ours")
        kinds = [Outcome.EVENTS, Outcome.NOT_FOUND, Outcome.MISSING]
        if mood == 2:
            kinds.append(Outcome.BLOCKED)
        answered = [n for n in attempt.numbers if self._random.random() < 0.8]
        return [said(n, self._random.choice(kinds)) for n in [*answered, "UH000000000XX"]]


@settings(max_examples=150)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(0, 30),
    size=st.integers(1, 7),
    concurrency=st.integers(1, 5),
)
def test_n_asked_are_n_outcomes(seed: int, count: int, size: int, concurrency: int) -> None:
    """
    Whatever a portal does, each asked number has exactly one report and nobody else has one.
    """
    numbers = [f"N{at}" for at in range(count)]
    access = clevy_access("http://127.0.0.1", batch_size=size, concurrency=concurrency)

    async def ask() -> list[LookReport]:
        asking = Asking(access, Mad(seed).fetch, Pace(10**9))
        return [report async for report in asking.reports(numbers)]

    told = [report.tracking_number for report in asyncio.run(ask())]
    assert sorted(told) == sorted(numbers)
