"""
One visit to a portal page: type the numbers, submit, wait for the answer, save what came.

Nothing depends on one known markup (domain.md 3.2): the field and the button are found by what
they mean, and the answer is whatever the page fetched or drew after the submit.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.pages.capture import PageCapture
from tracker.spiders.controls import (
    Controls,
    find_controls,
    submit,
    submit_otherwise,
    type_in,
    unmatched,
)
from tracker.spiders.drawing import picture, snapshot
from tracker.spiders.memory import Memory
from tracker.spiders.notices import Notices
from tracker.spiders.results import Results
from tracker.spiders.settling import Settling, shown_now
from tracker.spiders.traffic import Traffic
from tracker.spiders.trouble import Trouble
from tracker.spiders.windows import Windows

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tracker.profiles import AskProfile
    from tracker.spiders.asking import Attempt

_MOVING = 1.2  # s for a page to do anything at all once it was submitted
_LOOKING = 0.05
_RESERVE = (0.15, 4.0)  # share and most seconds of the look kept for saving the page


@dataclass(frozen=True, slots=True)
class Visited:
    """
    What a visit brought: the capture, the page's own questions, and whether time ran out.

    ``hindrance`` is what kept the page from being asked or read, in words, when that is known: a
    challenge, or a profile that does not fit. ``opened`` counts what had to be opened beyond the
    first view of the results.
    """

    capture: PageCapture
    traffic: Traffic
    timed_out: bool
    hindrance: Trouble | None = None
    opened: int = 0


async def visit(page: Page, status: int | None, attempt: Attempt, profile: AskProfile) -> Visited:
    """
    The page after it was asked for the attempt's numbers, within the attempt's time.

    Raises Playwright's ``Error`` when the page or the browser dies.
    """
    windows = Windows(page)
    traffic = Traffic(windows, attempt.numbers)
    going = _Visit(page, status, attempt, profile, windows, traffic)
    try:
        return await going.done()
    finally:
        traffic.stop()
        await windows.end()


@dataclass(slots=True)
class _Visit:
    page: Page
    status: int | None
    attempt: Attempt
    profile: AskProfile
    windows: Windows
    traffic: Traffic
    before: str | None = field(default=None, init=False)

    async def done(self) -> Visited:
        """
        The whole visit.
        """
        notices = Notices(self.page, self.profile.dismiss)
        seconds = self.attempt.seconds_left / 2
        try:
            controls = await find_controls(self.page, notices, self.profile, seconds)
        except Trouble as hindrance:
            return await self._not_asked(hindrance)
        if controls is None:
            return await self._not_asked(None)
        self.before = await snapshot(self.page)
        memory = await Memory.of(self.page)
        shown = await shown_now([self.page], self.attempt.numbers)
        self.traffic.form = await controls.field.owner_frame()
        self.traffic.start()
        await self._submit(controls)
        settling = Settling(
            self.windows, self.traffic, self.attempt.numbers, shown, self.profile.ready
        )
        settled = await settling.settled(self._seconds())
        return await self._answered(memory, settling, settled=settled)

    async def _submit(self, controls: Controls) -> None:
        """
        The numbers were typed and submitted; in another way if the first one moved nothing.
        """
        ready = await type_in(controls, self.attempt.numbers, self.profile)
        typed = await shown_now([self.page], self.attempt.numbers)
        await submit(ready)
        loop = asyncio.get_running_loop()
        end = loop.time() + _MOVING
        while loop.time() < end:
            if self.traffic.asked:
                return
            if await shown_now(self.windows.living, self.attempt.numbers) != typed:
                return
            await asyncio.sleep(_LOOKING)
        await submit_otherwise(ready, self.profile)

    async def _answered(self, memory: Memory, settling: Settling, *, settled: bool) -> Visited:
        """
        What the page that shows the answer shows, and what could be opened from there.
        """
        page = await self.windows.shown(self.attempt.numbers)
        html, image = await snapshot(page), await picture(page)
        numbers = self.attempt.numbers
        results = Results(page, self.windows, self.traffic, numbers, self.profile, memory, html)
        if settled:
            await results.open_all(self._seconds())
        wanted = self.profile.ready
        late = wanted is not None and not settling.is_ready and not self.traffic.waiting_for_us
        return Visited(
            PageCapture(
                url=page.url,
                status=self.traffic.status_of(page) or self.status,
                html_before=self.before,
                html=html,
                answers=await self.traffic.answers(),
                further=tuple(results.further),
                partial=results.partial,
                screenshot=image,
            ),
            self.traffic,
            timed_out=not settled and not late,
            hindrance=unmatched("ask.ready", wanted) if late and wanted is not None else None,
            opened=results.opened + len(results.further),
        )

    async def _not_asked(self, hindrance: Trouble | None) -> Visited:
        capture = PageCapture(
            url=self.page.url,
            status=self.status,
            html_before=None,
            html=await snapshot(self.page),
            submitted=False,
            screenshot=await picture(self.page),
        )
        return Visited(capture, self.traffic, timed_out=False, hindrance=hindrance)

    def _seconds(self) -> float:
        """
        What may still be spent on waiting and opening.
        """
        share, most = _RESERVE
        return self.attempt.seconds_left - min(most, self.attempt.limit * share)
