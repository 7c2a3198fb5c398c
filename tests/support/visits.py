"""
A visit to a page made for a test: a real browser, a real server, and what the visit saved.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from playwright.async_api import async_playwright

from tests.support import faultserver as fs
from tracker.browser import find_browser
from tracker.profiles import AskProfile
from tracker.spiders.asking import Attempt
from tracker.spiders.visit import visit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.spiders.visit import Visited

NUMBERS = ("JG-NJS-900000001-5711", "JG-NJS-900000002-5711", "JG-NJS-900000003-5711")


class Visits:
    """
    One browser for the visits of a test session; a context manager.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._driver = self._loop.run_until_complete(async_playwright().start())
        launching = self._driver.chromium.launch(executable_path=find_browser(None))
        self._browser = self._loop.run_until_complete(launching)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._browser.close())
        self._loop.run_until_complete(self._driver.stop())
        self._loop.close()

    def visit(
        self,
        body: str,
        numbers: Sequence[str] = NUMBERS,
        *,
        paths: Mapping[str, fs.Fault] | None = None,
        profile: AskProfile | None = None,
        seconds: float = 20.0,
    ) -> Visited:
        """
        What a visit to a page with this body brought, within the seconds.
        """
        with fs.FaultServer([fs.good], page=[fs.own_page(body)], paths=dict(paths or {})) as server:
            going = self._visit(server.url + fs.JTRACK, numbers, profile or AskProfile(), seconds)
            return self._loop.run_until_complete(asyncio.wait_for(going, seconds + 10))

    async def _visit(
        self, url: str, numbers: Sequence[str], profile: AskProfile, seconds: float
    ) -> Visited:
        context = await self._browser.new_context(accept_downloads=False)
        try:
            page = await context.new_page()
            response = await page.goto(url, wait_until="domcontentloaded")
            now = asyncio.get_running_loop().time()
            status = response.status if response else None
            visited = await visit(page, status, Attempt(tuple(numbers), now, seconds), profile)
            assert [one for one in context.pages if one is not page] == []  # nothing is left open
            return visited
        finally:
            await context.close()
