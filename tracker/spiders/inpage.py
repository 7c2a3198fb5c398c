"""
Our scripts in a page and in its frames; a frame that went away or hangs says nothing.
"""

from __future__ import annotations

import asyncio
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from playwright.async_api import ElementHandle, Error, Frame, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAME_SECONDS = 2.0  # a frame whose own script never ends must not end the look
_HUNG_SECONDS = 0.2  # for one that did not answer before, or whose document has not come yet
MOST_FRAMES = 20

_hung: WeakSet[Frame] = WeakSet()


@cache
def script(name: str) -> str:
    """
    The script with this name as one function expression, what all scripts share before it.
    """
    folder = files("tracker.spiders").joinpath("scripts")
    shared, body = (folder.joinpath(f"{one}.js").read_text("utf-8") for one in ("common", name))
    return f"(argument) => {{\n{shared}\nreturn (\n{body.rstrip()}\n)(argument);\n}}"


def frames_of(page: Page) -> Iterator[Frame]:
    """
    The page's frames that are still there, the main one first, at most :data:`MOST_FRAMES`.
    """
    yield from [frame for frame in page.frames if not frame.is_detached()][:MOST_FRAMES]


async def told(frame: Frame, name: str, argument: Any = None) -> Any:
    """
    What the script says in a frame; ``None`` when the frame is gone, goes elsewhere or hangs.

    Raises Playwright's ``Error`` when the page or the browser is gone.
    """
    return await from_frame(frame, frame.evaluate(script(name), argument))


async def from_frame(frame: Frame, asking: Any) -> Any:
    """
    What a frame answers, under the conditions of :func:`told`.
    """
    try:
        if frame.parent_frame is None:
            return await asking
        slow = not frame.url or frame in _hung
        answer = await asyncio.wait_for(asking, _HUNG_SECONDS if slow else _FRAME_SECONDS)
    except TimeoutError:
        _hung.add(frame)
        return None
    except Error as error:
        if is_passing_by(error) or frame.is_detached():
            return None
        raise
    _hung.discard(frame)
    return answer


def is_passing_by(error: Error) -> bool:
    """
    True for the error of a page or frame that was just going elsewhere.
    """
    return any(
        sign in error.message
        for sign in (
            "navigat",
            "Execution context was destroyed",
            "Frame was detached",
            "Cannot find context",
            "not attached",
            "JSHandles can be evaluated only in the context",
        )
    )


async def first_visible(page: Page, selector: str) -> ElementHandle | None:
    """
    The first visible element that a CSS selector matches, in whichever frame has it.
    """
    for frame in frames_of(page):
        asking = frame.query_selector(f"css={selector} >> visible=true")
        found: ElementHandle | None = await from_frame(frame, asking)
        if found is not None:
            return found
    return None


async def click(element: ElementHandle) -> bool:
    """
    True when the element was clicked; what lies over it does not matter, as it is told itself.
    """
    try:
        await element.click(timeout=1000, no_wait_after=True)
    except Error:
        try:
            await element.dispatch_event("click")
        except Error as error:
            if not is_passing_by(error) and "closed" in error.message:
                raise
            return False
    return True
