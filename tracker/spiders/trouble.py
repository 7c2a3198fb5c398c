"""
What went wrong on the way to an answer, in words for people.

    Trouble                 the look failed; carries outcome and detail
    └── Passing             the same, and worth another try within the look's time limit
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

from tracker.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.pages.capture import Answer


class Trouble(Exception):  # noqa: N818 - the field's name, and not an error of ours
    """
    A look that failed: its outcome, why, and whether the whole host is out of reach.

    ``answer`` is what came all the same, if anything did: it is kept as evidence (promises.md R20).
    """

    def __init__(
        self,
        detail: str,
        *,
        outcome: Outcome = Outcome.UNREACHABLE,
        whole_host: bool = False,
        retry_after_seconds: float | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.outcome = outcome
        self.whole_host = whole_host
        self.retry_after_seconds = retry_after_seconds
        self.answer = answer


class Passing(Trouble):
    """
    Trouble that may be over in a moment.
    """


_CERTIFICATE = "its certificate could not be verified"
_NO_NAME = "the name could not be resolved"
_REFUSED = "the connection was refused"
_BROKEN = "the connection broke"
_CUT = "the answer was cut off"

#: Scrapy's exceptions: what they mean, and whether the whole host is out of reach.
_DOWNLOAD_ERRORS: tuple[tuple[type[Exception], str, bool], ...] = (
    (CannotResolveHostError, _NO_NAME, True),
    (DownloadConnectionRefusedError, _REFUSED, True),
    (ResponseDataLossError, _CUT, False),
)


def download_trouble(error: BaseException, host: str, seconds: float) -> Trouble | None:
    """
    What Scrapy's own exceptions mean; ``None`` for an exception that is none of them.
    """
    if isinstance(error, DownloadTimeoutError):
        return no_answer(host, seconds)
    if isinstance(error, DownloadCancelledError):
        return Trouble(f"{host}: the answer is too large to be read", outcome=Outcome.UNREADABLE)
    for kind, words, whole_host in _DOWNLOAD_ERRORS:
        if isinstance(error, kind):
            return Passing(f"{host}: {words}", whole_host=whole_host)
    if isinstance(error, (DownloadFailedError, OSError)):
        return _failed_download(error, host)
    return None


def no_answer(host: str, seconds: float) -> Trouble:
    """
    The time limit of the look is over.
    """
    return Trouble(f"{host}: no answer within {seconds:g} s")


def _failed_download(error: BaseException, host: str) -> Trouble:
    told = " ".join(_told(error))
    if re.search(r"certificate|verif", told, re.IGNORECASE):
        return Trouble(f"{host}: {_CERTIFICATE}", whole_host=True)
    if re.search(r"ssl|tls", told, re.IGNORECASE):
        return Passing(f"{host}: no secure connection could be made (TLS)")
    if re.search(r"unreachable|no route", told, re.IGNORECASE):
        return Passing(f"{host}: there is no route to it", whole_host=True)
    return Passing(f"{host}: {_BROKEN}")


def _told(error: BaseException | None) -> Iterator[str]:
    """
    The texts of an exception and of what caused it, Twisted's nested reasons included.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield f"{type(error).__name__} {error}"
        for reason in getattr(error, "reasons", None) or ():
            yield f"{reason.type.__name__} {reason.value}"
        error = error.__cause__ or error.__context__


#: Chromium's network errors (``net::ERR_...``), by the beginning of their names.
_NET_ERRORS: tuple[tuple[str, str, bool], ...] = (
    ("NAME_", _NO_NAME, True),
    ("DNS_", _NO_NAME, True),
    ("CONNECTION_REFUSED", _REFUSED, True),
    ("CERT_", _CERTIFICATE, True),
    ("SSL_", "no secure connection could be made (TLS)", True),
    ("ADDRESS_", "there is no route to it", True),
    ("INTERNET_DISCONNECTED", "this machine has no network", True),
    ("PROXY_", "the proxy did not let us through", True),
    ("TUNNEL_", "the proxy did not let us through", True),
    ("TIMED_OUT", "it did not answer in time", True),
    ("CONNECTION_TIMED_OUT", "it did not answer in time", True),
    ("UNSAFE_PORT", "the browser opens no page on this port", True),
    ("TOO_MANY_REDIRECTS", "it sends us round in a circle (redirects)", False),
    ("CONTENT_LENGTH_MISMATCH", _CUT, False),
    ("INCOMPLETE_CHUNKED", _CUT, False),
    ("INVALID_CHUNKED", _CUT, False),
)
_FINAL = ("CERT_", "UNSAFE_PORT", "TOO_MANY_REDIRECTS")  # the next try would end the same way


def net_error_words(message: str) -> tuple[str, bool]:
    """
    A Chromium network error in words, and whether it concerns the whole host.
    """
    for start, words, whole_host in _NET_ERRORS:
        if f"ERR_{start}" in message:
            return words, whole_host
    return _BROKEN, False


def page_trouble(message: str, host: str, seconds: float) -> Trouble:
    """
    What a Playwright error's message means for the look.
    """
    if "Timeout" in message and "exceeded" in message:
        return no_answer(host, seconds)
    script_error = re.search(r"\b(Syntax|Reference|Type|Range)Error\b", message)
    if script_error is not None:
        # A page that goes away under a script, or a page that bends JavaScript's own objects.
        told = f"{host}: a script of ours failed on the page ({script_error.group(0)})"
        return Passing(told, outcome=Outcome.UNREADABLE)
    if "net::ERR_" not in message:
        return Passing(f"{host}: the browser ended while the page was open")
    words, whole_host = net_error_words(message)
    final = any(f"ERR_{start}" in message for start in _FINAL)
    return (Trouble if final else Passing)(f"{host}: {words}", whole_host=whole_host)
