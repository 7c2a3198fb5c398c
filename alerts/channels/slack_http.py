"""
One POST to a webhook and its answer, bounded in size and time.

The webhook's URL is a secret. ``slack_sdk`` writes it to its log at DEBUG, and some errors of
``urllib`` hold it: the client therefore gets a logger of its own that lets nothing through, and
this module caps the loggers of ``slack_sdk`` and ``urllib3`` at WARNING when it is imported.
"""

from __future__ import annotations

import logging
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from typing import TYPE_CHECKING, Any
from urllib.request import (
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

from slack_sdk.webhook import WebhookClient, WebhookResponse

from alerts.channels.limit import WholeLimit

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPResponse

for _leaky in ("slack_sdk", "urllib3"):
    logging.getLogger(_leaky).setLevel(logging.WARNING)

_SILENT = logging.getLogger(f"{__name__}.silent")
_SILENT.setLevel(logging.CRITICAL + 1)

_MOST_OF_AN_ANSWER = 4096
_HTTP_1_0 = 10


class OneAttempt(WebhookClient):
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
            _check_whole(body, answer)
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


def _check_whole(body: bytes, answer: HTTPResponse) -> None:
    """
    ``IncompleteRead`` when a good answer broke off: urllib takes half of one for a whole.
    """
    declared = answer.headers.get("Content-Length", "")
    if declared.isdigit():
        expected = min(int(declared[:9]), _MOST_OF_AN_ANSWER)
        if len(body) < expected:
            raise IncompleteRead(body, expected - len(body))
    elif _ends_by_chance(answer) and body.strip() != b"ok":
        raise IncompleteRead(body)


def _ends_by_chance(answer: HTTPResponse) -> bool:
    """
    True when nothing tells the answer's end; HTTP/1.0 ends an answer by closing as a rule.
    """
    return answer.version > _HTTP_1_0 and "Transfer-Encoding" not in answer.headers
