"""
What a reader found about one number, and the look report made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.model import Evidence, LookReport, Outcome
from tracker.pages.masking import mask

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.model import CarrierName, ScanEvent
    from tracker.pages.capture import Answer
    from tracker.pages.http import Refusal


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One number's outcome, its events, and one sentence for people.

    ``summary`` marks a latest status that stands by itself: the history may hold more.
    """

    outcome: Outcome
    events: tuple[ScanEvent, ...] = ()
    detail: str | None = None
    retry_after_seconds: float | None = None
    summary: bool = False


@dataclass
class Harvest:
    """
    What one or more answers said: findings of asked numbers, numbers seen, other parcels.

    ``strangers``: something was told of another parcel; ``others``: another one is at least named.
    ``whole`` is false for a page that ended before its end; ``loose`` are the lists of events
    there that nothing names; ``by_request`` are the numbers that are tied by the question alone (a
    profile's ``tie = "request"``); ``nowhere`` tells which path of the profile led nowhere;
    ``failed``: the answer as a whole says that the request failed; ``words`` are the sentences that
    said of a number that there is nothing.
    """

    found: dict[str, Finding] = field(default_factory=dict)
    echoed: set[str] = field(default_factory=set)
    strangers: bool = False
    others: bool = False
    whole: bool = True
    loose: list[tuple[ScanEvent, ...]] = field(default_factory=list)
    by_request: set[str] = field(default_factory=set)
    nowhere: str | None = None
    failed: bool = False
    words: dict[str, str] = field(default_factory=dict)


def unreadable(detail: str) -> Finding:
    """
    A whole answer came and did not say anything we know.
    """
    return Finding(Outcome.UNREADABLE, detail=detail)


def of_refusal(refused: Refusal) -> Finding:
    """
    A refusal as the finding of each number that was asked with it.
    """
    return Finding(
        refused.outcome, detail=refused.detail, retry_after_seconds=refused.retry_after_seconds
    )


def evidence_of(answer: Answer, *, reader: str, screenshot: bytes | None = None) -> Evidence:
    """
    The answer as kept: masked of personal data (promises.md R20).
    """
    return Evidence(
        url=answer.url,
        http_status=answer.status,
        content_type=answer.content_type,
        body=mask(answer.body),
        reader=reader,
        screenshot=screenshot,
    )


def look_report(
    number: str, carrier: CarrierName, found: Finding, *, looked_at: datetime, evidence: Evidence
) -> LookReport:
    """
    The one report that leaves a reader for one asked number.
    """
    return LookReport(
        tracking_number=number,
        carrier=carrier,
        outcome=found.outcome,
        looked_at=looked_at,
        events=found.events,
        detail=found.detail,
        retry_after_seconds=found.retry_after_seconds,
        evidence=evidence,
    )
