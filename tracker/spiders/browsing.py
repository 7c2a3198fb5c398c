"""
One browser for all crawls of a process, lent to each crawl's download handler.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING, Any, NoReturn

from playwright.async_api import Browser, BrowserContext, Error, Playwright, async_playwright
from scrapy.exceptions import NotSupported

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

#: Beside Playwright's own switches, which already turn most of the browser's errands off.
ARGUMENTS = (
    "--disable-domain-reliability",  # no reports to the browser's maker
    "--no-pings",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers have a small /dev/shm: the renderer would crash
)


class SharedBrowser:
    """
    The process's browser: launched at the first need, again after its death, closed once.
    """

    def __init__(self, executable: Path) -> None:
        self._executable = executable
        self._driver: Playwright | None = None
        self._browser: Browser | None = None
        self._lock = asyncio.Lock()

    async def browser(self) -> Browser:
        """
        A living browser.
        """
        async with self._lock:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._launch()
            return self._browser

    async def close(self) -> None:
        """
        Browser and driver are gone.
        """
        if self._browser is not None and self._browser.is_connected():
            await self._browser.close()
        if self._driver is not None:
            await self._driver.stop()
        self._browser = self._driver = None

    def provider(self) -> Callable[[Any], LendingProvider]:
        """
        What scrapy-playwright builds for each crawl: it lends this browser.

        A plain function, because Scrapy copies its settings deeply and functions stay themselves.
        """

        def build(_config: Any) -> LendingProvider:
            return LendingProvider(self)

        return build

    async def _launch(self) -> Browser:
        if self._driver is None:
            self._driver = await async_playwright().start()
        sandbox = os.geteuid() != 0 if hasattr(os, "geteuid") else True
        try:
            return await self._start(self._driver, sandbox=sandbox)
        except Error:
            if not sandbox:
                raise
            log.warning("the browser did not start in its sandbox; it is started without")
            return await self._start(self._driver, sandbox=False)

    async def _start(self, driver: Playwright, *, sandbox: bool) -> Browser:
        # Pages are hostile: the sandbox is on wherever it can be (Chromium has none for root),
        # and the browser's processes do not inherit our settings.
        return await driver.chromium.launch(
            executable_path=self._executable,
            args=list(ARGUMENTS),
            chromium_sandbox=sandbox,
            env={
                name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")
            },
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )


class LendingProvider:
    """
    scrapy-playwright's browser provider that lends the shared browser instead of owning one.
    """

    def __init__(self, shared: SharedBrowser) -> None:
        self._shared = shared

    async def start(self) -> None:
        """
        Nothing: the browser starts when a page is wanted.
        """

    async def launch_browser(self) -> LentBrowser:
        """
        The shared browser, in a wrapping that survives the crawl's end.
        """
        return LentBrowser(await self._shared.browser())

    async def launch_persistent_context(self, _context_kwargs: dict[str, Any]) -> NoReturn:
        """
        Raises ``NotSupported``: no look keeps anything on disk.
        """
        raise NotSupported("persistent contexts are not used")

    async def close(self) -> None:
        """
        Nothing: the shared browser outlives the crawl.
        """


class LentBrowser:
    """
    The part of Playwright's ``Browser`` that scrapy-playwright uses; closing it gives it back.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._listeners: list[tuple[Any, Callable[..., Any]]] = []

    def on(self, event: Any, listener: Callable[..., Any]) -> None:
        """
        The listener hears the event until the browser is given back.
        """
        self._listeners.append((event, listener))
        self._browser.on(event, listener)

    async def new_context(self, **kwargs: Any) -> BrowserContext:
        """
        A fresh context: no cookie of an earlier crawl is in it.
        """
        return await self._browser.new_context(**kwargs)

    async def close(self) -> None:
        """
        Given back: its listeners are gone (each would keep one crawl's objects alive).
        """
        for event, listener in self._listeners:
            self._browser.remove_listener(event, listener)
        self._listeners.clear()
