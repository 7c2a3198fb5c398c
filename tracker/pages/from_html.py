"""
What one page, as a person sees it, says of each asked number.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from tracker.model import Outcome
from tracker.pages.blocks import evidence_on
from tracker.pages.dom import Page
from tracker.pages.events import identity, in_order
from tracker.pages.evidence import OTHERS
from tracker.pages.hidden_numbers import hidden_echoes
from tracker.pages.joining import NOTHING_BESIDE
from tracker.pages.numbers import echoed
from tracker.pages.report import Finding, Harvest, unreadable
from tracker.pages.same_events import one_history
from tracker.pages.ties import echoes_on, tied
from tracker.profiles import Tie
from tracker.stages import normalise_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.pages.evidence import Evidence
    from tracker.pages.reading import Reading
    from tracker.pages.ties import Echo

#: Marks the element that is put around a piece of a page.
PIECE = "data-piece"


def read_html(
    html: str, html_before: str | None, reading: Reading, *, piece: bool = False
) -> Harvest:
    """
    What the visible page says; numbers that it does not settle are absent from ``found``.

    A ``piece`` of a page says nothing by a sentence that names no number, nor by rows that stand
    in no element of their own: it may have been cut between two of them.
    """
    page = Page(html)
    if not page.whole:
        return Harvest(whole=False)
    stood = _Before(html_before, reading)
    if stood.page is not None and stood.page.too_deep:
        return Harvest(whole=False)  # what stood there before is not known
    evidence = [one for one in evidence_on(page, reading) if stood.lacks(one, page)]
    if piece and any(one.element.get(PIECE) is not None for one in evidence):
        return Harvest(whole=False)
    echoes = echoes_on(page, reading, stood.sentences)
    echoes = echoes or hidden_echoes(page, stood.page, reading)
    ties = tied(evidence, echoes, reading, page.parts)
    found = {
        number: _finding(ones, alone=number in ties.whole or _is_alone(echoes, reading))
        for number, ones in ties.of.items()
        if number != OTHERS
    }
    shown = {number for part in page.parts for number in echoed(part.text, reading.asked)}
    shown |= {echo.number for echo in echoes} - {OTHERS}
    by_request: set[str] = set()
    if not echoes and not ties.of and not piece:
        alone = _asked_alone(evidence, reading)
        by_request = set(alone) if any(one.outcome is None for one in evidence) else set()
        found |= alone
    found |= dict.fromkeys(shown - set(found), NOTHING_BESIDE)
    return Harvest(
        found,
        shown,
        strangers=OTHERS in ties.of,
        others=any(echo.number == OTHERS for echo in echoes),
        loose=[one.events for one in ties.loose if one.outcome is None],
        by_request=by_request,
        words={n: one.text for n, ones in ties.of.items() for one in ones if one.outcome},
    )


class _Before:
    """
    What stood on the page before the submit.
    """

    def __init__(self, html: str | None, reading: Reading) -> None:
        self._reading = reading
        self.page = _page(html) if html else None
        self.sentences = _sentences(html) if html else Counter[str]()

    def lacks(self, one: Evidence, page: Page) -> bool:
        """
        True for evidence that was not there before, or stands there more often than before.
        """
        if one.outcome is not None:
            text = normalise_text(one.text)
            now = sum(normalise_text(part.text) == text for part in page.parts)
            return now > self.sentences[text]
        return not one.events or frozenset(map(identity, one.events)) not in self._groups

    @cached_property
    def _groups(self) -> frozenset[object]:
        """
        The groups of dated rows that stood there: notices and news, not an answer.

        A page that showed an asked number before may be the answer itself, asked once more.
        """
        if self.page is None or echoed(self.page.text, self._reading.asked):
            return frozenset()
        before = evidence_on(self.page, self._reading)
        return frozenset(frozenset(map(identity, one.events)) for one in before if one.events)


@lru_cache(maxsize=4)  # one page before the submit serves many questions
def _page(html: str) -> Page:
    return Page(html)


@lru_cache(maxsize=8)
def _sentences(html: str) -> Counter[str]:
    return Counter(normalise_text(part.text) for part in _page(html).parts)


def _is_alone(echoes: Sequence[Echo], reading: Reading) -> bool:
    """
    True when one number was asked and the page shows no other.
    """
    return len(reading.asked) == 1 and all(echo.number != OTHERS for echo in echoes)


def _finding(evidence: Sequence[Evidence], *, alone: bool) -> Finding:
    broken = next((one.why for one in evidence if one.why), None)
    if broken:
        return unreadable(broken)
    groups = [one.events for one in evidence if one.outcome is None]
    outcomes = {one.outcome for one in evidence if one.outcome is not None}
    if groups and outcomes:
        return unreadable("the page shows events and says that there are none")
    if outcomes:
        return (
            Finding(outcomes.pop())
            if len(outcomes) == 1
            else unreadable("the page says two things")
        )
    history = one_history(groups, alone=alone)
    if history is None:
        return unreadable("several lists of events stand beside the number")
    return Finding(Outcome.EVENTS, in_order(history))


def _asked_alone(evidence: Sequence[Evidence], reading: Reading) -> dict[str, Finding]:
    """
    What a page that names no number says of the one number it was asked for.

    A known sentence says it by itself; events only where the profile ties them to the question.
    """
    sure = [one for one in evidence if not one.weak]
    if len(reading.asked) != 1 or not sure:
        return {}
    if any(one.outcome is None for one in sure) and reading.profile.tie is not Tie.REQUEST:
        return {}
    only_sentences = all(one.outcome is not None for one in sure)
    found = _finding(sure, alone=True)
    if only_sentences and not found.outcome.is_good:
        return {}
    return {reading.asked[0]: found}
