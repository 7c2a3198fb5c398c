"""
What a portal showed: scan events, the look that saw them, and what the look rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.vocabulary import CarrierName, Outcome, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanEvent:
    """
    One line of a carrier's history, normalised.

    ``occurred_at`` is ``None`` when the portal's date could not be read; such an event is still a
    scan if its text is one. ``zone`` is the IANA name (or offset) the portal's local time was read
    in, and ``zone_assumed`` says that the portal gave none. ``wording_id`` names the wording whose
    meaning, told by a person, gave the stage; ``None``: the tables did.
    """

    occurred_at: datetime | None
    zone: str | None
    zone_assumed: bool
    stage: Stage
    is_scan: bool
    code: str | None
    text: str
    location: str | None
    wording_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    What the portal answered, kept so that a look can be proved (promises.md R20).

    ``body`` is already masked of personal data; ``screenshot`` is a PNG or ``None``.
    """

    url: str | None
    http_status: int | None
    content_type: str | None
    body: str | None
    reader: str
    screenshot: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookReport:
    """
    What one look at one number came to: the only thing that leaves a page reader or a crawl.

    ``detail`` is one short sentence for people (which host, which status, which marker), never a
    secret. ``retry_after_seconds`` is what a 429 or 503 asked for.
    """

    tracking_number: str
    carrier: CarrierName | None
    outcome: Outcome
    looked_at: datetime
    events: tuple[ScanEvent, ...] = ()
    detail: str | None = None
    retry_after_seconds: float | None = None
    evidence: Evidence | None = None

    @property
    def scanned(self) -> bool | None:
        """
        Whether this look shows an arrival scan; ``None`` when it proves neither (contract.md).
        """
        if not self.outcome.is_good:
            return None
        return scanned_by(self.events)

    @property
    def stage(self) -> Stage | None:
        """
        The stage of the latest classified event; ``None`` when there is none.
        """
        return stage_of(self.events)

    @property
    def first_scan_at(self) -> datetime | None:
        """
        The instant of the earliest dated scan among the events.
        """
        return first_scan(self.events)


def scanned_by(events: Iterable[ScanEvent]) -> bool | None:
    """
    ``True`` if any event is a scan, ``False`` if every one is a known non-scan, else ``None``.
    """
    seen = tuple(events)
    if any(event.is_scan for event in seen):
        return True
    if any(event.stage is Stage.UNCLASSIFIED for event in seen):
        return None
    return False


def stage_of(events: Iterable[ScanEvent]) -> Stage | None:
    """
    The stage of the latest classified event; a terminal stage is never downgraded (R8).

    Undated events come before dated ones; equal instants keep the order given.
    """
    known = [event for event in events if event.stage is not Stage.UNCLASSIFIED]
    undated = [event for event in known if event.occurred_at is None]
    dated = sorted(
        ((event.occurred_at, event) for event in known if event.occurred_at is not None),
        key=lambda pair: pair[0],
    )
    stage: Stage | None = None
    for event in (*undated, *(event for _, event in dated)):
        if stage is None or not stage.is_terminal or event.stage.is_terminal:
            stage = event.stage
    return stage


def first_scan(events: Iterable[ScanEvent]) -> datetime | None:
    """
    The instant of the earliest dated scan, or ``None``.
    """
    return min(
        (event.occurred_at for event in events if event.is_scan and event.occurred_at is not None),
        default=None,
    )
