"""
How a web server's answer to a message is read (promises.md R13).

- 2xx: delivered, unless it is a web page: a login or proxy in between says 200 as well;
- 408, 425, 429 and 5xx, no answer, half an answer, a time-out: ``Retry``, honouring Retry-After;
- every other status, a redirect, a certificate that does not verify: ``Refused``.

Nothing of a stranger's answer is repeated, and of the address nothing but the host.
"""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import urlsplit

from alerts.channels.base import Delivered, Refused, Result, Retry

if TYPE_CHECKING:
    from alerts.channels.http_attempt import HttpAnswer

_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_LONGEST_WAIT = timedelta(days=1)
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})


def host_of(address: str) -> str | None:
    """
    Host and port of an http(s) address, which may be told; ``None`` when it is no such address.
    """
    if not _URL.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:  # a port or host that cannot be one
        return None
    return (f"{host}:{port}" if port else host) or None


def verdict(answer: HttpAnswer, host: str, now: datetime, *, code: str = "") -> Result:
    """
    What becomes of a delivery that got this answer; ``code`` is a known error code in its body.
    """
    status = answer.status
    why = f"{host} answered {status}{code}"
    if 200 <= status < 300:  # noqa: PLR2004  the class of good HTTP answers
        return _taken_over(answer.body, host)
    if status in _WORTH_ANOTHER_TRY or status >= 500 or status < 200:  # noqa: PLR2004  the classes of HTTP answers
        return Retry(retry_after(answer.header("retry-after"), now), why)
    if status < 400:  # noqa: PLR2004  a redirect
        return Refused(f"{why}, a redirect, which is not followed: correct the address")
    return Refused(why)


def unanswered(error: Exception, host: str) -> Result:
    """
    What becomes of a delivery that ended with this error of the network instead of an answer.
    """
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(f"the certificate of {host} does not verify: {cause.verify_message}")
    if isinstance(cause, TimeoutError):
        return Retry(None, f"{host} did not answer in time")
    if isinstance(cause, ConnectionError | IncompleteRead):
        return Retry(None, f"{host} refused or dropped the connection")
    return Retry(None, f"{host} could not be reached: {type(cause).__name__}")


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """
    What a Retry-After header asks for, between nothing and one day; ``None`` if it says nothing.
    """
    if value is None:
        return None
    wait = _seconds(value) if value.strip().isdigit() else _until(value, now)
    return None if wait is None else min(max(wait, timedelta()), _LONGEST_WAIT)


def _taken_over(body: str, host: str) -> Result:
    if body.lstrip().startswith("<"):
        return Retry(None, f"{host} answered with a web page instead of ok")
    return Delivered(f"taken over by {host}")


def _seconds(value: str) -> timedelta:
    # More digits than a day has seconds mean "long"; int() of an endless run of them is slow.
    return timedelta(seconds=int(value.strip()[:6]))


def _until(value: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None  # neither seconds nor a date: the header says nothing
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
