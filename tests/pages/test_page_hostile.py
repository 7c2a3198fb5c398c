"""
Pages that nobody means well with: nested without end, or made to keep a search busy for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tracker.model import CarrierName, Outcome
from tracker.pages.capture import PageCapture
from tracker.pages.dom import DEEPEST, Page
from tracker.pages.masking import mask
from tracker.pages.portal import read_portal

ASKED = "JG-NJS-319365323-5711"
NOT_FOUND = f"<p>{ASKED}: no record found</p>"


def nested(inner: str, depth: int) -> str:
    """
    A whole page with the inner markup so many boxes deep.
    """
    return f"<html><body>{'<div>' * depth}{inner}{'</div>' * depth}</body></html>"


def outcome_of(html: str, before: str) -> Outcome:
    """
    What one look at that page comes to.
    """
    capture = PageCapture(
        url="https://portal.example/jtrack", status=200, html_before=before, html=html
    )
    (report,) = read_portal(
        capture, [ASKED], carrier=CarrierName.SEKO, looked_at=datetime(2026, 11, 22, tzinfo=UTC)
    )
    return report.outcome


def test_a_page_as_deep_as_a_browser_parses_is_read() -> None:
    """
    The sentence is found at the bottom of the deepest page that a browser's parser makes.
    """
    page = Page(nested(NOT_FOUND, DEEPEST - 4))
    assert page.whole
    assert ASKED in page.text
    assert outcome_of(nested(NOT_FOUND, 200), nested("", 200)) is Outcome.NOT_FOUND


@pytest.mark.parametrize("depth", [DEEPEST, 20_000])
def test_a_page_nested_deeper_is_unreadable(depth: int) -> None:
    """
    Beyond that nothing of the page is believed, whatever it says.
    """
    assert outcome_of(nested(NOT_FOUND, depth), nested("", 3)) is Outcome.UNREADABLE


def test_a_page_too_deep_before_the_submit_proves_nothing() -> None:
    """
    When it is not known what stood there before, a sentence is no answer.
    """
    stood = nested(NOT_FOUND, 20_000)
    assert outcome_of(nested(NOT_FOUND, 3), stood) is Outcome.UNREADABLE


def test_comments_behind_the_end_are_read_in_one_way() -> None:
    """
    Hundreds of comments behind the page's end, and one more word, are looked through at once.
    """
    page = "<html><body>x</body></html>" + "<!---->" * 500
    assert Page(page).whole
    assert not Page(f"{page}x").whole


@pytest.mark.parametrize("text", ["@" + "a" * 1_000_000, '"' + "tel " * 250_000])
def test_a_long_run_is_masked_in_one_pass(text: str) -> None:
    """
    A million characters that begin like an address or a label, and never are one, come out again.
    """
    assert mask(text) == text
