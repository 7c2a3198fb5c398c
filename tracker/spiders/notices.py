"""
What lies over the form: notices are closed and consents refused; a challenge is left alone.

Nothing is ever agreed to: where only "accept" is offered, the notice stays (promises.md R22).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playwright.async_api import ElementHandle, Error

from tracker.model import Outcome
from tracker.spiders.inpage import click, first_visible, from_frame, script
from tracker.spiders.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Frame, Page

_ROUNDS = 5
_FADING = 0.25  # s that a notice may take to go away


@dataclass(slots=True)
class Notices:
    """
    The notices of one page; each control is used at most once.
    """

    page: Page
    pinned: Sequence[str] = ()
    _tried: list[tuple[Frame, ElementHandle]] = field(default_factory=list, init=False)
    _dismissed: set[str] = field(default_factory=set, init=False)

    async def clear(self, field: ElementHandle | None) -> bool:
        """
        True when something was closed or refused; what must become free is the field.

        Raises :class:`Trouble` (``blocked``) for a challenge.
        """
        done = await self._dismiss_pinned()
        for _ in range(_ROUNDS):
            control = await self._next(field)
            if control is None:
                break
            done = True
            await click(control)
            await asyncio.sleep(_FADING)
        return done

    async def _dismiss_pinned(self) -> bool:
        done = False
        for selector in self.pinned:
            if selector in self._dismissed:
                continue
            control = await first_visible(self.page, selector)
            if control is not None:
                self._dismissed.add(selector)
                done = True
                await click(control)
                await asyncio.sleep(_FADING)
        return done

    async def _next(self, field: ElementHandle | None) -> ElementHandle | None:
        """
        The next control to use, looked for from the field's own frame outwards.
        """
        target = field
        frame = await field.owner_frame() if field is not None else self.page.main_frame
        while frame is not None:
            control = await self._in_frame(frame, target)
            if control is not None or frame.parent_frame is None:
                return control
            target = await frame.frame_element()
            frame = frame.parent_frame
        return None

    async def _in_frame(
        self, frame: Frame, target: ElementHandle | None, *, whole: bool = False
    ) -> ElementHandle | None:
        tried = [handle for one, handle in self._tried if one == frame]
        told: dict[str, Any] = {"target": target, "tried": tried, "whole": whole}
        found = await from_frame(frame, frame.evaluate_handle(script("notices"), told))
        if found is None:
            return None
        parts = await found.get_properties()
        if await parts["challenge"].json_value():
            raise Trouble("a challenge lies over the form", outcome=Outcome.BLOCKED)
        control: ElementHandle | None = parts["control"].as_element()
        if control is not None:
            self._tried.append((frame, control))
            return control
        over = parts["frame"].as_element()
        inner = await self._frame_in(over) if over is not None and not whole else None
        return None if inner is None else await self._in_frame(inner, None, whole=True)

    async def _frame_in(self, over: ElementHandle) -> Frame | None:
        try:
            return await over.content_frame()
        except Error:  # it went away meanwhile, which is all that was wanted
            return None
