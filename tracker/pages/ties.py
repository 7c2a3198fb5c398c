"""
Which number a piece of evidence on a page belongs to.

Evidence and number belong together when each is the other's nearest: the smallest element around
the evidence that shows a number, and the smallest element around that number that shows evidence,
are the same. Where that element shows several numbers, evidence belongs to the number above it,
and every number there must have its own, known or not; else nothing in it is believed
(promises.md R6).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tracker.pages.dom import ancestors
from tracker.pages.evidence import OTHERS, Evidence
from tracker.pages.numbers import echoed, strangers
from tracker.stages import normalise_text

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from tracker.pages.dom import Element, Page
    from tracker.pages.parts import Part
    from tracker.pages.reading import Reading

_LOST = "a list may belong to a number that is not on the page"
_HEADINGS = frozenset({"p", "span", "h2", "h3", "h4", "dt", "dd"})


@dataclass(frozen=True)
class Echo:
    """
    A number shown on the page: where, and which (``OTHERS`` for several or one not asked for).
    """

    element: Element
    position: int
    number: str


@dataclass
class Ties:
    """
    The evidence of each number (``OTHERS``: of another parcel), and groups that nothing names.

    ``whole`` are the numbers whose evidence all stands in one element that shows no other number,
    on a page that shows every asked number: several lists there are one parcel's.
    """

    of: dict[str, list[Evidence]]
    loose: list[Evidence]
    whole: set[str] = field(default_factory=set)


def echoes_on(page: Page, reading: Reading, before: Counter[str]) -> list[Echo]:
    """
    The numbers that a person sees on the page.

    A number nobody asked for that stood there before the submit is an example, not an answer.
    """
    echoes = []
    for position, part in enumerate(page.parts):
        asked, other = echoed(part.text, reading.asked), strangers(part.text, reading.asked)
        if other and not asked and before[normalise_text(part.text)]:
            continue
        if asked or other:
            number = next(iter(asked)) if len(asked) == 1 and not other else OTHERS
            echoes.append(Echo(part.element, position, number))
    return echoes


def tied(
    evidence: Sequence[Evidence], echoes: Sequence[Echo], reading: Reading, parts: Sequence[Part]
) -> Ties:
    """
    Each piece of evidence with the number it belongs to.
    """
    ties = Ties({}, [])
    for one in evidence:
        if one.number is not None:
            ties.of.setdefault(one.number, []).append(one)
    blocks: dict[Element, list[Evidence]] = {}
    around = {element for echo in echoes for element in ancestors(echo.element)}
    for one in (one for one in evidence if one.number is None):
        block = next((element for element in ancestors(one.element) if element in around), None)
        if block is None:
            ties.loose.append(one)
        else:
            blocks.setdefault(block, []).append(one)
    evident = {element for one in evidence for element in ancestors(one.element)}
    for block, ones in blocks.items():
        near = [e for e in echoes if next(x for x in ancestors(e.element) if x in evident) is block]
        mine = _shared(block, ones, near, reading, parts)
        if not set(reading.asked) <= {echo.number for echo in echoes}:
            mine = _without_doubtful(mine, near, parts)
        ties.loose += ones if not mine else []
        for number, its in mine.items():
            ties.of.setdefault(number, []).extend(its)
            if _has_one_number(block, echoes) and len(ties.of[number]) == len(its):
                ties.whole.add(number)
            else:
                ties.whole.discard(number)
    if set(reading.asked) - {echo.number for echo in echoes}:
        ties.whole.clear()
    return ties


def _has_one_number(block: Element, echoes: Sequence[Echo]) -> bool:
    inside = {echo.number for echo in echoes if block in ancestors(echo.element)}
    return len(inside) == 1 and OTHERS not in inside


def _shared(
    block: Element,
    evidence: Sequence[Evidence],
    echoes: Sequence[Echo],
    reading: Reading,
    parts: Sequence[Part],
) -> dict[str, list[Evidence]]:
    """
    The evidence of one block, given to the numbers that the block shows.
    """
    numbers = {echo.number for echo in echoes}
    if not numbers:
        return {}
    if len(numbers) == 1 and len(reading.asked) == 1:
        return {numbers.pop(): list(evidence)}
    shared: dict[str, list[Evidence]] = {number: [] for number in numbers}
    orphans = False
    for one in evidence:
        above = [echo for echo in echoes if echo.position <= one.position]
        if not above or _are_peers(block, above[-1].element, one.element):
            orphans = True
            continue
        shared[above[-1].number].append(one)
    marks = sorted({*(echo.position for echo in echoes), *(one.position for one in evidence)})
    starved = any(
        not shared[echo.number] and not _has_words_of_its_own(echo, marks, parts)
        for echo in echoes
        if echo.number != OTHERS
    )
    if orphans or (starved and len(numbers) > 1):
        broken = Evidence(
            block, evidence[0].position, why="numbers and events cannot be told apart"
        )
        return {number: [broken] for number in numbers if number != OTHERS}
    return {number: ones for number, ones in shared.items() if ones}


def _without_doubtful(
    mine: dict[str, list[Evidence]], echoes: Sequence[Echo], parts: Sequence[Part]
) -> dict[str, list[Evidence]]:
    """
    The evidence less that of numbers with a text of their own before it.

    Where an asked number is not on the page, its heading may be lost: what stands below such a
    text may then be that number's.
    """
    if len({echo.number for echo in echoes}) < 2:  # noqa: PLR2004 -- nothing is shared
        return mine
    doubtful = {echo.number for echo in echoes if _has_words_of_its_own(echo, (), parts)}
    return {
        number: [replace(one, events=(), outcome=None, why=_LOST) for one in its]
        if number in doubtful and any(_lies_behind_words(one, number, echoes, parts) for one in its)
        else its
        for number, its in mine.items()
    }


def _lies_behind_words(
    one: Evidence, number: str, echoes: Sequence[Echo], parts: Sequence[Part]
) -> bool:
    above = [e.position for e in echoes if e.number == number and e.position <= one.position]
    at = max(above, default=one.position)
    return one.position > at + 1 and at + 1 < len(parts)


def _has_words_of_its_own(echo: Echo, marks: Sequence[int], parts: Sequence[Part]) -> bool:
    """
    True when a text that nobody knows stands right behind a number, as its evidence would.
    """
    behind = echo.position + 1
    if behind >= len(parts) or behind in marks:
        return False
    return parts[behind].element.getparent() is echo.element.getparent()


def _are_peers(block: Element, echo: Element, evidence: Element) -> bool:
    """
    True when number and evidence stand in neighbours of one kind, as two parcels' cards do.
    """
    one, other = (_child_of(block, element) for element in (echo, evidence))
    if one is None or other is None or one is other or one.tag in _HEADINGS:
        return False
    return (one.tag, one.get("class")) == (other.tag, other.get("class")) and one.get(
        "class"
    ) is not None


def _child_of(block: Element, element: Element) -> Element:
    return next((e for e in ancestors(element) if e.getparent() is block), None)
