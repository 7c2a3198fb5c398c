"""
One request to the Vendor Center API and its whole answer, bounded in size.

Each step of a request has its time limit, and so has the answer's body as a whole.

``httpx`` writes whole addresses to its log at INFO: its loggers are held at WARNING from here on.
No redirect is followed, because the token would go elsewhere.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

from tracker.pages.http import retry_after
from tracker.quiet import hold_back_libraries
from tracker.vendor.errors import Busy, Unreachable, VendorCenterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from tracker.clock import Clock

hold_back_libraries()

#: A page of 100 orders is far smaller; more is not an answer to what was asked.
MOST_BYTES = 16 * 1024 * 1024
#: A connection that cannot be made in this time is not tried longer.
CONNECT_SECONDS = 10.0
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    A whole answer; its body may hold tokens or buyer data and is never shown.
    """

    host: str
    status: int
    body: bytes = field(repr=False)

    def document(self) -> Any:
        """
        The body as JSON; raises :class:`Unreachable` when it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            sentence = f"{self.host} answered HTTP {self.status} with something that is not JSON."
            raise Unreachable(sentence, sent=True) from None  # the cause quotes the body


class Wire:
    """
    Connections to the API, kept open between requests; close it to end them.
    """

    def __init__(self, *, timeout_seconds: float, clock: Clock) -> None:
        self._seconds = timeout_seconds
        self._clock = clock
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
            follow_redirects=False,
            headers={"Accept": "application/json", "User-Agent": "scan-tracker"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, url: str, parameters: Sequence[tuple[str, str]], token: str) -> Reply:
        """
        The answer to a read, with the access token.

        Raises :class:`Unreachable`, :class:`Busy`, or :class:`VendorCenterError` for a redirect.
        """
        headers = {"Authorization": f"Bearer {token}"}
        return self._ask(
            self._client.build_request("GET", url, params=list(parameters), headers=headers)
        )

    def post_form(self, url: str, form: Mapping[str, str]) -> Reply:
        """
        The answer to a form; raises as :meth:`get` does.
        """
        return self._ask(self._client.build_request("POST", url, data=dict(form)))

    def _ask(self, request: httpx.Request) -> Reply:
        host = urlsplit(str(request.url)).hostname or "the API"
        try:
            response = self._client.send(request, stream=True)
            try:
                body = self._body(response, host)
            finally:
                response.close()
        except httpx.HTTPError as error:
            # The cause may hold the address with its parameters: only its kind is told.
            raise Unreachable(
                f"{host} could not be reached ({type(error).__name__}).",
                sent=not isinstance(error, _NEVER_SENT),
            ) from None
        self._refuse(response, host)
        return Reply(host=host, status=response.status_code, body=body)

    def _body(self, response: httpx.Response, host: str) -> bytes:
        """
        The decoded body; a server that dribbles or floods is left.
        """
        until = time.monotonic() + self._seconds
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise VendorCenterError(f"{host} answered with more than {MOST_BYTES >> 20} MB.")
            if time.monotonic() > until:
                sentence = f"{host} did not finish its answer in {self._seconds:g} seconds."
                raise Unreachable(sentence, sent=True)
        return bytes(body)

    def _refuse(self, response: httpx.Response, host: str) -> None:
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            wait = retry_after(response.headers.get("retry-after"), now=self._clock())
            raise Busy(f"{host} asks for fewer requests (HTTP 429).", seconds=wait)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"{host} answered HTTP {status}.", sent=True)
        if response.is_redirect or response.has_redirect_location:
            raise VendorCenterError(
                f"{host} redirects elsewhere (HTTP {status}), which is not followed: "
                "correct vendor_center.api_url and vendor_center.token_url."
            )
