"""
What Playwright's errors mean for a look.
"""

from __future__ import annotations

import pytest

from tracker.model import Outcome
from tracker.spiders.trouble import Passing, page_trouble


@pytest.mark.parametrize(
    ("message", "outcome", "told"),
    [
        ("Timeout 2500ms exceeded.", Outcome.UNREACHABLE, "no answer within 3 s"),
        ("Page.goto: net::ERR_NAME_NOT_RESOLVED", Outcome.UNREACHABLE, "could not be resolved"),
        ("Target page, context or browser has been closed", Outcome.UNREACHABLE, "browser ended"),
        ("Frame.evaluate: TypeError: x is no function", Outcome.UNREADABLE, "a script of ours"),
    ],
)
def test_an_error_of_the_page_is_told_in_words(message: str, outcome: Outcome, told: str) -> None:
    """
    Time, network, a dead browser and a page that breaks our own scripts are told apart.
    """
    trouble = page_trouble(message, "portal.example", 3)
    assert (trouble.outcome, told in trouble.detail) == (outcome, True)


def test_a_script_that_failed_is_tried_again() -> None:
    """
    The page may only have gone away under it.
    """
    assert isinstance(page_trouble("ReferenceError: a is not defined", "h", 3), Passing)
