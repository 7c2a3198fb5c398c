"""
Letters into a Slack channel through an incoming webhook, whose URL is a secret.
"""

from __future__ import annotations

import json
import re
import ssl
from http.client import HTTPException
from typing import TYPE_CHECKING

from alerts.channels.base import Refused, Result
from alerts.channels.http_answers import host_of, unanswered, verdict
from alerts.channels.http_attempt import HttpAnswer
from alerts.channels.slack_http import OneAttempt
from tracker.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from alerts.messages.message import Message

_SLACK_CODE = re.compile(r"[a-z][a-z_]{1,60}")
_SLACK_TEXT_LIMIT = 3000


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
        host = host_of(recipient)
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
            return unanswered(error, host)
        taken = HttpAnswer(status=answer.status_code, headers=answer.headers, body=answer.body)
        return verdict(taken, host, self._now(), code=_code_in(answer.body))


def _fallback(message: Message) -> str:
    """
    The text for notifications, where Slack would read ``<!channel>`` and links.
    """
    escaped = message.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped[:_SLACK_TEXT_LIMIT]


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
