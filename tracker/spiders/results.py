"""
What the results hold beyond what they first show: details behind a click, and further pages.

Only controls that were not there before the submit are used, each once, and the look's time limit
and a bound hold; what stays closed is said in :attr:`Results.partial`.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.async_api import ElementHandle, Error, Frame, Page

from tracker.spiders.drawing import snapshot
from tracker.spiders.inpage import click, frames_of, is_passing_by
from tracker.spiders.notices import Notices
from tracker.spiders.settling import shown_now
from tracker.spiders.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.profiles import AskProfile
    from tracker.spiders.memory import Memory
    from tracker.spiders.settling import Shown
    from tracker.spiders.traffic import Traffic
    from tracker.spiders.windows import Windows

_MOST_PAGES = 20
_MOST_CHARACTERS = 20_000_000  # of all further pages together
_POLL = 0.05
_CHANGE = 1.0  # s for a click to show something or to ask the server
_QUIET = 0.25  # s without a change after that


@dataclass(frozen=True, slots=True)
class _Control:
    frame: Frame
    element: ElementHandle
    href: str
    left: int


@dataclass(slots=True)
class Results:
    """
    The results on one page; what was opened is in ``further``, why not all was in ``partial``.
    """

    page: Page
    windows: Windows
    traffic: Traffic
    numbers: Sequence[str]
    profile: AskProfile
    memory: Memory
    first: str
    further: list[str] = field(default_factory=list)
    partial: str | None = None
    opened: int = 0
    _turned: int = 0
    _end: float = 0.0

    async def open_all(self, seconds: float) -> None:
        """
        Details were opened and pages turned, until there are no more or the time is over.
        """
        self._end = asyncio.get_running_loop().time() + seconds
        try:
            await self._open_details()
            while self.partial is None and await self._turn():
                await self._open_details()
        except (Error, Trouble) as error:
            if self.windows.main.is_closed():
                raise  # the browser is gone, and the look with it
            self.partial = f"the results could not be opened further ({type(error).__name__})"

    @property
    def _upper(self) -> list[str]:
        return [number.upper() for number in self.numbers]

    def _left(self) -> float:
        return self._end - asyncio.get_running_loop().time()

    async def _open_details(self) -> None:
        expected = 0
        while (control := await self._next_detail()) is not None:
            if self._left() <= 0 or self.opened >= 2 * len(self.numbers) + 10:
                self.partial = f"{control.left + 1} details were not opened"
                return
            self.opened += 1
            expected = control.left
            await self._open(control)
            if self.partial is not None:
                return
        if expected:
            self.partial = "the results did not come back after a detail was opened"

    async def _next_detail(self) -> _Control | None:
        for frame in frames_of(self.page):
            parts = await self.memory.ask(
                frame,
                "details",
                numbers=self._upper,
                pinned=list(self.profile.details),
                gone=self.memory.opened,
            )
            element = parts["element"].as_element() if parts else None
            if parts and element is not None:
                key, href, left = [await parts[n].json_value() for n in ("key", "href", "left")]
                self.memory.opened.append(key)
                return _Control(frame, element, href, left)
        return None

    async def _open(self, control: _Control) -> None:
        """
        What the control opens was saved, and the results are there again.
        """
        if control.href:
            await self._open_aside(control.href)
            return
        address, before = self.page.url, list(self.windows.living)
        seen = await shown_now([self.page], self.numbers)
        await click(control.element)
        await self._settle(seen)
        await self._keep(self.page)
        for page in [one for one in self.windows.living if one not in before]:
            await self._settle(None, page)
            await self._keep(page)
            await self.windows.close(page)
        if _place(self.page.url) != _place(address) or await _is_gone(control.element):
            await self._come_back(address)
        else:
            await self._close_dialog(control.element)

    async def _open_aside(self, href: str) -> None:
        """
        A detail on a page of its own is opened beside the results, which stay as they are.
        """
        page = await self.page.context.new_page()
        self.windows.add(page)
        try:
            timeout = max(0.5, self._left()) * 1000
            await page.goto(
                href, referer=self.page.url, timeout=timeout, wait_until="domcontentloaded"
            )
            await self._settle(None, page)
            await self._keep(page)
            status = self.traffic.status_of(page) or 200
            if status >= 400:  # noqa: PLR2004 - HTTP status
                self.partial = f"a detail page answered HTTP {status}"
        except Error:
            self.partial = "a detail page did not come"
        finally:
            await self.windows.close(page)

    async def _come_back(self, address: str) -> None:
        """
        The results are there again after a detail took their place.
        """
        if _place(self.page.url) == _place(address):
            return  # drawn anew in the same place
        with contextlib.suppress(Error):
            await self.page.go_back(timeout=max(0.5, self._left()) * 1000, wait_until="commit")
            await self._settle(None)

    async def _close_dialog(self, control: ElementHandle) -> None:
        """
        A dialog that was opened over the results is closed, so that the next one can open.
        """
        with contextlib.suppress(Error, Trouble):
            if not await control.evaluate(_IS_COVERED):
                return
            if not await Notices(self.page).clear(control):
                await self.page.keyboard.press("Escape")
            await asyncio.sleep(_POLL)

    async def _turn(self) -> bool:
        """
        True when a further page of results is shown; its details are not opened yet.
        """
        control = await self._next_page()
        if control is None:
            return False
        if self._left() <= 0 or self._turned >= _MOST_PAGES:
            self.partial = "not all pages of the results were turned"
            return False
        self._turned += 1
        before, asked = await shown_now([self.page], self.numbers), self.traffic.count
        await click(control)
        await self._settle(before)
        if await self._keep(self.page):
            return True
        if self.traffic.count > asked:
            self.partial = "a further page of the results did not come"
        return False

    async def _next_page(self) -> ElementHandle | None:
        for frame in frames_of(self.page):
            parts = await self.memory.ask(
                frame,
                "next",
                numbers=self._upper,
                pinned=self.profile.next_page,
                turned=self._turned,
            )
            element = parts["element"].as_element() if parts else None
            if element is not None:
                return element
        return None

    async def _settle(self, before: Shown | None, page: Page | None = None) -> None:
        """
        The page changed and stands still; or nothing happened for a while, or time is over.
        """
        loop, at = asyncio.get_running_loop(), page or self.page
        changed = loop.time()
        last, moved = before, before is None
        while loop.time() < self._end:
            await asyncio.sleep(_POLL)
            seen = await shown_now([at], self.numbers)
            if (last is not None and seen.prints != last.prints) or self.traffic.waiting:
                changed, moved = loop.time(), True
            last = seen
            if loop.time() - changed >= (_QUIET if moved else _CHANGE):
                return

    async def _keep(self, page: Page) -> bool:
        """
        True when the page shows something that was not saved yet; it is saved now.
        """
        html = await snapshot(page)
        if html == self.first or html in self.further:
            return False
        if sum(map(len, self.further)) + len(html) > _MOST_CHARACTERS:
            self.partial = "the results are too large to be kept whole"
            return False
        self.further.append(html)
        return True


_IS_COVERED = """control => {
  const box = control.getBoundingClientRect();
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const dialog = document.querySelector("dialog[open], [aria-modal=true], [role=dialog]");
  return Boolean(over && !control.contains(over) && !over.contains(control)) ||
    Boolean(dialog && dialog.checkVisibility());
}"""


def _place(url: str) -> str:
    """
    The address without a fragment that only names a part of the page.
    """
    bare, _, part = url.partition("#")
    return url if part[:1] in {"/", "!"} else bare


async def _is_gone(element: ElementHandle) -> bool:
    try:
        return not await element.evaluate("element => element.isConnected")
    except Error as error:
        if not is_passing_by(error):
            raise
        return True
