"""
What a visit's pages fetched by themselves after the submit.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlsplit

from playwright.async_api import Error

from tracker.spiders.exchanges import (
    DATA,
    Exchange,
    answer_to,
    frame_of,
    is_own_site,
    posted,
    question_of,
)
from tracker.spiders.sockets import sockets_of
from tracker.spiders.trouble import net_error_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.async_api import Frame, Page, Request, Response, WebSocket

    from tracker.pages.capture import Answer
    from tracker.spiders.endpoint import Question
    from tracker.spiders.windows import Windows

_AWAITED = DATA | {"document", "script"}
_NOTED = _AWAITED | {"eventsource"}
_MOST_ANSWERS = 400


class Traffic:
    """
    The requests of a visit's pages from :meth:`start` on, and the data answers to them.
    """

    def __init__(self, windows: Windows, numbers: Sequence[str]) -> None:
        self._windows = windows
        self._context = windows.main.context
        self.numbers = tuple(number.upper() for number in numbers)  # the asked ones, in capitals
        self._host = urlsplit(windows.main.url).hostname or ""
        self._open: set[Request] = set()
        self._exchanges: dict[Request, Exchange] = {}
        self._echoed: set[str] = set()
        self._asked_by_socket = False
        self._told_by_socket = False
        self.form: Frame | None = None  # the frame in which the numbers were typed

    def start(self) -> None:
        """
        From now on requests are noted, those of frames and of pages that open too.
        """
        for event, listener in self._listeners():
            self._context.on(event, listener)  # type: ignore[call-overload]  # typed one by one
        self._windows.keep(self._hear_sockets)
        for page in self._windows.pages:
            self._hear_sockets(page)

    def stop(self) -> None:
        """
        Nothing more is noted: the context lives on for the crawl's other visits.
        """
        for event, listener in self._listeners():
            with contextlib.suppress(KeyError):  # it was never started
                self._context.remove_listener(event, listener)

    @property
    def asked(self) -> bool:
        """
        True when the page has asked anybody for data, or has gone to another page.

        A script, a frame or a stream counts when it comes from the page's own site or asks for
        our numbers, as an advertisement loads those too.
        """
        return self._asked_by_socket or any(
            one.is_data or self._is_main_page(one.request) or self._is_about_us(one)
            for one in self._exchanges.values()
        )

    @property
    def asked_for_us(self) -> bool:
        """
        True when the page has sent what may be the question for our numbers.

        Of a stream that stays open nobody knows when it has said all: it does not count.
        """
        asked = any(one.request.resource_type in _AWAITED for one in self._questions())
        return self._told_by_socket or asked or self.went_on

    @property
    def went_on(self) -> bool:
        """
        True when one of the visit's pages has gone to another page.
        """
        return any(self._is_main_page(request) for request in self._exchanges)

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
            request.resource_type in DATA and self._is_own_site(request) for request in self._open
        )

    @property
    def echoed(self) -> frozenset[str]:
        """
        The asked numbers, in capitals, that stand in the data answers so far.
        """
        return frozenset(self._echoed)

    @property
    def count(self) -> int:
        """
        How many requests were noted.
        """
        return len(self._exchanges)

    @property
    def failure(self) -> str | None:
        """
        Why the page's own question for our numbers failed, in words; ``None`` if it did not.
        """
        failed = (one.failure for one in self._questions() if one.failure)
        return next(failed, None)

    def status_of(self, page: Page) -> int | None:
        """
        The status with which the page last came; ``None`` if it did not go anywhere.
        """
        of_page = (
            one.status
            for one in reversed(self._exchanges.values())
            if one.is_page and one.status and frame_of(one.request) == page.main_frame
        )
        return next(of_page, None)

    async def answers(self) -> tuple[Answer, ...]:
        """
        The data answers that came whole, oldest first.
        """
        return await self._read([one for one in self._exchanges.values() if one.is_data])

    async def answers_to_us(self) -> tuple[tuple[Answer, frozenset[str]], ...]:
        """
        The answers to what the page asked for our numbers, each with those that it was asked for.

        A page's come without a body; no numbers: the question did not say them.
        """
        asked = [(await one.reading, one.numbers) for one in self._questions() if one.reading]
        return tuple((answer, numbers) for answer, numbers in asked if answer is not None)

    async def questions(self) -> tuple[tuple[Question, Answer], ...]:
        """
        The data requests that carry an asked number, as they were sent, with their answers.
        """
        asked = [one for one in self._exchanges.values() if one.is_data and one.asks_for_us]
        pairs = [(one.request, await one.reading) for one in asked if one.reading is not None]
        return tuple(
            [
                (await question_of(request), answer)
                for request, answer in pairs
                if answer is not None
            ]
        )

    async def _read(self, exchanges: Sequence[Exchange]) -> tuple[Answer, ...]:
        tasks = [one.reading for one in exchanges if one.reading is not None]
        found = await asyncio.gather(*tasks)
        return tuple(answer for answer in found if answer is not None)

    def _questions(self) -> list[Exchange]:
        """
        What asks for our numbers, of the page's own site if anything there does.

        If nothing says so, it is the data requests to the page's own site.
        """
        every = list(self._exchanges.values())
        ours = [one for one in every if one.asks_for_us and not self._is_main_page(one.request)]
        own = [one for one in ours if self._is_own_site(one.request)]
        data = [one for one in every if one.is_data and self._is_of_the_form(one.request)]
        return own or [one for one in ours if one.is_data] or data

    def _is_of_the_form(self, request: Request) -> bool:
        """
        True for what the page itself or the frame of the form asks of its own site.

        A chat or a counter in a frame of its own asks for itself.
        """
        frame = frame_of(request)
        mine = frame is not None and (frame.parent_frame is None or frame == self.form)
        return mine and self._is_own_site(request)

    def _is_about_us(self, one: Exchange) -> bool:
        return one.asks_for_us or (
            one.request.resource_type != "document" and self._is_own_site(one.request)
        )

    def _is_own_site(self, request: Request) -> bool:
        """
        True for the page's host and its siblings (api.example.com beside www.example.com).
        """
        return is_own_site(urlsplit(request.url).hostname or "", self._host)

    def _is_main_page(self, request: Request) -> bool:
        """
        True for the way of one of the visit's pages to another address.
        """
        if not request.is_navigation_request():
            return False
        frame = frame_of(request)
        return frame is not None and any(frame == p.main_frame for p in self._windows.pages)

    def _belongs(self, request: Request) -> bool:
        """
        True for the visit's own pages, and for a page that is just being opened by one of them.
        """
        frame = frame_of(request)
        if frame is None:
            return request.is_navigation_request()
        return frame.page in self._windows.pages

    def _listeners(self) -> tuple[tuple[str, Callable[..., None]], ...]:
        return (
            ("request", self._began),
            ("response", self._answered),
            ("requestfinished", self._finished),
            ("requestfailed", self._failed),
        )

    def _hear_sockets(self, page: Page) -> None:
        page.on("websocket", self._socket)
        for socket in sockets_of(page):
            self._socket(socket)

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda _: self._note_socket(told=False))
        socket.on("framereceived", lambda _: self._note_socket(told=True))

    def _note_socket(self, *, told: bool) -> None:
        self._told_by_socket |= told and self._asked_by_socket
        self._asked_by_socket |= not told

    def _began(self, request: Request) -> None:
        noted = request.resource_type in _NOTED and len(self._exchanges) < _MOST_ANSWERS
        if noted and self._belongs(request):
            self._exchanges[request] = Exchange(request, self._numbers_in(request))
            if request.resource_type in _AWAITED:
                self._open.add(request)

    def _answered(self, response: Response) -> None:
        exchange = self._exchanges.get(response.request)
        if exchange is not None:
            exchange.status = response.status

    def _finished(self, request: Request) -> None:
        exchange = self._exchanges.get(request)
        if exchange is not None and (exchange.is_data or exchange.asks_for_us):
            exchange.reading = asyncio.create_task(self._read_one(exchange))
        else:
            self._open.discard(request)

    def _failed(self, request: Request) -> None:
        self._open.discard(request)
        exchange = self._exchanges.get(request)
        if exchange is not None and "ERR_ABORTED" not in (request.failure or ""):
            exchange.failure = net_error_words(request.failure or "")[0]

    async def _read_one(self, exchange: Exchange) -> Answer | None:
        """
        The answer with its body; ``None`` when the page has gone on and dropped it.
        """
        try:
            response = await exchange.request.response()
            if response is None:
                return None
            answer = await answer_to(response, with_body=exchange.is_data)
        except Error:
            return None
        finally:
            self._open.discard(exchange.request)
        upper = answer.body.upper()
        self._echoed.update(number for number in self.numbers if number in upper)
        return answer

    def _numbers_in(self, request: Request) -> frozenset[str]:
        told = unquote_plus(request.url) + unquote_plus(posted(request).decode("utf-8", "replace"))
        upper = told.upper()
        return frozenset(number for number in self.numbers if number in upper)
