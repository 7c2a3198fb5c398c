"""
Any portal page, read by meaning: the page's own data first, then what a person sees.

Nothing here knows one portal's markup. What is not understood is ``unreadable`` (promises.md R6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.model import Outcome
from tracker.pages.capture import Answer
from tracker.pages.from_html import read_html
from tracker.pages.from_json import DataReader, parsed
from tracker.pages.http import by_content, by_status
from tracker.pages.reading import Reading
from tracker.pages.report import Finding, Harvest, evidence_of, look_report, of_refusal, unreadable
from tracker.profiles import ReadProfile
from tracker.stages import load_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.model import CarrierName, LookReport
    from tracker.pages.capture import PageCapture
    from tracker.pages.http import Refusal
    from tracker.stages import Tables

READER = "portal/1"


def read_portal(
    capture: PageCapture,
    asked: Sequence[str],
    *,
    carrier: CarrierName,
    looked_at: datetime,
    profile: ReadProfile | None = None,
    field_found: bool = True,
    tables: Tables | None = None,
) -> tuple[LookReport, ...]:
    """
    Exactly one report per asked number, in the asked order (contract.md, outcomes).

    ``profile`` says what is known of this portal's answers; ``field_found`` whether the fetcher
    found a field for tracking numbers; ``looked_at`` is aware.
    """
    known = profile or ReadProfile()
    reading = Reading(carrier, known.zone, tables or load_tables(), tuple(asked))
    page = Answer(
        url=capture.url, status=capture.status or 200, content_type="text/html", body=capture.html
    )
    found, used = _findings(
        capture, page, reading, now=looked_at, submitted=field_found and capture.submitted
    )
    shown = evidence_of(page, reader=READER, screenshot=capture.screenshot)
    kept = {
        id(a): evidence_of(a, reader=READER, screenshot=capture.screenshot) for a in used.values()
    }
    return tuple(
        look_report(
            number,
            carrier,
            found[number],
            looked_at=looked_at,
            evidence=kept[id(used[number])] if number in used else shown,
        )
        for number in asked
    )


def _findings(
    capture: PageCapture, page: Answer, reading: Reading, *, now: datetime, submitted: bool
) -> tuple[dict[str, Finding], dict[str, Answer]]:
    """
    Each number's finding, and the data answer it rests on where it rests on one.
    """
    refused = by_status(page, now=now)
    if refused is not None:
        return dict.fromkeys(reading.asked, of_refusal(refused)), {}
    data, sources, trouble = _own_data(capture.answers, reading, page_url=capture.url, now=now)
    seen = read_html(capture.html, capture.html_before, reading) if submitted else Harvest()
    found = {
        number: _chosen(data.found.get(number), seen.found.get(number), trouble)
        for number in reading.asked
    }
    settled = {number: finding for number, finding in found.items() if finding is not None}
    sure = {n for n, f in settled.items() if f.outcome is Outcome.EVENTS or _is_told(data, n)}
    obstacle = None if sure == set(reading.asked) else by_content(page)
    if obstacle is not None:
        settled |= dict.fromkeys(set(settled) - sure, of_refusal(obstacle))
    rest = _rest(settled, data, seen, obstacle or trouble, submitted=submitted)
    sources = {number: answer for number, answer in sources.items() if number in settled}
    return {number: settled.get(number, rest) for number in reading.asked}, sources


def _is_told(data: Harvest, number: str) -> bool:
    return number in data.found and data.found[number].outcome.is_good


def _own_data(
    answers: Sequence[Answer], reading: Reading, *, page_url: str, now: datetime
) -> tuple[Harvest, dict[str, Answer], Refusal | None]:
    """
    What the page's own answers say, the later one winning, and the last refusal among them.
    """
    whole = Harvest()
    sources: dict[str, Answer] = {}
    trouble: Refusal | None = None
    reader = DataReader(reading)
    for answer in answers:
        refused = by_status(answer, now=now)
        data = None if refused else parsed(answer.body)
        if data is None:
            why = refused or by_content(answer)
            trouble = why if why and _is_of(answer.url, page_url) else trouble
            continue
        harvest = reader.read(data)
        whole.found |= harvest.found
        whole.echoed |= harvest.echoed
        whole.strangers |= harvest.strangers
        sources |= dict.fromkeys(harvest.found, answer)
    return whole, sources, trouble


def _is_of(url: str, page_url: str) -> bool:
    """
    True when an answer came from the portal's own site: somebody's counter may fail as it likes.
    """
    one, other = ((urlsplit(text).hostname or "").split(".")[-3:] for text in (url, page_url))
    return one == other


def _chosen(data: Finding | None, seen: Finding | None, trouble: Refusal | None) -> Finding | None:
    """
    The page's own data before what it draws; two that contradict each other are unreadable.
    """
    if data is not None and seen is not None and data.outcome.is_good and seen.outcome.is_good:
        if (data.outcome is Outcome.EVENTS) != (seen.outcome is Outcome.EVENTS):
            return unreadable("the page's data and what it shows contradict each other")
        return data
    if data is not None:
        return (
            data
            if data.outcome.is_good or seen is None or seen.outcome is not Outcome.EVENTS
            else seen
        )
    cools = trouble is not None and trouble.outcome is not Outcome.UNREADABLE
    if seen is not None and seen.outcome is not Outcome.EVENTS and trouble is not None and cools:
        return of_refusal(trouble)
    return seen


def _rest(
    settled: dict[str, Finding],
    data: Harvest,
    seen: Harvest,
    refused: Refusal | None,
    *,
    submitted: bool,
) -> Finding:
    """
    What holds for the numbers of which nothing was said.
    """
    if any(finding.outcome.is_good for finding in settled.values()):
        return Finding(Outcome.MISSING, detail="the page answered and lacks this number")
    if refused is not None:
        return of_refusal(refused)
    if not submitted:
        return unreadable(
            "no field for tracking numbers, or no way to submit it, was found on the page"
        )
    if data.strangers or seen.strangers:
        return Finding(Outcome.MISSING, detail="the page answered for another parcel")
    return unreadable("nothing on the page was recognised")
