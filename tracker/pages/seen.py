"""
What a person sees of each asked number: the page, and the same page with more opened or turned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.model import Outcome
from tracker.pages.events import identity
from tracker.pages.from_html import read_html
from tracker.pages.joining import NOTHING_BESIDE, opened
from tracker.pages.report import Finding, Harvest, unreadable

if TYPE_CHECKING:
    from tracker.pages.capture import PageCapture
    from tracker.pages.reading import Reading

LOOSE = unreadable("a list of events on the page belongs to no number")
GONE = unreadable("what the page said of the number was gone when more was opened")
CUT = unreadable("the page ended before its end")


@dataclass
class Seen:
    """
    All snapshots together: what they say, which one each number rests on, and what was not opened.

    ``partial`` is the fetcher's own word for it.
    """

    harvest: Harvest = field(default_factory=Harvest)
    sources: dict[str, str] = field(default_factory=dict)
    partial: str | None = None


def read_snapshots(capture: PageCapture, reading: Reading) -> Seen:
    """
    What the page and all that was opened on it say.
    """
    seen = Seen(partial=capture.partial)
    for html in (capture.html, *capture.further):
        page = read_html(html, capture.html_before, reading)
        _add(seen, page, html, first=capture.html)
        if html is not capture.html and not (page.echoed or page.found):
            seen.partial = seen.partial or "a later page shows none of the numbers"
    doubt_what_is_loose(seen.harvest, seen.harvest)
    if not seen.harvest.whole:
        seen.harvest.found = dict.fromkeys(seen.harvest.found, CUT)
    if capture.further and seen.harvest.loose:
        seen.harvest.found = dict.fromkeys(seen.harvest.found, LOOSE)
    if seen.harvest.others or seen.harvest.echoed - seen.harvest.by_request:
        _drop_untied(seen)
    return seen


def _add(seen: Seen, page: Harvest, html: str, *, first: str) -> None:
    whole = seen.harvest
    # Another number's panel was opened in this one's place: then nothing was taken back.
    others = any(one.outcome.is_good and whole.found.get(n) != one for n, one in page.found.items())
    for number, finding in page.found.items():
        before = whole.found.get(number)
        gone = seen.sources.get(number) == first and not others and _is_gone(whole, number, html)
        whole.found[number] = opened(
            before, GONE if finding == NOTHING_BESIDE and gone else finding
        )
        if before is None or whole.found[number] != before:
            seen.sources[number] = html
    _note(whole, page)


def _note(whole: Harvest, page: Harvest) -> None:
    whole.words = page.words | whole.words
    whole.echoed |= page.echoed
    whole.by_request |= page.by_request
    whole.strangers = whole.strangers or page.strangers
    whole.others = whole.others or page.others
    whole.whole = whole.whole and page.whole
    whole.loose += page.loose


def _is_gone(whole: Harvest, number: str, html: str) -> bool:
    """
    True for a number of which the page said that there is nothing, in words that it has no more.

    Words that are still there stand behind another tab.
    """
    words = whole.words.get(number)
    return _says_none(whole.found.get(number)) and (words is None or words not in html)


def _says_none(finding: Finding | None) -> bool:
    return finding is not None and finding.outcome in {Outcome.NO_EVENTS, Outcome.NOT_FOUND}


def doubt_what_is_loose(shown: Harvest, harvest: Harvest) -> None:
    """
    A list that nothing names and that repeats an event of a number is that number's own list.

    What tied it is gone, so that the number's events are not all there: data that told a latest
    status only are not believed, nor is what the page itself shows.
    """
    loose = {identity(event) for events in shown.loose for event in events}
    for number, finding in harvest.found.items():
        if shown is not harvest and not finding.summary:
            continue
        if number not in shown.by_request and any(
            identity(event) in loose for event in finding.events
        ):
            harvest.found[number] = LOOSE


def _drop_untied(seen: Seen) -> None:
    """
    What only the question ties to the number is not believed where any page names a parcel.
    """
    for number in seen.harvest.by_request:
        finding = seen.harvest.found.get(number)
        if finding is not None and finding.outcome is Outcome.EVENTS:
            del seen.harvest.found[number]
    seen.harvest.by_request.clear()
