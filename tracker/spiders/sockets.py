"""
The web sockets that a page opens, heard from the first one on: many pages open theirs at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from playwright.async_api import Page, WebSocket
    from scrapy.http import Request

_opened: WeakKeyDictionary[Page, list[WebSocket]] = WeakKeyDictionary()


async def hear_sockets(page: Page, _request: Request) -> None:
    """
    From now on :func:`sockets_of` knows every socket of the page; called before it goes anywhere.
    """
    heard = _opened.setdefault(page, [])
    page.on("websocket", lambda socket: heard.append(socket))  # noqa: PLW0108 - Playwright marks it


def sockets_of(page: Page) -> tuple[WebSocket, ...]:
    """
    The page's sockets so far that are still open.
    """
    return tuple(one for one in _opened.get(page, ()) if not one.is_closed())
