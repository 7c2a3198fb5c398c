"""
A look-alike asked through the real spider, and what is right about its answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lookalikes.serving import ENTRY, Lookalike, Portal
from tests.lookalikes.story import ALONE, TOGETHER, Parcel, Story
from tests.support.portals import seko_access
from tracker.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tracker.crawl import CrawlProcess
    from tracker.model import LookReport

_SECONDS = 15  # a page answers within 50 ms; the rest is a busy machine
_WALL_CLOCK = 150

_OUTCOME = {
    Story.SCANNED: Outcome.EVENTS,
    Story.PRE_ADVICE: Outcome.EVENTS,
    Story.NOTHING: Outcome.NO_EVENTS,
    Story.UNKNOWN: Outcome.NOT_FOUND,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A look-alike's answers by story: each number asked alone, and all in one look.
    """

    lookalike: Lookalike
    alone: dict[Story, LookReport]
    together: dict[Story, LookReport]
    requests: tuple[str, ...]

    def wrong(self, question: str) -> str:
        """
        What is wrong with the answer to a question, a line for each story; empty when right.
        """
        if question == "mixed":
            return self._faults(TOGETHER, self.together)
        return self._faults([one for one in ALONE if one.story.value == question], self.alone)

    def _faults(self, asked: Sequence[Parcel], told: dict[Story, LookReport]) -> str:
        found = {one.story.value: fault(told[one.story], one, self.lookalike) for one in asked}
        return lines(found)


def lines(found: Mapping[str, str | None]) -> str:
    """
    One line for each story with something wrong; empty when nothing is.
    """
    return "\n".join(f"{story}: {text}" for story, text in found.items() if text)


def ask(lookalike: Lookalike, seko: CrawlProcess) -> Asked:
    """
    Every question put to a look-alike: four looks, and a fifth where its form takes several.
    """
    with Portal(lookalike) as portal:
        alone = reports(portal, seko, ALONE, batch_size=1)
        together = reports(portal, seko, TOGETHER) if lookalike.takes > 1 else {}
        return Asked(lookalike, alone, together, tuple(portal.requests))


def reports(
    portal: Portal,
    seko: CrawlProcess,
    stories: Sequence[Parcel],
    *,
    batch_size: int = 10,
    seconds: float = _SECONDS,
) -> dict[Story, LookReport]:
    """
    The reports of one crawl by the story of the number.
    """
    access = seko_access(portal.url, batch_size=batch_size, timeout_seconds=seconds)
    assert access.url == portal.url + ENTRY
    told = seko.run(access, [one.number for one in stories], _WALL_CLOCK)
    return {one.story: report for one, report in zip(stories, told, strict=True)}


def fault(report: LookReport, parcel: Parcel, lookalike: Lookalike) -> str | None:
    """
    What a report gets wrong about a parcel, or ``None``.
    """
    right = lookalike.instead.get(parcel.story, frozenset({_OUTCOME[parcel.story]}))
    said = f"{report.outcome.value}, scanned {report.scanned}, {report.detail}"
    if report.outcome not in right:
        return f"{said}; right is {' or '.join(sorted(one.value for one in right))}"
    if not report.outcome.is_good:
        return None
    if report.scanned is not (parcel.story is Story.SCANNED):
        return f"{said}; told {_texts(report)}"
    if _minute(report.first_scan_at) != _minute(parcel.first_scan_at):
        return f"first scan {report.first_scan_at}, right is {parcel.first_scan_at}"
    return _invented(report, parcel)


def claim(report: LookReport) -> str | None:
    """
    What a report says about the parcel; a failed look says nothing.
    """
    if not report.outcome.is_good:
        return None
    return f"{report.outcome.value}, scanned {report.scanned}, {_texts(report)}"


def invention(report: LookReport, parcel: Parcel) -> str | None:
    """
    What a report claims that the portal never showed; a failed look claims nothing.
    """
    if not report.outcome.is_good or report.scanned is None:
        return _invented(report, parcel)
    return fault(report, parcel, _PLAIN)


_PLAIN = Lookalike("plain", {})


def _invented(report: LookReport, parcel: Parcel) -> str | None:
    known = {_minute(event.at) for event in parcel.events}
    told = {_minute(event.occurred_at) for event in report.events}
    return f"events that nobody told: {_texts(report)}" if told - known else None


def _texts(report: LookReport) -> list[str]:
    return [f"{event.occurred_at} {event.text} @{event.location}" for event in report.events]


def _minute(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp()) // 60


#: The questions put to each look-alike, by the name that a test bears.
QUESTIONS = (*(story.value for story in Story), "mixed")


def questions(lookalikes: Sequence[Lookalike]) -> dict[str, tuple[Lookalike, str]]:
    """
    Each look-alike with each question that its form can take, by a readable name.
    """
    return {
        f"{one.name}-{question}": (one, question)
        for one in lookalikes
        for question in QUESTIONS
        if question != "mixed" or one.takes > 1
    }
