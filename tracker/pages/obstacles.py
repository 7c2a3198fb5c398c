"""
What stands in the way of a portal's answer: a challenge, a login page, a maintenance page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.model import Outcome
from tracker.pages.dom import Page
from tracker.stages import normalise_text, phrases

if TYPE_CHECKING:
    from tracker.stages import Markers


@dataclass(frozen=True, slots=True)
class Obstacle:
    """
    One obstacle: the outcome it means, and its name for people.
    """

    outcome: Outcome
    what: str


_LONG_PAGE = 4000  # visible characters: real obstacles are short pages


def obstacle(html: str, url: str, *, corner: bool = False) -> Obstacle | None:
    """
    The obstacle that a page is, by its final address, its visible text or its own markup.

    A login link in a page's corner is none: a login page shows a password field, says so in a
    sentence, or has an address of that kind; with ``corner`` a password field says nothing.
    """
    page, path = Page(html), urlsplit(url).path.lower()
    known = phrases()
    kinds = (
        (known.challenge, Obstacle(Outcome.BLOCKED, "a challenge page")),
        (known.login, Obstacle(Outcome.BLOCKED, "a login page")),
        (known.maintenance, Obstacle(Outcome.UNREACHABLE, "a maintenance page")),
    )
    if page.has_password_field and not corner:
        return kinds[1][1]
    title_and_text = normalise_text(f"{page.title} {page.text}")
    for markers, found in kinds:
        if _marked(markers, title_and_text, html.lower(), path):
            return found
    return None


def _marked(markers: Markers, text: str, source: str, path: str) -> bool:
    if any(
        path.startswith(url) or path.rstrip("/").endswith(url.rstrip("/")) for url in markers.urls
    ):
        return True
    if len(text) > _LONG_PAGE:
        return False
    return any(s in text for s in markers.sentences) or any(m in source for m in markers.markup)
