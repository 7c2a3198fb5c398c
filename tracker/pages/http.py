"""
What an HTTP answer says before anyone reads its content: refused, broken, in the way, or fine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.model import Outcome
from tracker.pages.obstacles import obstacle

if TYPE_CHECKING:
    from tracker.pages.capture import Answer

_MAX_WAIT = 7 * 24 * 3600.0  # a longer Retry-After is a mistake of the server


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    Why an answer cannot be read: a failed outcome and one sentence for people.

    ``retry_after_seconds`` is what a 429 or 503 asked us to wait, ``None`` when it did not say.
    """

    outcome: Outcome
    detail: str
    retry_after_seconds: float | None = None


def refusal(answer: Answer, *, now: datetime) -> Refusal | None:
    """
    The refusal in an answer, or ``None`` when its content may be read (contract.md, outcomes).

    401, 403, 429, a challenge and a login page are ``blocked``; 5xx, a maintenance page and a
    cut body are ``unreachable``; other 3xx and 4xx are ``unreadable``.
    """
    return by_status(answer, now=now) or by_content(answer)


def by_status(answer: Answer, *, now: datetime) -> Refusal | None:  # noqa: PLR0911 -- one return per kind of refusal
    """
    The refusal that the status line, the headers or a cut body tell; ``now`` is aware.
    """
    host, status = urlsplit(answer.url).hostname or "the portal", answer.status
    wait = retry_after(answer.headers.get("retry-after"), now=now)
    if status == 401:  # noqa: PLR2004 -- HTTP status
        return Refusal(Outcome.BLOCKED, "credentials", wait)
    if status in {403, 429}:
        return Refusal(Outcome.BLOCKED, f"{host} refused with HTTP {status}", wait)
    if status >= 500:  # noqa: PLR2004 -- HTTP status
        return Refusal(Outcome.UNREACHABLE, f"{host} answered HTTP {status}", wait)
    if not answer.complete:
        return Refusal(Outcome.UNREACHABLE, f"the answer of {host} ended before its end")
    if 300 <= status < 400 and obstacle("", answer.headers.get("location", "")):  # noqa: PLR2004 -- HTTP status
        return Refusal(Outcome.BLOCKED, f"{host} redirects to a login or challenge page")
    if not 200 <= status < 300:  # noqa: PLR2004 -- HTTP status
        return Refusal(Outcome.UNREADABLE, f"{host} answered HTTP {status}")
    return None


def by_content(answer: Answer, *, corner: bool = False) -> Refusal | None:
    """
    The refusal that a challenge, login or maintenance page tells; data (JSON) never does.

    ``corner``: a field for a password is no sign, it stood beside the question already.
    """
    if answer.body.lstrip().startswith(("{", "[")):
        return None
    found = obstacle(answer.body, answer.url, corner=corner)
    return (
        None
        if found is None
        else Refusal(found.outcome, f"{found.what} at {urlsplit(answer.url).hostname}")
    )


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """
    The seconds that a Retry-After header asks for, given as seconds or as an HTTP date.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _MAX_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None  # a header nobody can read asks for nothing
    until = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), _MAX_WAIT)
