"""
Messages to an integrator's program: signed JSON in the manner of Standard Webhooks.

The receiver checks the signature with a library or a few lines of its own and drops what it has by
``webhook-id``, which stays the same over every retry of a message.
"""

from __future__ import annotations

import json
import re
import ssl
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.request import Request

from standardwebhooks import Webhook

from alerts.channels.base import Refused, Result, Retry
from alerts.channels.http_answers import host_of, unanswered, verdict
from alerts.channels.http_attempt import HttpAnswer, one_attempt
from alerts.channels.webhook_payload import payload
from tracker.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alerts.messages.message import Message
    from tracker.recipients import WebhookAddress

_UUID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[.@]")


class WebhookChannel:
    """
    One signed POST per message; the recipient is the URL, ``addresses`` know its secret.

    ``timeout`` is in seconds and holds for each step, ``total`` for all of them. ``now`` is the
    instant that is signed, and is read for a Retry-After that names a date.
    """

    name = "webhook"

    def __init__(
        self,
        addresses: Iterable[WebhookAddress],
        timeout: float = 30,
        *,
        total: float = 120,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._secrets = {one.url: one.secret for one in addresses}
        self._timeout = timeout
        self._total = total
        self._tls = tls or ssl.create_default_context()
        self._now = now

    def send(self, message: Message, recipient: str) -> Result:
        """
        One attempt to post the message to the URL ``recipient``.
        """
        host = host_of(recipient)
        if host is None:
            return Refused("the webhook is not an http(s) address: correct the configuration")
        secret = self._secrets.get(recipient)
        if secret is None:
            return Refused(f"the webhook at {host} is not in the settings any more")
        now = self._now()
        try:
            answer = self._post(recipient, signed(message, secret, now))
        except (OSError, HTTPException) as error:
            return unanswered(error, host)
        if _broke_off(answer):
            return Retry(None, f"{host} refused or dropped the connection")
        return verdict(answer, host, now)

    def _post(self, url: str, signed_request: tuple[bytes, dict[str, str]]) -> HttpAnswer:
        body, headers = signed_request
        request = Request(url, data=body, headers=headers, method="POST")  # noqa: S310  host_of let http(s) through only
        return one_attempt(request, timeout=self._timeout, total=self._total, tls=self._tls)


def signed(message: Message, secret: str, now: datetime) -> tuple[bytes, dict[str, str]]:
    """
    Body and headers of the message, signed with the secret at this instant.
    """
    body = json.dumps(payload(message), ensure_ascii=False)
    identity, at = message_id(message.reference), now.astimezone(UTC).replace(microsecond=0)
    headers = {
        "content-type": "application/json",
        "user-agent": "scan-tracker",
        "webhook-id": identity,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(identity, at, body),
    }
    return body.encode(), headers


def message_id(reference: str) -> str:
    """
    What names the message over all its retries, without the full stop that delimits what is signed.

    Our own references begin with a UUID; of any other a fingerprint is taken.
    """
    found = _UUID.match(reference)
    return f"msg_{found[1] if found else sha256(reference.encode()).hexdigest()[:32]}"


def _broke_off(answer: HttpAnswer) -> bool:
    """
    True when nothing tells that a good answer is whole, not even that it ends by closing.
    """
    closes = (answer.header("connection") or "").lower() == "close"
    return 200 <= answer.status < 300 and answer.open_ended and not closes  # noqa: PLR2004  the class of good HTTP answers
