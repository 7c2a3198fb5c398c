"""
What a page shows, saved: its HTML with every frame's in place, and a picture.
"""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error

from tracker.pages.capture import HIDDEN_ATTRIBUTE
from tracker.spiders.inpage import MOST_FRAMES, from_frame, is_passing_by, script

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame, Page

log = logging.getLogger(__name__)

_LONGEST = 5_000_000  # characters of a page that are kept; a hostile one may be of any size
_TRIES = 4

#: Rows of a page that may name a person; they are blacked out in pictures (promises.md R20).
_PERSONAL = re.compile(
    r"consignee|receiver|recipient|e-?mail|phone|mobile|收件人|收货人|电话|手机|邮箱"
    r"|[\w.+-]+@[\w-]+\.\w+",
    re.IGNORECASE,
)


async def snapshot(page: Page) -> str:
    """
    The page's HTML with :data:`HIDDEN_ATTRIBUTE` on what a person could not see.

    What a frame of any origin draws stands in a box behind the frame's own element.
    """
    for _ in range(_TRIES):
        try:
            return await _drawn(page.main_frame, inner=False)
        except Error as error:
            if not is_passing_by(error):
                raise
            await page.wait_for_load_state("domcontentloaded")
    return await _drawn(page.main_frame, inner=False)


async def _drawn(frame: Frame, *, inner: bool) -> str:
    """
    One frame's HTML, its children in their places.
    """
    children = await _children(frame)
    token = f"frame-{secrets.token_hex(8)}-"  # a page cannot know it, so it cannot forge a place
    holders: list[Any] = [holder for _, holder in children]
    told = [HIDDEN_ATTRIBUTE, _LONGEST, inner, token, holders]
    html = str(await frame.evaluate(script("snapshot"), told))
    for at, (child, _) in enumerate(children):
        body = await from_frame(child, _drawn(child, inner=True))
        html = html.replace(f"<!--{token}{at}-->", body or "", 1)
    return html


async def _children(frame: Frame) -> list[tuple[Frame, ElementHandle]]:
    """
    The frame's children with the elements that hold them; those that have gone are left out.
    """
    found = []
    for child in frame.child_frames[:MOST_FRAMES]:
        with contextlib.suppress(Error):  # taken out of the page a moment ago
            found.append((child, await child.frame_element()))
    return found


async def picture(page: Page) -> bytes | None:
    """
    A picture of the page with what may name a person blacked out; ``None`` if none could be made.
    """
    personal = page.locator("tr, li, dd, dt, p").filter(has_text=_PERSONAL)
    with contextlib.suppress(Error):  # evidence without a picture is still evidence
        return await page.screenshot(mask=[personal], timeout=3000)
    log.info("no picture of %s could be made", page.url)
    return None
