"""
The page and the pages that it opens: which are kept, and which one shows the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error, Page

from tracker.spiders.inpage import frames_of, told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST = 6  # pages; a portal that opens more is no portal
_CLOSING_SECONDS = 3.0


class Windows:
    """
    One visit's pages: its own and, once :meth:`keep` was called, those that it opens.

    Before that, and beyond a handful, whatever opens is closed: it is an advertisement.
    """

    def __init__(self, page: Page) -> None:
        self.main = page
        self.pages = [page]
        self._keeping = False
        self._heard: list[Callable[[Page], None]] = []
        self._closing: set[asyncio.Task[None]] = set()
        page.on("popup", self._came)

    def keep(self, heard: Callable[[Page], None]) -> None:
        """
        From now on pages that open belong to the visit; ``heard`` is told of each.
        """
        self._keeping = True
        self._heard.append(heard)

    def add(self, page: Page) -> None:
        """
        The page belongs to the visit.
        """
        self.pages.append(page)
        page.on("popup", self._came)
        for heard in self._heard:
            heard(page)

    @property
    def living(self) -> list[Page]:
        """
        The visit's pages that are still open, its own one first even if it is gone.
        """
        return [page for page in self.pages if page is self.main or not page.is_closed()]

    async def shown(self, numbers: Sequence[str]) -> Page:
        """
        The page that shows the answer: that with the most of the asked numbers on it.

        Of equals it is the one that opened last, as its only purpose can be to show them.
        """
        best, most = self.main, await drawn_numbers(self.main, numbers)
        for page in self.living[1:]:
            count = await drawn_numbers(page, numbers)
            if count and count >= most:
                best, most = page, count
        return best

    async def close(self, page: Page) -> None:
        """
        The page is closed and belongs to the visit no longer; one that will not close is left.
        """
        if page in self.pages and page is not self.main:
            self.pages.remove(page)
        await close_page(page)

    async def end(self) -> None:
        """
        Everything but the visit's own page is closed, and nothing more is kept.
        """
        self._keeping = False
        self._heard.clear()
        for page in self.living[1:]:
            await self.close(page)
        for page in await self._strays():
            await close_page(page)
        if self._closing:
            await asyncio.wait(self._closing, timeout=_CLOSING_SECONDS)

    async def _strays(self) -> list[Page]:
        """
        Pages that ours have opened and that we were not told of: before the visit, or never loaded.
        """
        found = []
        for page in self.main.context.pages:
            with contextlib.suppress(Error):
                if page is not self.main and await page.opener() is self.main:
                    found.append(page)
        return found

    def _came(self, page: Page) -> None:
        if self._keeping and len(self.living) < _MOST:
            self.add(page)
            return
        task = asyncio.create_task(close_page(page))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def drawn_numbers(page: Page, numbers: Sequence[str]) -> int:
    """
    How many of the numbers the page and its frames show; 0 for a page that went away.
    """
    upper = [number.upper() for number in numbers]
    seen: set[str] = set()
    with contextlib.suppress(Error, TimeoutError):
        for frame in frames_of(page):
            asking: Any = told(frame, "quiet", upper)
            found = await asyncio.wait_for(asking, _CLOSING_SECONDS)
            seen.update(found["drawn"] if found else ())
    return len(seen)


async def close_page(page: Page | None) -> None:
    """
    The page is closed, or its browser is gone; a page that will not close is left behind.
    """
    if page is None or page.is_closed():
        return
    with contextlib.suppress(Error, TimeoutError):
        await asyncio.wait_for(page.close(), _CLOSING_SECONDS)
