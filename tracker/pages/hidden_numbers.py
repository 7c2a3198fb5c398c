"""
Numbers that a page names in its markup only: asked for where no text shows any number.

The field that the numbers were typed into proves nothing and is left out; a field that cannot be
changed counts only when it came with the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from tracker.pages.dom import ancestors
from tracker.pages.evidence import OTHERS
from tracker.pages.numbers import canonical, echoed, strangers
from tracker.pages.ties import Echo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.pages.dom import Element, Field, Page
    from tracker.pages.reading import Reading

_ASKING = frozenset({"form", "button", "html", "body", "main", "label"})


def hidden_echoes(page: Page, before: Page | None, reading: Reading) -> list[Echo]:
    """
    The numbers in ``data-...`` attributes, in links and in fixed fields, where they stand.
    """
    places = _places(page)
    echoes = [
        Echo(element, places[element], number)
        for element in page.root.iter()
        if element.tag not in _ASKING
        for number in _named(element, reading)
    ]
    for field in page.fields:
        asked = {number for number in reading.asked if canonical(number) == canonical(field.value)}
        if asked and field.around in places and _came_with_the_answer(field, before):
            echoes.append(Echo(field.around, places[field.around], asked.pop()))
    return sorted(echoes, key=lambda echo: echo.position)


def _named(element: Element, reading: Reading) -> Iterator[str]:
    """
    The asked number that an element's attributes name, or ``OTHERS`` for another parcel's.
    """
    found: set[str] = set()
    for name, value in element.attrib.items():
        text = unquote_plus(value) if name == "href" else value
        if name == "href" or name.startswith("data-"):
            asked, other = echoed(text, reading.asked), strangers(text, reading.asked)
            if name == "href" or canonical(text) in {*map(canonical, asked), *other}:
                found |= asked or ({OTHERS} if other else set())
    if found:
        yield found.pop() if len(found) == 1 else OTHERS


def _came_with_the_answer(field: Field, before: Page | None) -> bool:
    if not field.fixed or before is None:
        return False
    known = [other.names for other in before.fields]
    return not any(field.names & names or field.names == names for names in known)


def _places(page: Page) -> dict[Element, int]:
    """
    For each element the position of its first text, or of the text that follows it.
    """
    first: dict[Element, int] = {}
    for position, part in enumerate(page.parts):
        for element in ancestors(part.element):
            first.setdefault(element, position)
    places: dict[Element, int] = {}
    following = len(page.parts)
    for element in reversed(list(page.root.iter())):
        following = min(following, first.get(element, following))
        places[element] = first.get(element, following)
    return places
