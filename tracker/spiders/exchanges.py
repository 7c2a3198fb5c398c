"""
One request of a page and its answer, as Playwright tells of them.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.async_api import Error, Frame, Request, Response
from w3lib.encoding import html_to_unicode

from tracker.pages.capture import Answer
from tracker.spiders.endpoint import Question

if TYPE_CHECKING:
    import asyncio

DATA = frozenset({"xhr", "fetch"})
_BODY_LIMIT = 4_000_000  # bytes


@dataclass(slots=True)
class Exchange:
    """
    One request of a page, and what became of it.
    """

    request: Request
    numbers: frozenset[str]  # the asked ones, in capitals, that stand in its address or body
    status: int | None = None
    failure: str | None = None
    reading: asyncio.Task[Answer | None] | None = None

    @property
    def asks_for_us(self) -> bool:
        """
        True when it carries an asked number.
        """
        return bool(self.numbers)

    @property
    def is_data(self) -> bool:
        """
        True when a script fetched it.
        """
        return self.request.resource_type in DATA

    @property
    def is_page(self) -> bool:
        """
        True for the way to another page, or of a frame to another address.
        """
        return self.request.is_navigation_request()


def is_own_site(host: str, own: str) -> bool:
    """
    True for a host and its siblings (api.example.com beside www.example.com).
    """
    parent = own.partition(".")[2]
    siblings = parent.count(".") > 0 and not parent.replace(".", "").isdigit()
    return host == own or (siblings and host.endswith(f".{parent}"))


def frame_of(request: Request) -> Frame | None:
    """
    The frame that asks; ``None`` for a page that is just being opened, or for no page.
    """
    try:
        return request.frame
    except Error:
        return None


def posted(request: Request) -> bytes:
    """
    The request's body.
    """
    with contextlib.suppress(Error):
        return request.post_data_buffer or b""
    return b""


async def question_of(request: Request) -> Question:
    """
    The request as it was sent.
    """
    return Question(
        method=request.method,
        url=request.url,
        headers=await request.all_headers(),
        body=posted(request).decode("utf-8", "replace"),
    )


async def answer_to(response: Response, *, with_body: bool) -> Answer:
    """
    The answer as the page readers want it.

    Raises Playwright's ``Error`` when the page has gone on and dropped it.
    """
    headers = await response.all_headers()
    content_type = headers.get("content-type")
    redirected = 300 <= response.status < 400  # noqa: PLR2004 - the class of redirects
    body = await response.body() if with_body and not redirected else b""
    _, text = html_to_unicode(content_type, body[:_BODY_LIMIT], default_encoding="utf-8")
    return Answer(
        url=response.url,
        status=response.status,
        content_type=content_type,
        body=text,
        headers=headers,
        complete=len(body) <= _BODY_LIMIT,
    )
