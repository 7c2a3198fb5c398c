"""
What the page that a person sees says of each asked number.

Evidence and number belong together when each is the other's nearest: the smallest element around
the evidence that shows a number, and the smallest element around that number that shows evidence,
are the same. Where that element shows several numbers, evidence belongs to the number above it,
and every number there must have its own; else nothing in it is believed (promises.md R6).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tracker.model import Outcome
from tracker.pages.blocks import evidence_on
from tracker.pages.dom import Page, ancestors
from tracker.pages.events import identity, in_order
from tracker.pages.evidence import OTHERS, Evidence
from tracker.pages.numbers import echoed, strangers
from tracker.pages.report import Finding, Harvest, unreadable
from tracker.stages import normalise_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.pages.dom import Element
    from tracker.pages.reading import Reading


@dataclass(frozen=True)
class _Echo:
    """
    A number shown on the page: where, and which (``OTHERS`` for several or one not asked for).
    """

    element: Element
    position: int
    number: str


def read_html(html: str, html_before: str | None, reading: Reading) -> Harvest:
    """
    What the visible page says; numbers that it does not settle are absent from ``found``.
    """
    page = Page(html)
    if not page.whole:
        return Harvest()
    before = _sentences(html_before) if html_before else Counter[str]()
    evidence = [one for one in evidence_on(page, reading) if _is_new(one, page, before)]
    echoes = _echoes(page, reading)
    shown = {number for part in page.parts for number in echoed(part.text, reading.asked)}
    tied = _tied(evidence, echoes, reading)
    found = {
        number: _finding(ones, reading, echoes) for number, ones in tied.items() if number != OTHERS
    }
    others = any(echo.number == OTHERS for echo in echoes) or OTHERS in tied
    if not shown and not others and not found:
        found |= _said_alone(evidence, reading)
    for number in shown - set(found):
        found[number] = unreadable("the page shows the number and nothing we know beside it")
    return Harvest(found, shown, strangers=OTHERS in tied)


@lru_cache(maxsize=8)  # one page before the submit serves many questions
def _sentences(html: str) -> Counter[str]:
    return Counter(normalise_text(part.text) for part in Page(html).parts)


def _is_new(one: Evidence, page: Page, before: Counter[str]) -> bool:
    """
    True for rows, and for a sentence that stands there more often than before the submit.
    """
    if one.outcome is None:
        return True
    text = normalise_text(one.text)
    return sum(normalise_text(part.text) == text for part in page.parts) > before[text]


def _echoes(page: Page, reading: Reading) -> list[_Echo]:
    echoes = []
    for position, part in enumerate(page.parts):
        asked, other = echoed(part.text, reading.asked), strangers(part.text, reading.asked)
        if asked or other:
            number = next(iter(asked)) if len(asked) == 1 and not other else OTHERS
            echoes.append(_Echo(part.element, position, number))
    return echoes


def _tied(
    evidence: Sequence[Evidence], echoes: Sequence[_Echo], reading: Reading
) -> dict[str, list[Evidence]]:
    tied: dict[str, list[Evidence]] = {}
    for one in evidence:
        if one.number is not None:
            tied.setdefault(one.number, []).append(one)
    free = [one for one in evidence if one.number is None]
    blocks: dict[Element, list[Evidence]] = {}
    around = {element for echo in echoes for element in ancestors(echo.element)}
    for one in free:
        block = next((element for element in ancestors(one.element) if element in around), None)
        if block is not None:
            blocks.setdefault(block, []).append(one)
    evident = {element for one in evidence for element in ancestors(one.element)}
    for block, ones in blocks.items():
        near = [e for e in echoes if next(x for x in ancestors(e.element) if x in evident) is block]
        for number, mine in _shared(block, ones, near, reading).items():
            tied.setdefault(number, []).extend(mine)
    return tied


def _shared(
    block: Element, evidence: Sequence[Evidence], echoes: Sequence[_Echo], reading: Reading
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
    starved = any(not ones for number, ones in shared.items() if number != OTHERS)
    if orphans or (starved and len(numbers) > 1):
        broken = Evidence(
            block, evidence[0].position, why="numbers and events cannot be told apart"
        )
        return {number: [broken] for number in numbers if number != OTHERS}
    return {number: ones for number, ones in shared.items() if ones}


def _are_peers(block: Element, echo: Element, evidence: Element) -> bool:
    """
    True when number and evidence stand in neighbours of one kind, as two parcels' cards do.
    """
    one, other = (_child_of(block, element) for element in (echo, evidence))
    if (
        one is None
        or other is None
        or one is other
        or one.tag in {"p", "span", "h2", "h3", "h4", "dt", "dd"}
    ):
        return False
    return (one.tag, one.get("class")) == (other.tag, other.get("class")) and one.get(
        "class"
    ) is not None


def _child_of(block: Element, element: Element) -> Element:
    return next((e for e in ancestors(element) if e.getparent() is block), None)


def _finding(evidence: Sequence[Evidence], reading: Reading, echoes: Sequence[_Echo]) -> Finding:
    broken = next((one.why for one in evidence if one.why), None)
    if broken:
        return unreadable(broken)
    groups = [one for one in evidence if one.outcome is None]
    outcomes = {one.outcome for one in evidence if one.outcome is not None}
    if groups and outcomes:
        return unreadable("the page shows events and says that there are none")
    if outcomes:
        return (
            Finding(outcomes.pop())
            if len(outcomes) == 1
            else unreadable("the page says two things")
        )
    return _together(
        groups, alone=len(reading.asked) == 1 and all(e.number != OTHERS for e in echoes)
    )


def _together(groups: Sequence[Evidence], *, alone: bool) -> Finding:
    """
    The events of one number; several different groups only where the page shows no other parcel.
    """
    kinds = {frozenset(identity(event) for event in group.events) for group in groups}
    if len(kinds) > 1 and not alone:
        return unreadable("several lists of events stand beside the number")
    return Finding(Outcome.EVENTS, in_order(event for group in groups for event in group.events))


def _said_alone(evidence: Iterable[Evidence], reading: Reading) -> dict[str, Finding]:
    """
    A known sentence on a page that was asked for one number alone, and shows no events.
    """
    ones = list(evidence)
    outcomes = {one.outcome for one in ones if one.outcome is not None and not one.weak}
    if len(reading.asked) != 1 or len(outcomes) != 1 or any(one.outcome is None for one in ones):
        return {}
    return {reading.asked[0]: Finding(outcomes.pop() or Outcome.UNREADABLE)}
