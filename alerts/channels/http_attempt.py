"""
One POST and its answer, bounded in size and time.

The address may be a secret, and some errors of ``urllib`` hold it: nothing of an error is told but
its kind (see ``http_answers``). Proxies are left to the environment's rules, ``no_proxy`` included.
"""

from __future__ import annotations

from dataclasses import dataclass
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

from alerts.channels.limit import WholeLimit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from http.client import HTTPResponse

_MOST_OF_AN_ANSWER = 4096
_HTTP_1_0 = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """
    What the other side said; ``body`` is its beginning.

    ``open_ended``: nothing told where the body ends, so that a broken connection looks like an end.
    """

    status: int
    headers: Mapping[str, str]
    body: str
    open_ended: bool = False

    def header(self, name: str) -> str | None:
        """
        A header whatever its case, or ``None``.
        """
        found = (value for key, value in self.headers.items() if key.lower() == name.lower())
        return next(found, None)


def one_attempt(
    request: Request, *, timeout: float, total: float, tls: ssl.SSLContext
) -> HttpAnswer:
    """
    The answer to the request, whatever its status; no redirect is followed.

    A redirect would take a secret elsewhere and turn the POST into a GET. ``timeout`` (seconds)
    holds for each step, ``total`` for all of them. Raises ``OSError`` or ``HTTPException`` when
    there was no whole answer, ``TimeoutError`` when ``total`` was over.
    """
    with WholeLimit(total) as limit:
        try:
            return _ask(request, timeout, tls, limit)
        except (OSError, HTTPException) as error:
            if limit.passed:
                raise TimeoutError from error
            raise


def _ask(request: Request, timeout: float, tls: ssl.SSLContext, limit: WholeLimit) -> HttpAnswer:
    opener = build_opener(_AnyAnswer(), _Http(limit), _Https(limit, tls))
    with opener.open(request, timeout=timeout) as answer:
        body = _read(answer, limit)
    if limit.passed:  # also when it cut the headers short: the answer looks whole then
        raise TimeoutError
    if answer.status == HTTPStatus.OK:
        _check_whole(body, answer)
    return HttpAnswer(
        status=answer.status,
        headers=dict(answer.headers),
        body=body.decode("utf-8", "replace"),
        open_ended=_ends_by_chance(answer),
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


def _ends_by_chance(answer: HTTPResponse) -> bool:
    """
    True when nothing tells the answer's end; HTTP/1.0 ends an answer by closing as a rule.
    """
    declared = answer.headers.get("Content-Length", "").isdigit()
    told = declared or "Transfer-Encoding" in answer.headers
    told = told or answer.status == HTTPStatus.NO_CONTENT
    return answer.version > _HTTP_1_0 and not told
