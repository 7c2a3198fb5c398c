"""
Letters into a Slack channel through an incoming webhook, whose URL is a secret.
"""

from __future__ import annotations

import json
import re
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import urlsplit

from alerts.channels.base import Delivered, Refused, Result, Retry
from alerts.channels.slack_http import OneAttempt
from tracker.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.webhook import WebhookResponse

    from alerts.messages.message import Message

_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_SLACK_CODE = re.compile(r"[a-z][a-z_]{1,60}")
_LONGEST_WAIT = timedelta(days=1)
_SLACK_TEXT_LIMIT = 3000
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})


class SlackChannel:
    """
    One POST per message; the recipient is the webhook's URL.

    ``timeout`` is in seconds and holds for each step, ``total`` for all of them. ``now`` is read
    for a Retry-After that names a date.
    """

    name = "slack"

    def __init__(
        self,
        timeout: int = 30,
        *,
        total: float = 120,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._timeout = timeout
        self._total = total
        self._tls = tls or ssl.create_default_context()
        self._now = now

    def send(self, message: Message, recipient: str) -> Result:
        """
        One attempt to post the message to the webhook ``recipient``.
        """
        host = _host_of(recipient)
        if host is None:
            return Refused("the Slack webhook is not an http(s) address: correct the configuration")
        client = OneAttempt(recipient, timeout=self._timeout, total=self._total, tls=self._tls)
        try:
            answer = client.send(
                text=_fallback(message),
                blocks=message.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (OSError, HTTPException) as error:
            return _unanswered(error, host)
        return _verdict(answer, host, self._now)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """
    What a Retry-After header asks for, between nothing and one day; ``None`` if it says nothing.
    """
    if value is None:
        return None
    wait = _seconds(value) if value.strip().isdigit() else _until(value, now)
    return None if wait is None else min(max(wait, timedelta()), _LONGEST_WAIT)


def _seconds(value: str) -> timedelta:
    # More digits than a day has seconds mean "long"; int() of an endless run of them is slow.
    return timedelta(seconds=int(value.strip()[:6]))


def _until(value: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None  # neither seconds nor a date: the header says nothing
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now


def _host_of(webhook: str) -> str | None:
    if not _URL.fullmatch(webhook):
        return None
    try:
        parts = urlsplit(webhook)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:  # a port or host that cannot be one
        return None
    return (f"{host}:{port}" if port else host) or None


def _fallback(message: Message) -> str:
    """
    The text for notifications, where Slack would read ``<!channel>`` and links.
    """
    escaped = message.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped[:_SLACK_TEXT_LIMIT]


def _verdict(answer: WebhookResponse, host: str, now: Callable[[], datetime]) -> Result:
    status = answer.status_code
    why = f"{host} answered {status}{_code_in(answer.body)}"
    if 200 <= status < 300:  # noqa: PLR2004  the class of good HTTP answers
        return _taken_over(answer.body, host)
    if status in _WORTH_ANOTHER_TRY or status >= 500 or status < 200:  # noqa: PLR2004  the classes of HTTP answers
        return Retry(retry_after(_header(answer, "retry-after"), now()), why)
    if status < 400:  # noqa: PLR2004  a redirect
        return Refused(f"{why}, a redirect, which is not followed: correct the webhook")
    return Refused(why)


def _taken_over(body: str, host: str) -> Result:
    """
    Slack says ``ok``; a web page instead comes from a login or proxy in between.
    """
    if body.lstrip().startswith("<"):
        return Retry(None, f"{host} answered with a web page instead of ok")
    return Delivered(f"taken over by {host}")


def _unanswered(error: Exception, host: str) -> Result:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(f"the certificate of {host} does not verify: {cause.verify_message}")
    if isinstance(cause, TimeoutError):
        return Retry(None, f"{host} did not answer in time")
    if isinstance(cause, ConnectionError | IncompleteRead):
        return Retry(None, f"{host} refused or dropped the connection")
    return Retry(None, f"{host} could not be reached: {type(cause).__name__}")


def _header(answer: WebhookResponse, name: str) -> str | None:
    return next((str(v) for key, v in answer.headers.items() if key.lower() == name), None)


def _code_in(body: str) -> str:
    """
    Slack's own error code if the answer is one; nothing else of a stranger's answer is repeated.
    """
    code = _error_code(body.strip())
    return f" ({code})" if _SLACK_CODE.fullmatch(code) else ""


def _error_code(body: str) -> str:
    if not body.startswith("{"):
        return body
    try:
        return str(json.loads(body).get("error", ""))
    except (ValueError, RecursionError):  # not JSON after all
        return ""
