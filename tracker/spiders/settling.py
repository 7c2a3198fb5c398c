"""
Waiting until an answer has settled: as short as the page's own signs allow, never shorter.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error

from tracker.spiders.inpage import first_visible, frames_of, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Page

    from tracker.spiders.traffic import Traffic
    from tracker.spiders.windows import Windows

_POLL = 0.05
_TOLD = 0.15  # s without a change when all that was asked was answered and drawn
_QUIET = 0.4  # s without a change or an open request: the answer has settled
_DRAWING = 1.2  # s when an answer came and none of the numbers is to be seen yet
_STILL = 3.0  # s of standing still before we believe that the page will not ask its server


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What the pages show at one moment.
    """

    prints: str
    drawn: frozenset[str] = frozenset()
    busy: bool = False


async def shown_now(pages: Sequence[Page], numbers: Sequence[str]) -> Shown:
    """
    What the pages and their frames show; the first page's death is raised, the others' not.
    """
    found = [one for at, page in enumerate(pages) for one in await _of_page(page, numbers, at == 0)]
    return Shown(
        prints="\n".join(one["print"] for one in found),
        drawn=frozenset(number for one in found for number in one["drawn"]),
        busy=any(one["busy"] for one in found),
    )


async def _of_page(page: Page, numbers: Sequence[str], first: bool) -> list[dict[str, Any]]:  # noqa: FBT001 - private
    gone: dict[str, Any] = {"print": "elsewhere", "drawn": [], "busy": False}
    upper = [number.upper() for number in numbers]
    try:
        return [await told(frame, "quiet", upper) or gone for frame in frames_of(page)]
    except Error:
        if first:
            raise
        return []


@dataclass(slots=True)
class Settling:
    """
    The waiting of one visit, from the submit on.
    """

    windows: Windows
    traffic: Traffic
    numbers: Sequence[str]
    before: Shown
    ready: str | None = None
    is_ready: bool = field(default=False, init=False)

    async def settled(self, seconds: float) -> bool:
        """
        True once our question is answered and the page stands still; false if time ran out before.
        """
        loop = asyncio.get_running_loop()
        began = changed = loop.time()
        end = began + seconds
        half = (began + end) / 2  # what stays open beside the question is waited out
        last = self.before
        while loop.time() < end:
            await asyncio.sleep(_POLL)
            seen = await shown_now(self.windows.living, self.numbers)
            if seen.prints != last.prints or self._works(seen, patient=loop.time() < half):
                changed = loop.time()
            last = seen
            still = loop.time() - changed
            if still >= self._patience(seen) and await self._ready_now():
                return True
        return not self.traffic.waiting_for_us and await self._ready_now()

    def _works(self, seen: Shown, *, patient: bool) -> bool:
        """
        True while the page is seen to be at work for us.
        """
        busy = seen.busy and not self.before.busy
        return self.traffic.waiting_for_us or (patient and (busy or self.traffic.waiting))

    def _patience(self, seen: Shown) -> float:
        """
        How long the page must stand still: the more of our numbers were answered, the shorter.
        """
        if not self.traffic.asked_for_us:
            return _STILL
        drawn, echoed = seen.drawn - self.before.drawn, self.traffic.echoed
        if len(echoed) == len(drawn) == len(self.numbers):
            return _TOLD
        if drawn or echoed or self.traffic.went_on:
            return _QUIET
        return _DRAWING if seen.prints != self.before.prints else _STILL

    async def _ready_now(self) -> bool:
        """
        True when what the profile's ``ready`` names is there, on any of the pages.
        """
        if self.ready is None:
            return True
        for page in self.windows.living:
            if await first_visible(page, self.ready) is not None:
                self.is_ready = True
                return True
        return False
