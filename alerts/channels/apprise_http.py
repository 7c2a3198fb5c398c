"""
What a service answered to one attempt by Apprise, which Apprise itself does not tell.

Its result says whether the message was taken over, and nothing of status, Retry-After, or the error
code that some services write into a 200. Its plugins all post by ``requests``: every call that is
made inside :func:`observed` is noted there, and every other one is left alone.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import requests

from alerts.channels.http_answers import host_of
from alerts.channels.http_attempt import HttpAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_OF_AN_ANSWER = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """
    One call of a service: the host, and its answer or the error that came instead.
    """

    host: str
    answer: HttpAnswer | Exception


_notes: ContextVar[list[Note] | None] = ContextVar("apprise_notes", default=None)


@contextmanager
def observed() -> Iterator[list[Note]]:
    """
    The list of calls that this thread makes inside the block, in order; it grows as they end.
    """
    notes: list[Note] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def _noting(send: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(send)
    def noted(session: Any, request: Any, **options: Any) -> Any:
        notes = _notes.get()
        if notes is None:
            return send(session, request, **options)
        host = host_of(str(request.url)) or "the service"
        try:
            response = send(session, request, **options)
        except requests.RequestException as error:
            notes.append(Note(host=host, answer=_cause(error)))
            raise
        notes.append(Note(host=host, answer=_answer(response)))
        return response

    return noted


# There is no hook for calls of ``requests.post``, and no way to hand Apprise a session of ours:
# the method itself is replaced, which strict types rightly find strange.
requests.Session.send = _noting(requests.Session.send)  # type: ignore[method-assign]


def _answer(response: Any) -> HttpAnswer:
    return HttpAnswer(
        status=response.status_code,
        headers=dict(response.headers),
        body=response.content[:_MOST_OF_AN_ANSWER].decode("utf-8", "replace"),
    )


def _cause(error: requests.RequestException) -> Exception:
    """
    The error in the words of the standard library, which ``http_answers`` reads.
    """
    if isinstance(error, requests.Timeout):
        return TimeoutError()
    if isinstance(error, requests.exceptions.SSLError):
        return _certificate_error(error) or error
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return ConnectionError()
    return error


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """
    The reason why a certificate does not verify, from below the layers of two libraries.
    """
    inner = (*error.args, getattr(error, "reason", None), error.__cause__, error.__context__)
    for one in inner:
        if isinstance(one, ssl.SSLCertVerificationError):
            return one
        if isinstance(one, BaseException) and (found := _certificate_error(one)):
            return found
    return None
