"""
What an answer's status, headers and page say before it is read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tracker.model import Outcome
from tracker.pages.capture import Answer
from tracker.pages.http import refusal, retry_after

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def _answer(status: int = 200, body: str = "{}", **more: Any) -> Answer:
    return Answer(
        url=more.pop("url", "https://p.example/x"),
        status=status,
        content_type=None,
        body=body,
        **more,
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, Outcome.BLOCKED),
        (403, Outcome.BLOCKED),
        (429, Outcome.BLOCKED),
        (500, Outcome.UNREACHABLE),
        (503, Outcome.UNREACHABLE),
        (302, Outcome.UNREADABLE),
        (400, Outcome.UNREADABLE),
        (404, Outcome.UNREADABLE),
    ],
)
def test_status_decides(status: int, outcome: Outcome) -> None:
    """
    Each refusing status has the outcome of contract.md.
    """
    found = refusal(_answer(status), now=NOW)
    assert found is not None
    assert found.outcome is outcome


def test_401_says_credentials() -> None:
    """
    A 401 carries the detail that the contract names.
    """
    found = refusal(_answer(401), now=NOW)
    assert found is not None
    assert found.detail == "credentials"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Sun, 22 Nov 2026 01:02:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 00:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
        ("99999999999", 604800.0),
    ],
)
def test_retry_after_is_read(value: str | None, seconds: float | None) -> None:
    """
    Retry-After is read as seconds or as a date, never negative, never beyond a week.
    """
    assert retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("<html><title>Just a moment...</title></html>", Outcome.BLOCKED),
        ("<html><body>请输入验证码</body></html>", Outcome.BLOCKED),
        ("<html><body><input type=password></body></html>", Outcome.BLOCKED),
        ("<html><body>系统维护中，请稍后再试</body></html>", Outcome.UNREACHABLE),
    ],
)
def test_pages_in_the_way_are_refusals(body: str, outcome: Outcome) -> None:
    """
    A challenge, a login page and a maintenance page refuse with status 200 too.
    """
    found = refusal(_answer(body=body), now=NOW)
    assert found is not None
    assert found.outcome is outcome


@pytest.mark.parametrize(
    "body",
    [
        '{"captcha": "验证码"}',
        "[]",
        "",
        "<html><body><a href='/login'>Sign in</a> Track</body></html>",
        "<html><body><div hidden>Verify you are human</div>Track</body></html>",
    ],
)
def test_ordinary_answers_are_no_refusals(body: str) -> None:
    """
    Data, a login link and hidden text stand in nobody's way.
    """
    assert refusal(_answer(body=body), now=NOW) is None


def test_a_cut_answer_is_unreachable() -> None:
    """
    An answer that ended before its declared length is a broken transport.
    """
    found = refusal(_answer(complete=False), now=NOW)
    assert found is not None
    assert found.outcome is Outcome.UNREACHABLE


def test_a_redirect_to_login_is_blocked() -> None:
    """
    A redirect to a login address is a login page.
    """
    found = refusal(_answer(302, headers={"location": "https://p.example/login?next=x"}), now=NOW)
    assert found is not None
    assert found.outcome is Outcome.BLOCKED
