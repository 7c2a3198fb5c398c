"""
The field as values: parcels, looks, scan events, alerts, deliveries.

Nothing here reads a clock, a file, a network or a database. Every instant is an aware
``datetime`` in UTC unless a name says otherwise; a missing fact is ``None``, never an empty
string and never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.vocabulary import (
    Act,
    AlertKind,
    AlertState,
    CarrierName,
    ClaimAnswer,
    ClosedBecause,
    DeliveryState,
    Outcome,
    ParcelState,
    ReadyToShipSource,
    ScanTrackerError,
    SellerStatus,
    Service,
    Stage,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

__all__ = [
    "Act",
    "Alert",
    "AlertKind",
    "AlertState",
    "CalendarDay",
    "CalendarException",
    "CarrierName",
    "ClaimAnswer",
    "ClosedBecause",
    "Delivery",
    "DeliveryState",
    "Evidence",
    "ImportResult",
    "KeptAnswer",
    "LookReport",
    "OrderRow",
    "Outcome",
    "Parcel",
    "ParcelState",
    "Proof",
    "ReadyToShipSource",
    "RefusedRow",
    "ScanEvent",
    "ScanTrackerError",
    "SellerStatus",
    "Service",
    "Stage",
    "StoredAct",
    "StoredEvent",
    "StoredLook",
    "StoredSighting",
    "UsageError",
    "first_scan",
    "scanned_by",
    "stage_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanEvent:
    """
    One line of a carrier's history, normalised.

    ``occurred_at`` is ``None`` when the portal's date could not be read; such an event is still a
    scan if its text is one. ``zone`` is the IANA name (or offset) the portal's local time was read
    in, and ``zone_assumed`` says that the portal gave none.
    """

    occurred_at: datetime | None
    zone: str | None
    zone_assumed: bool
    stage: Stage
    is_scan: bool
    code: str | None
    text: str
    location: str | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """
    One order item as a seller's file or the platform's API gives it; buyer data never enter.

    ``line`` is the 1-based line (CSV) or row (XLSX) it came from, for messages. ``status_text`` is
    the status as written; ``status`` its normalised form. ``ready_to_ship_seen_at`` is when we
    ourselves saw the item ready to ship, where the source gives no such time.
    """

    line: int
    order_number: str
    order_item_id: str | None = None
    tracking_number: str | None = None
    station: str | None = None
    service_text: str | None = None
    country: str | None = None
    shop: str | None = None
    status: SellerStatus | None = None
    status_text: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    ready_to_ship_at: datetime | None = None
    ready_to_ship_seen_at: datetime | None = None
    handed_over_at: datetime | None = None
    courier: str | None = None
    waybill: str | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """
    A row that did not go in, and why, in one sentence.
    """

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """
    One tracking number of one order on the watch list, as the store returns it.

    ``scan_deadline`` is the first instant after the last day that is still in time;
    ``handover_assumed`` is true when ``handed_over_at`` is our guess (domain.md 1.1).
    ``calendar_estimated`` is true when the deadline touches a year whose make-up days are not
    published yet. ``state`` holds at the instant the parcel was read. ``second_carrier`` is the
    other portal of a parcel whose fields and number disagree (contract.md, service and carrier).
    """

    id: int
    tracking_number: str | None
    order_number: str | None
    shop: str | None
    country: str | None
    service: Service | None
    carrier: CarrierName | None
    second_carrier: CarrierName | None
    station: str | None
    centre: str | None
    seller_status: SellerStatus | None
    seller_status_text: str | None
    seller_status_at: datetime | None
    created_at: datetime | None
    ready_to_ship_at: datetime | None
    ready_to_ship_source: ReadyToShipSource | None
    handed_over_at: datetime | None
    handover_assumed: bool
    courier: str | None
    waybill: str | None
    sku: str | None
    scan_deadline: datetime | None
    auto_cancel_at: datetime | None
    calendar_estimated: bool
    state: ParcelState
    stage: Stage | None
    first_scan_at: datetime | None
    scanned: bool
    first_seen_at: datetime
    last_look_at: datetime | None
    last_outcome: Outcome | None
    last_good_look_at: datetime | None
    next_look_at: datetime | None

    @property
    def carriers(self) -> tuple[CarrierName, ...]:
        """
        Whose portals are asked about the parcel, its own first.
        """
        return tuple(one for one in (self.carrier, self.second_carrier) if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """
    A scan event as kept: never shrinks, knows when it was first seen (promises.md R7).

    ``foreign`` marks an event of an earlier parcel that bore the same number: it counts for
    nothing.
    """

    event: ScanEvent
    carrier: CarrierName
    first_seen_at: datetime
    foreign: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """
    What is kept of a portal's answer, without its body and picture.

    ``sha256`` is that of address, status and body; ``last_seen_at`` when the last look saw it.
    """

    sha256: str
    url: str | None
    http_status: int | None
    content_type: str | None
    has_screenshot: bool
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLook:
    """
    One recorded look; ``scanned`` is the look's own verdict.

    ``evidence`` is what it rests on as far as that is kept, and ``reader`` which version of which
    reader read that (promises.md R20); both only where a parcel's looks are listed.
    """

    id: int
    parcel_id: int
    carrier: CarrierName | None
    looked_at: datetime
    outcome: Outcome
    scanned: bool | None
    detail: str | None
    flag: str | None
    reader: str | None = None
    evidence: KeptAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSighting:
    """
    An arrival scan that a person knows of; ``source`` is who or what told it. It is no event.
    """

    scanned_at: datetime
    source: str
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAct:
    """
    What a person did, and when; ``author`` is who was logged in, ``None`` for a command.

    ``speaks_of`` is the instant the act is about: snoozed until, handed over or scanned at.
    ``detail`` is the case id, Jumia's answer, or who told of a scan.
    """

    at: datetime
    act: Act
    author: str | None
    alert_id: int | None
    speaks_of: datetime | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """
    The look an alert rests on.
    """

    looked_at: datetime
    outcome: Outcome
    look_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """
    One notice of one alert on its way to one recipient over one channel.
    """

    id: int
    alert_id: int
    shop: str | None
    channel: str
    recipient: str
    notice: str
    state: DeliveryState
    attempts: int
    sent_at: datetime | None
    last_error: str | None
    message_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    One thing that one person is asked to do, from its opening to its closing.

    ``parcel_ids`` has one entry, except for the operator's kinds, which list what they cover.
    ``subject`` is whom it is about; ``snoozed_until`` and ``snoozed_by`` are the latest end of a
    snooze of it, or of its shop, past or to come.
    """

    id: int
    kind: AlertKind
    parcel_ids: tuple[int, ...]
    tracking_numbers: tuple[str, ...]
    order_number: str | None
    shop: str | None
    carrier: CarrierName | None
    opened_at: datetime
    closed_at: datetime | None
    deadline: datetime | None
    state: AlertState
    reason: str
    closed_because: ClosedBecause | None
    proof: Proof | None
    case_id: str | None
    acted_at: datetime | None
    deliveries: tuple[Delivery, ...] = ()
    subject: str = ""
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """
    One day of a working-day count, with the reason it was or was not counted.
    """

    date: date
    open: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarException:
    """
    What a person knows about a centre or carrier that no public calendar does (contract.md).

    ``first`` and ``last`` are both included. Exactly one of the four effects is set.
    """

    first: date
    last: date
    centre: str | None = None
    carrier: CarrierName | None = None
    closed: bool = False
    open: bool = False
    cutoff: str | None = None
    extra_working_days: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """
    What one import did, counted in data rows (contract.md, ``orders import``).

    ``columns`` says which heading was used for each field, ``unused`` are the other headings.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: tuple[RefusedRow, ...] = ()
    no_number: int = 0
    warnings: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
