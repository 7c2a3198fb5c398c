"""
Any portal page, read by meaning: the page's own data first, then what a person sees.

Nothing here knows one portal's markup. What is not understood is ``unreadable`` (promises.md R6).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.model import Outcome
from tracker.pages.capture import Answer
from tracker.pages.dom import Page
from tracker.pages.http import by_content, by_status
from tracker.pages.joining import held_back, not_ahead
from tracker.pages.own_data import OwnData, read_answers
from tracker.pages.reading import Reading
from tracker.pages.report import Finding, Harvest, evidence_of, look_report, of_refusal, unreadable
from tracker.pages.seen import Seen, doubt_what_is_loose, read_snapshots
from tracker.pages.weighing import FAILED, chosen, rest
from tracker.profiles import ReadProfile
from tracker.stages import load_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.model import CarrierName, LookReport
    from tracker.pages.capture import PageCapture
    from tracker.stages import Tables

READER = "portal/2"
_ANOTHER = Finding(Outcome.MISSING, detail="the page answered for another parcel")


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
    reading = Reading(carrier, known.zone, tables or load_tables(), tuple(asked), known)
    page = Answer(
        url=capture.url, status=capture.status or 200, content_type="text/html", body=capture.html
    )
    found, used = _findings(
        capture, page, reading, now=looked_at, submitted=field_found and capture.submitted
    )
    kept = {
        id(answer): evidence_of(answer, reader=READER, screenshot=capture.screenshot)
        for answer in (page, *used.values())
    }
    return tuple(
        look_report(
            number,
            carrier,
            found[number],
            looked_at=looked_at,
            evidence=kept[id(used.get(number, page))],
        )
        for number in asked
    )


def _findings(
    capture: PageCapture, page: Answer, reading: Reading, *, now: datetime, submitted: bool
) -> tuple[dict[str, Finding], dict[str, Answer]]:
    """
    Each number's finding, and the answer or snapshot it rests on where that is not the page.
    """
    refused = by_status(page, now=now)
    if refused is not None:
        return dict.fromkeys(reading.asked, of_refusal(refused)), {}
    data = read_answers(capture.answers, reading, page_url=capture.url, now=now)
    seen = read_snapshots(capture, reading) if submitted else Seen()
    _untie(data.harvest, seen.harvest)
    doubt_what_is_loose(seen.harvest, data.harvest)
    told, shown = data.harvest.found, seen.harvest.found
    if data.harvest.strangers:  # what is drawn under our heading is then another parcel's
        shown |= dict.fromkeys(set(shown) - set(told), _ANOTHER)
    gap = unreadable(data.harvest.nowhere) if data.harvest.nowhere else None
    gap = gap or (FAILED if data.failed else None)  # a script may word a failure as "none"
    settled = {
        number: finding
        for number in reading.asked
        if (
            finding := chosen(
                told.get(number, gap), shown.get(number), data.trouble, whole=seen.harvest.whole
            )
        )
        is not None
    }
    sure = {n for n, f in settled.items() if f.outcome is Outcome.EVENTS or _is_told(told, n)}
    obstacle = (
        None if sure == set(reading.asked) else by_content(page, corner=_has_login_corner(capture))
    )
    if obstacle is not None:
        settled |= dict.fromkeys(set(settled) - sure, of_refusal(obstacle))
    left = rest(settled, data.harvest, seen.harvest, obstacle or data.trouble, submitted=submitted)
    found = {
        n: not_ahead(held_back(settled.get(n, left), seen.partial), now) for n in reading.asked
    }
    return found, _sources(page, data, seen, settled)


def _has_login_corner(capture: PageCapture) -> bool:
    """
    True when the page asked for a password before the submit too: beside the field for numbers.
    """
    before = capture.html_before
    return before is not None and Page(before).has_password_field


def _untie(data: Harvest, seen: Harvest) -> None:
    """
    What only the question ties to the number falls where the other side names another parcel.
    """
    for one, other in ((data, seen), (seen, data)):
        for number in one.by_request if other.strangers or other.others else ():
            one.found.pop(number, None)


def _is_told(told: dict[str, Finding], number: str) -> bool:
    return number in told and told[number].outcome.is_good


def _sources(
    page: Answer, data: OwnData, seen: Seen, settled: dict[str, Finding]
) -> dict[str, Answer]:
    snapshots = {html: replace(page, body=html) for html in set(seen.sources.values())}
    shown = {number: snapshots[html] for number, html in seen.sources.items()}
    told = {n: answer for n, answer in data.sources.items() if n in settled}
    return shown | told
