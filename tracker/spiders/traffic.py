"""
What a page fetched by itself after the submit.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlsplit

from playwright.async_api import Error, Page, Request, Response
from w3lib.encoding import html_to_unicode

from tracker.pages.capture import Answer
from tracker.spiders.trouble import net_error_words

if TYPE_CHECKING:
    from collections.abc import Sequence

_DATA = frozenset({"xhr", "fetch"})
_AWAITED = _DATA | {"document", "script"}
_MOST_ANSWERS = 200
_BODY_LIMIT = 4_000_000  # bytes


@dataclass(slots=True)
class _Exchange:
    request: Request
    asks_for_us: bool  # an asked number stands in its address or body
    failure: str | None = None
    reading: asyncio.Task[Answer | None] | None = None


class Traffic:
    """
    The page's requests from :meth:`start` on, and the data answers to them.
    """

    def __init__(self, page: Page, numbers: Sequence[str]) -> None:
        self._page = page
        self._numbers = tuple(number.upper() for number in numbers)
        self._host = urlsplit(page.url).hostname or ""
        self._open: set[Request] = set()
        self._exchanges: dict[Request, _Exchange] = {}
        self.page_status: int | None = None  # of the main frame, if it went elsewhere

    def start(self) -> None:
        """
        From now on requests are noted.
        """
        self._page.on("request", self._began)
        self._page.on("response", self._answered)
        self._page.on("requestfinished", self._finished)
        self._page.on("requestfailed", self._failed)

    @property
    def asked(self) -> bool:
        """
        True when the page has asked anybody for data, or has gone to another page.
        """
        return any(_is_data(request) or self._is_main_page(request) for request in self._exchanges)

    @property
    def asked_for_us(self) -> bool:
        """
        True when the page has sent what may be the question for our numbers.
        """
        went_on = any(self._is_main_page(request) for request in self._exchanges)
        return went_on or bool(self._questions())

    @property
    def waiting_for_us(self) -> bool:
        """
        True while the page's own question for our numbers, or the way to another page, is open.
        """
        ours = {one.request for one in self._questions()}
        return any(request in ours or self._is_main_page(request) for request in self._open)

    @property
    def waiting(self) -> bool:
        """
        True while any data request to the page's own site is open: perhaps a second step.
        """
        return self.waiting_for_us or any(
            _is_data(request) and self._is_own_site(request) for request in self._open
        )

    @property
    def failure(self) -> str | None:
        """
        Why the page's own question for our numbers failed, in words; ``None`` if it did not.
        """
        failed = (one.failure for one in self._questions() if one.failure)
        return next(failed, None)

    async def answers(self) -> tuple[Answer, ...]:
        """
        The data answers that came whole, oldest first.
        """
        return await self._read(list(self._exchanges.values()))

    async def answers_to_us(self) -> tuple[Answer, ...]:
        """
        Those of the data answers that the page fetched for our numbers.
        """
        return await self._read(self._questions())

    async def _read(self, exchanges: Sequence[_Exchange]) -> tuple[Answer, ...]:
        tasks = [one.reading for one in exchanges if one.reading is not None]
        found = await asyncio.gather(*tasks)
        return tuple(answer for answer in found if answer is not None)

    def _questions(self) -> list[_Exchange]:
        """
        The data requests that ask for our numbers; if none says so, those to the page's own site.
        """
        data = [one for one in self._exchanges.values() if _is_data(one.request)]
        ours = [one for one in data if one.asks_for_us]
        return ours or [one for one in data if self._is_own_site(one.request)]

    def _is_own_site(self, request: Request) -> bool:
        """
        True for the page's host and its siblings (api.example.com beside www.example.com).
        """
        host = urlsplit(request.url).hostname or ""
        parent = self._host.partition(".")[2]
        siblings = parent.count(".") > 0 and not parent.replace(".", "").isdigit()
        return host == self._host or (siblings and host.endswith(f".{parent}"))

    def _is_main_page(self, request: Request) -> bool:
        return request.is_navigation_request() and request.frame == self._page.main_frame

    def _began(self, request: Request) -> None:
        if request.resource_type in _AWAITED and len(self._exchanges) < _MOST_ANSWERS:
            self._exchanges[request] = _Exchange(request, self._asks_for_us(request))
            self._open.add(request)

    def _answered(self, response: Response) -> None:
        request = response.request
        if self._is_main_page(request):
            self.page_status = response.status

    def _finished(self, request: Request) -> None:
        exchange = self._exchanges.get(request)
        if exchange is not None and _is_data(request):
            exchange.reading = asyncio.create_task(self._read_one(request))
        else:
            self._open.discard(request)

    def _failed(self, request: Request) -> None:
        self._open.discard(request)
        exchange = self._exchanges.get(request)
        if exchange is not None and "ERR_ABORTED" not in (request.failure or ""):
            exchange.failure = net_error_words(request.failure or "")[0]

    async def _read_one(self, request: Request) -> Answer | None:
        """
        The answer with its body; ``None`` when the page has gone on and dropped it.
        """
        try:
            response = await request.response()
            return None if response is None else await _answer(response)
        except Error:
            return None
        finally:
            self._open.discard(request)

    def _asks_for_us(self, request: Request) -> bool:
        told = unquote_plus(request.url) + _posted(request)
        return any(number in told.upper() for number in self._numbers)


def _is_data(request: Request) -> bool:
    return request.resource_type in _DATA


def _posted(request: Request) -> str:
    body = b""
    with contextlib.suppress(Error):
        body = request.post_data_buffer or b""
    return unquote_plus(body.decode("utf-8", "replace"))


async def _answer(response: Response) -> Answer:
    headers = await response.all_headers()
    content_type = headers.get("content-type")
    redirected = 300 <= response.status < 400  # noqa: PLR2004 - the class of redirects
    body = b"" if redirected else await response.body()
    _, text = html_to_unicode(content_type, body[:_BODY_LIMIT], default_encoding="utf-8")
    return Answer(
        url=response.url,
        status=response.status,
        content_type=content_type,
        body=text,
        headers=headers,
        complete=len(body) <= _BODY_LIMIT,
    )
