"""
Batches, pace and one outcome per number, without a network.
"""

from __future__ import annotations

import asyncio
import math
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.portals import clevy_access
from tracker.crawl import is_our_own_failure
from tracker.model import CarrierName, LookReport, Outcome
from tracker.spiders.asking import Asking, Attempt
from tracker.spiders.pacing import NoSlot, Pace, SharedSlots
from tracker.spiders.trouble import Passing, Trouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

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


async def nobody(_within: float) -> None:
    """
    No further slot.
    """


def test_reserved_slots_may_begin_later() -> None:
    """
    No slot lies before the instant that was reserved.
    """
    slots = SharedSlots(starts=107, count=3, every=2, further=nobody)
    assert [slots.take(100), slots.take(100), slots.take(109)] == [7, 9, 2]
    assert slots.take(109) is None


def test_a_slot_that_is_over_is_given_up() -> None:
    """
    After a look that took longer than its slot the next question does not begin in another's.
    """
    slots = SharedSlots(starts=100, count=4, every=2, further=nobody)
    assert [slots.take(100), slots.take(105.5), slots.take(105.6)] == [0, 0, pytest.approx(0.4)]
    assert slots.take(105.7) is None
    late = SharedSlots(starts=100, count=2, every=2, further=nobody)
    assert late.take(104) is None


def test_a_slot_that_comes_too_late_is_not_used_up() -> None:
    """
    A retry that cannot wait leaves the reserved slot to the next question.
    """
    slots = SharedSlots(starts=100, count=2, every=10, further=nobody)
    assert [slots.take(100), slots.take(101, 5), slots.take(101)] == [0, None, 9]


class Refusing:
    """
    A shared pace with so many slots and no more; each is free at once.
    """

    def __init__(self, count: int) -> None:
        self._left = count

    async def slot(self, within: float = math.inf) -> None:
        """
        Returns at once, or not at all.
        """
        assert within > 0
        if not self._left:
            raise NoSlot
        self._left -= 1


def told_with(slots: int, fetch: Callable[[Attempt], Awaitable[Sequence[LookReport]]]) -> Any:
    """
    Outcome and whether it was our own failure, of two numbers asked in one batch.
    """
    access = clevy_access("http://127.0.0.1", batch_size=2, concurrency=1)

    async def ask() -> Any:
        asking = Asking(access, fetch, Refusing(slots))
        return [
            (one.outcome, is_our_own_failure(one))
            async for batch in asking.reports(["A", "B"])
            for one in batch
        ]

    return asyncio.run(ask())


def test_a_retry_without_a_slot_is_not_made() -> None:
    """
    The look is told as it was, with the portal's own trouble.
    """
    asked = []

    async def fetch(attempt: Attempt) -> Sequence[LookReport]:
        asked.append(attempt.numbers)
        raise Passing("HTTP 503")

    assert told_with(1, fetch) == [(Outcome.UNREACHABLE, False)] * 2
    assert len(asked) == 1
    assert told_with(2, fetch) == [(Outcome.UNREACHABLE, False)] * 2
    assert len(asked) == 3


def test_a_number_that_cannot_be_asked_alone_stays_missing() -> None:
    """
    What the answer to both said of it stands.
    """

    async def fetch(attempt: Attempt) -> Sequence[LookReport]:
        return [said("A", Outcome.EVENTS)]

    assert told_with(1, fetch) == [(Outcome.EVENTS, False), (Outcome.MISSING, False)]


def test_a_batch_without_a_slot_is_our_own_failure() -> None:
    """
    The carrier was not asked, and is not blamed.
    """

    async def fetch(attempt: Attempt) -> Sequence[LookReport]:
        raise AssertionError

    assert told_with(0, fetch) == [(Outcome.UNREACHABLE, True)] * 2


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
        return [
            report.outcome
            async for batch in asking.reports([f"N{at}" for at in range(6)])
            for report in batch
        ]

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
        return [report async for batch in asking.reports(numbers) for report in batch]

    told = [report.tracking_number for report in asyncio.run(ask())]
    assert sorted(told) == sorted(numbers)
