"""
Letters into a Slack channel through an incoming webhook.

The webhook's URL is a secret. ``slack_sdk`` writes it to its log at DEBUG, and some errors of
``urllib`` hold it: the client therefore gets a logger of its own that lets nothing through, and
this module caps the loggers of ``slack_sdk`` and ``urllib3`` at WARNING when it is imported.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

from slack_sdk.webhook import WebhookClient, WebhookResponse

from alerts.channels.base import Delivered, Refused, Result, Retry
from alerts.channels.limit import WholeLimit

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message as Headers
    from http.client import HTTPResponse

    from alerts.messages.message import Message

for _leaky in ("slack_sdk", "urllib3"):
    logging.getLogger(_leaky).setLevel(logging.WARNING)

_SILENT = logging.getLogger(f"{__name__}.silent")
_SILENT.setLevel(logging.CRITICAL + 1)

_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_SLACK_CODE = re.compile(r"[a-z][a-z_]{1,60}")
_MOST_OF_AN_ANSWER = 4096
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
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
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
        client = _OneAttempt(recipient, timeout=self._timeout, total=self._total, tls=self._tls)
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


class _OneAttempt(WebhookClient):
    """
    The webhook client without its habits that do harm here.

    It follows no redirect (a secret would go elsewhere and the POST become a GET), reads a bounded
    answer in bounded time, and leaves proxies to the environment's rules, ``no_proxy`` included.
    """

    def __init__(self, url: str, *, timeout: int, total: float, tls: ssl.SSLContext) -> None:
        super().__init__(url, timeout=timeout, ssl=tls, logger=_SILENT, retry_handlers=[])
        self._total = total
        self._tls = tls

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        with WholeLimit(self._total) as limit:
            try:
                return self._ask(url, req, limit)
            except (OSError, HTTPException) as error:
                if limit.passed:
                    raise TimeoutError from error
                raise

    def _ask(self, url: str, req: Request, limit: WholeLimit) -> WebhookResponse:
        opener = build_opener(_AnyAnswer(), _Http(limit), _Https(limit, self._tls))
        with opener.open(req, timeout=self.timeout) as answer:
            body = _read(answer, limit)
        if answer.status == HTTPStatus.OK:
            _check_whole(body, answer.headers)
        return WebhookResponse(
            url=url,
            status_code=answer.status,
            body=body.decode("utf-8", "replace"),
            headers=dict(answer.headers),
        )


class _AnyAnswer(HTTPErrorProcessor):
    """
    Every answer is one: no redirect is followed and no status raised.
    """

    def http_response(
        self,
        request: Request,  # noqa: ARG002  the signature is urllib's
        response: HTTPResponse,
    ) -> HTTPResponse:
        """
        The answer as it came.
        """
        return response

    https_response = http_response


class _Http(HTTPHandler):
    def __init__(self, limit: WholeLimit) -> None:
        super().__init__()
        self._limit = limit

    def http_open(self, req: Request) -> HTTPResponse:
        """
        The answer over a connection that the limit watches.
        """
        return self.do_open(partial(_watched, HTTPConnection, self._limit), req)


class _Https(HTTPSHandler):
    def __init__(self, limit: WholeLimit, tls: ssl.SSLContext) -> None:
        super().__init__(context=tls)
        self._limit = limit
        self._tls = tls

    def https_open(self, req: Request) -> HTTPResponse:
        """
        The answer over an encrypted connection that the limit watches.
        """
        make = partial(_watched, HTTPSConnection, self._limit)
        return self.do_open(make, req, context=self._tls)


def _watched(
    kind: type[HTTPConnection], limit: WholeLimit, host: str, **options: Any
) -> HTTPConnection:
    connection = kind(host, **options)
    limit.watch(lambda: connection.sock)
    return connection


def _read(answer: HTTPResponse, limit: WholeLimit) -> bytes:
    """
    The first bytes of the answer; each piece waits for one step's time at most.
    """
    body = b""
    while len(body) < _MOST_OF_AN_ANSWER:
        piece = answer.read1(_MOST_OF_AN_ANSWER - len(body))
        if not piece:
            break
        body += piece
        if limit.passed:
            raise TimeoutError
    return body


def _check_whole(body: bytes, headers: Headers) -> None:
    """
    ``IncompleteRead`` when a good answer broke off: urllib takes half of one for a whole.
    """
    declared = headers.get("Content-Length", "")
    if declared.isdigit():
        expected = min(int(declared[:9]), _MOST_OF_AN_ANSWER)
        if len(body) < expected:
            raise IncompleteRead(body, expected - len(body))
    elif body.strip() != b"ok" and "Transfer-Encoding" not in headers:
        raise IncompleteRead(body)


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
