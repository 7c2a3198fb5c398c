"""
One visit to a portal page: type the numbers, submit, wait for the answer, save what came.

Nothing depends on one known markup (domain.md 3.2): the field and the button are found by what
they mean, and the answer is whatever the page fetched or drew after the submit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from playwright.async_api import ElementHandle, Error, Frame, Page

from tracker.pages.capture import HIDDEN_ATTRIBUTE, PageCapture
from tracker.spiders.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.profiles import AskProfile
    from tracker.spiders.asking import Attempt

log = logging.getLogger(__name__)

_LONGEST = 5_000_000  # characters of a page that are kept; a hostile one may be of any size
_POLL = 0.1
_QUIET = 0.4  # s without a change or an open request: the answer has settled
_STILL = 3.0  # s of standing still before we believe that the page will not ask its server
_FIELD_WAIT = 10.0  # s for a script to draw the form
_RESERVE = (0.15, 4.0)  # share and most seconds of the look kept for saving the page

#: Rows of a page that may name a person; they are blacked out in pictures (promises.md R20).
_PERSONAL = re.compile(
    r"consignee|receiver|recipient|e-?mail|phone|mobile|收件人|收货人|电话|手机|邮箱"
    r"|[\w.+-]+@[\w-]+\.\w+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Visited:
    """
    What a visit brought: the capture, the page's own questions, and whether time ran out.
    """

    capture: PageCapture
    traffic: Traffic
    timed_out: bool


@dataclass(frozen=True, slots=True)
class _Controls:
    field: ElementHandle
    button: ElementHandle | None


async def visit(page: Page, status: int | None, attempt: Attempt, profile: AskProfile) -> Visited:
    """
    The page after it was asked for the attempt's numbers, within the attempt's time.

    Raises Playwright's ``Error`` when the page or the browser dies.
    """
    traffic = Traffic(page, attempt.numbers)
    before = await snapshot(page)
    page.on("popup", _close_popup)
    controls = await _find_controls(page, attempt, profile)
    if controls is None:
        capture = await _capture(page, status, before, traffic, submitted=False)
        return Visited(capture, traffic, timed_out=False)
    before = await snapshot(page)
    traffic.start()
    await _submit(controls, attempt.numbers, profile)
    settled = await _settle(page, traffic, attempt)
    capture = await _capture(page, status, before, traffic, submitted=True)
    return Visited(capture, traffic, timed_out=not settled)


async def _close_popup(popup: Page) -> None:
    with contextlib.suppress(Error):  # it may be gone already
        await popup.close()


async def snapshot(page: Page) -> str:
    """
    The page's HTML with :data:`HIDDEN_ATTRIBUTE` on what a person could not see.
    """
    for _ in range(3):
        try:
            return str(await page.evaluate(_script("snapshot"), [HIDDEN_ATTRIBUTE, _LONGEST]))
        except Error as error:
            if not _is_navigating(error):
                raise
            await page.wait_for_load_state("domcontentloaded")
    return str(await page.evaluate(_script("snapshot"), [HIDDEN_ATTRIBUTE, _LONGEST]))


async def _find_controls(page: Page, attempt: Attempt, profile: AskProfile) -> _Controls | None:
    """
    The field and the button, as soon as the page has drawn them; ``None`` if it never does.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + min(_FIELD_WAIT, attempt.seconds_left / 2)
    while True:
        for frame in page.frames:
            controls = await _controls_in(frame, profile)
            if controls is not None:
                return controls
        if loop.time() >= end:
            return None
        await asyncio.sleep(_POLL)


async def _controls_in(frame: Frame, profile: AskProfile) -> _Controls | None:
    try:
        found = await frame.evaluate_handle(_script("find"), [profile.field, profile.button])
        field = (await found.get_property("field")).as_element()
        button = (await found.get_property("button")).as_element()
    except Error as error:
        if _is_navigating(error) or frame.is_detached():
            return None
        raise
    return None if field is None else _Controls(field, button)


async def _submit(controls: _Controls, numbers: Sequence[str], profile: AskProfile) -> None:
    """
    The numbers stand in the field and were submitted, by the button or else by Enter.
    """
    many_lines = await controls.field.evaluate("field => !field.matches('input')")
    separator = profile.separator or ("\n" if many_lines else ",")
    await controls.field.fill(separator.join(numbers))
    await controls.field.press("End")  # some forms only listen to keys
    if controls.button is None:
        await controls.field.press("Enter", no_wait_after=True)
        return
    try:
        await controls.button.click(timeout=3000, no_wait_after=True)
    except Error:
        # Something lies over it (a cookie banner): the click is told to the element itself.
        await controls.button.dispatch_event("click")


async def _settle(page: Page, traffic: Traffic, attempt: Attempt) -> bool:
    """
    True once our question is answered and the page stands still; false if time ran out before.
    """
    loop = asyncio.get_running_loop()
    share, most = _RESERVE
    submitted = changed = loop.time()
    end = submitted + attempt.seconds_left - min(most, attempt.limit * share)
    half = (submitted + end) / 2  # a request that stays open beside the question is waited out
    last = await _fingerprint(page)
    while loop.time() < end:
        await asyncio.sleep(_POLL)
        seen = await _fingerprint(page)
        waiting = traffic.waiting_for_us or (traffic.waiting and loop.time() < half)
        if seen != last or waiting:
            last, changed = seen, loop.time()
        patience = _QUIET if traffic.asked_for_us else _STILL
        if loop.time() - max(changed, submitted) >= patience:
            return True
    return not traffic.waiting_for_us


async def _fingerprint(page: Page) -> str:
    try:
        return str(await page.evaluate(_script("quiet")))
    except Error as error:
        if not _is_navigating(error):
            raise
        return "navigating"


async def _capture(
    page: Page, status: int | None, before: str, traffic: Traffic, *, submitted: bool
) -> PageCapture:
    return PageCapture(
        url=page.url,
        status=traffic.page_status or status,
        html_before=before if submitted else None,
        html=await snapshot(page),
        answers=await traffic.answers(),
        submitted=submitted,
        screenshot=await picture(page),
    )


async def picture(page: Page) -> bytes | None:
    """
    A picture of the page with what may name a person blacked out; ``None`` if none could be made.
    """
    personal = page.locator("tr, li, dd, dt, p").filter(has_text=_PERSONAL)
    with contextlib.suppress(Error):  # evidence without a picture is still evidence
        return await page.screenshot(mask=[personal], timeout=3000)
    log.info("no picture of %s could be made", page.url)
    return None


def _is_navigating(error: Error) -> bool:
    return "navigat" in error.message or "Execution context was destroyed" in error.message


@cache
def _script(name: str) -> str:
    return files("tracker.spiders").joinpath("scripts", f"{name}.js").read_text("utf-8")
