"""
How long a carrier is left alone, counted on values (promises.md R22).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import NOON, report
from tracker.model import LookReport, Outcome
from tracker.polling.pausing import after_block, after_failures, is_failing


def bad(outcome: Outcome, detail: str | None = "portal.example: no") -> LookReport:
    """
    A failed look.
    """
    return report(outcome=outcome, detail=detail)


@pytest.mark.parametrize(
    ("rounds", "minutes"),
    [(0, 0), (1, 0), (2, 0), (3, 2), (4, 4), (5, 8), (6, 16), (7, 32), (8, 60), (9, 60), (999, 60)],
)
def test_pauses_grow_from_the_third_round_on(rounds: int, minutes: int) -> None:
    """
    Two failing rounds are nothing; then 2, 4, 8 ... minutes, at most an hour, less up to a tenth.
    """
    pause = after_failures(rounds, [bad(Outcome.UNREACHABLE)], NOON)
    if not minutes:
        assert pause is None
    else:
        assert pause is not None
        waits = pause.until - NOON
        assert timedelta(minutes=0.9 * minutes) <= waits <= timedelta(minutes=minutes)
        assert pause.reason == (
            f"{rounds} rounds without a good look, the last unreachable: portal.example: no"
        )


@pytest.mark.parametrize(
    ("last", "asked", "minutes"),
    [
        (None, None, 15),
        (timedelta(minutes=4), None, 15),
        (timedelta(minutes=15), None, 30),
        (timedelta(hours=5), None, 360),
        (None, 60, 15),
        (None, 7200, 120),
        (None, 10**9, 24 * 60),
    ],
)
def test_a_block_asks_for_a_cool_down(
    last: timedelta | None, asked: float | None, minutes: int
) -> None:
    """
    A quarter of an hour, doubled each time up to six hours; Retry-After counts, up to a day.
    """
    blocked = report(outcome=Outcome.BLOCKED, retry_after_seconds=asked, detail="429")
    pause = after_block([blocked], last, NOON)
    assert (pause.until - NOON, pause.reason) == (timedelta(minutes=minutes), "429")


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.UNREADABLE, Outcome.MISSING])
def test_a_round_fails_when_every_look_does(outcome: Outcome) -> None:
    """
    One good look, or one failure of our own, and the round says nothing against the carrier.
    """
    assert is_failing([bad(outcome), bad(Outcome.UNREACHABLE, None)])
    assert not is_failing([bad(outcome), report()])
    assert not is_failing([bad(outcome), bad(outcome, "x: the crawl process died")])
    assert not is_failing([bad(Outcome.NO_CARRIER)])
    assert not is_failing([])
