"""
The field for tracking numbers and what submits it: found by meaning, or pinned by a profile.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.async_api import Error

from tracker.model import Outcome
from tracker.profiles import Submit
from tracker.spiders.inpage import click, first_visible, frames_of, from_frame, script
from tracker.spiders.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import ElementHandle, Frame, Page

    from tracker.profiles import AskProfile
    from tracker.spiders.notices import Notices

_POLL = 0.05
_FIELD_WAIT = 10.0  # s for a script to draw the form
_BETTER_WAIT = 1.5  # s in which a better field than a nameless one may be drawn
_SHOWING = 0.3  # s for a tab to come forward
_SURE = 3  # points of a field that says what it is for


@dataclass(frozen=True, slots=True)
class Controls:
    """
    The field, and the button if there is one: else Enter submits.

    ``beside`` stands beside the field and may submit it, although its words do not say so.
    """

    field: ElementHandle
    button: ElementHandle | None
    points: float = 0.0
    beside: ElementHandle | None = None


async def find_controls(
    page: Page, notices: Notices, profile: AskProfile, seconds: float
) -> Controls | None:
    """
    The controls as soon as the page has drawn them; ``None`` if it never does.

    Notices over them are closed on the way. Raises :class:`Trouble` when what the profile pins is
    not there, and for a challenge.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    end = started + min(_FIELD_WAIT, seconds)
    revealed = profile.field is not None
    while True:
        found = await _find(page, profile)
        waited = loop.time() - started
        if not revealed and waited >= _BETTER_WAIT and (found is None or found.points < _SURE):
            revealed = True
            await _reveal(page, found)
            continue
        sure = found is not None and (found.points >= _SURE or waited >= _BETTER_WAIT)
        if found is not None and sure and _is_complete(found, profile):
            if not await notices.clear(found.field):
                return found
            continue
        if loop.time() >= end:
            _raise_unmatched(found, profile)
            return found
        if found is None and waited >= _BETTER_WAIT / 3:
            await notices.clear(None)
        await asyncio.sleep(_POLL)


async def type_in(controls: Controls, numbers: Sequence[str], profile: AskProfile) -> Controls:
    """
    The numbers stand in the field; the controls as they are now: some wake up only then.
    """
    many_lines = await controls.field.evaluate("field => !field.matches('input')")
    separator = profile.separator or ("\n" if many_lines else ",")
    await controls.field.fill(separator.join(numbers))
    await controls.field.press("End")  # some forms only listen to keys
    if controls.button is not None or profile.submit is Submit.ENTER:
        return controls
    frame = await controls.field.owner_frame()
    again = await _in_frame(frame, controls.field) if frame is not None else None
    return controls if again is None else again


async def submit(controls: Controls) -> None:
    """
    What was typed is submitted, by the button or else by Enter.
    """
    if controls.button is None:
        await controls.field.press("Enter", no_wait_after=True)
    else:
        # Something may lie over it (a banner): then the click is told to the element itself.
        await click(controls.button)


async def submit_otherwise(controls: Controls, profile: AskProfile) -> None:
    """
    The first way moved nothing: Enter in place of the button, or what stands beside the field.

    A profile that says how to submit is obeyed: there is no other way then.
    """
    if profile.submit is not None or profile.button is not None:
        return
    if controls.button is None and controls.beside is not None:
        await click(controls.beside)
    elif controls.button is not None:
        with contextlib.suppress(Error):  # the page took the field away, so it did move
            await controls.field.press("Enter", no_wait_after=True, timeout=1000)


async def _find(page: Page, profile: AskProfile) -> Controls | None:
    """
    The best field of all frames, with its button.
    """
    field = await _pinned(page, "ask.field", profile.field)
    if profile.field is not None and field is None:
        return None
    owner = await field.owner_frame() if field is not None else None
    frames = [owner] if owner is not None else list(frames_of(page))
    found = [await _in_frame(frame, field) for frame in frames]
    best = max((one for one in found if one is not None), key=lambda one: one.points, default=None)
    if best is None or profile.submit is Submit.ENTER:
        return best if best is None else Controls(best.field, None, best.points)
    if profile.button is None:
        return best
    return Controls(best.field, await _pinned(page, "ask.button", profile.button), best.points)


async def _reveal(page: Page, found: Controls | None) -> None:
    """
    What hides the form, a tab for example, was clicked: once, where there is such a thing.
    """
    button = found.button if found is not None else None
    owner = await button.owner_frame() if button is not None else None
    for frame in frames_of(page):
        known = button if frame == owner else None
        told = await from_frame(frame, frame.evaluate_handle(script("reveal"), known))
        control = told.as_element() if told is not None else None
        if control is not None:
            await click(control)
            await asyncio.sleep(_SHOWING)
            return


async def _in_frame(frame: Frame, pinned: ElementHandle | None) -> Controls | None:
    found = await from_frame(frame, frame.evaluate_handle(script("find"), pinned))
    if found is None:
        return None
    parts = await found.get_properties()
    field = parts["field"].as_element()
    if field is None:
        return None
    points = float(await parts["points"].json_value())
    return Controls(field, parts["button"].as_element(), points, parts["beside"].as_element())


async def _pinned(page: Page, key: str, selector: str | None) -> ElementHandle | None:
    if selector is None:
        return None
    try:
        return await first_visible(page, selector)
    except Error as error:
        if "closed" in error.message or "crash" in error.message:
            raise
        raise Trouble(
            f"the portal profile's {key} {selector!r} is no CSS selector",
            outcome=Outcome.UNREADABLE,
        ) from error


def _is_complete(found: Controls, profile: AskProfile) -> bool:
    wanted = profile.button is not None or profile.submit is Submit.BUTTON
    return found.button is not None or profile.submit is Submit.ENTER or not wanted


def _raise_unmatched(found: Controls | None, profile: AskProfile) -> None:
    """
    Raises :class:`Trouble` when the profile names what the page does not have.
    """
    if found is None and profile.field is not None:
        raise unmatched("ask.field", profile.field)
    if found is None or _is_complete(found, profile):
        return
    if profile.button is not None:
        raise unmatched("ask.button", profile.button)
    raise Trouble(
        "the portal profile's ask.submit is 'button', and no button was found beside the field",
        outcome=Outcome.UNREADABLE,
    )


def unmatched(key: str, selector: str) -> Trouble:
    """
    A pinned selector that matches nothing.
    """
    return Trouble(
        f"the portal profile's {key} {selector!r} matches nothing on the page",
        outcome=Outcome.UNREADABLE,
    )
