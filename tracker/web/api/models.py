"""
The answers as the OpenAPI document describes them: the shapes of :mod:`tracker.shapes`, typed.

A test holds both together; what a shape gains is left out of answers until it stands here.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, WithJsonSchema

from tracker.model import (
    AlertKind,
    AlertState,
    CarrierName,
    ClosedBecause,
    DeliveryState,
    Outcome,
    ParcelState,
    SellerStatus,
    Service,
    Stage,
)
from tracker.urgemail import UrgeMail

Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
#: Ids fit into a database's integer.
LARGEST_ID = 2**31 - 1
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Cursor = Annotated[
    int | None, Field(description="Where the next page begins; null on the last page.")
]


class Parcel(BaseModel):
    """
    One parcel of the watch list, as `tracker orders list --json` prints it, with its id.
    """

    id: int
    tracking_number: str | None
    order_number: str | None
    shop: str | None
    country: str | None
    service: Service | None
    carrier: CarrierName | None
    station: str | None
    centre: str | None
    seller_status: SellerStatus | None
    seller_status_at: Instant | None
    handed_over_at: Instant | None
    handover_assumed: bool
    scan_deadline: Instant | None
    auto_cancel_at: Instant | None
    state: ParcelState
    stage: Stage | None
    first_scan_at: Instant | None
    last_good_look_at: Instant | None
    next_look_at: Instant | None


class Event(BaseModel):
    """
    One event that a portal showed, and when it was first seen there.
    """

    occurred_at: Instant | None
    zone: str | None
    zone_assumed: bool
    stage: Stage
    is_scan: bool
    code: str | None
    text: str
    location: str | None
    carrier: CarrierName
    first_seen_at: Instant
    foreign: bool = Field(description="Of an earlier parcel that bore the same number.")


class Sighting(BaseModel):
    """
    A scan that a person told of.
    """

    scanned_at: Instant
    source: str
    told_at: Instant


class Evidence(BaseModel):
    """
    What is kept of the answer that a look rests on.
    """

    sha256: str
    url: str | None
    http_status: int | None
    reader: str | None
    content_type: str | None
    has_screenshot: bool
    kept_until: Instant


class Look(BaseModel):
    """
    One look at a portal; `scanned` is null when it could not be told.
    """

    look_id: int
    carrier: CarrierName | None
    looked_at: Instant
    outcome: Outcome
    scanned: bool | None
    detail: str | None
    flag: str | None
    evidence: Evidence | None


class Proof(BaseModel):
    """
    The look that an alert rests on.
    """

    looked_at: Instant
    outcome: Outcome
    look_id: int


class Delivery(BaseModel):
    """
    One notice of an alert to one recipient; a webhook is shown masked.
    """

    channel: str
    recipient: str
    notice: str
    state: DeliveryState
    attempts: int
    sent_at: Instant | None
    last_error: str | None


class DeliveryRecord(Delivery):
    """
    One delivery of the history, as `tracker alerts deliveries --json` prints it.
    """

    alert_id: int
    kind: AlertKind
    shop: str | None
    created_at: Instant
    next_attempt_at: Instant | None
    reference: str | None


class Alert(BaseModel):
    """
    One alert of a parcel.
    """

    id: int
    kind: AlertKind
    tracking_numbers: list[str]
    order_number: str | None
    shop: str | None
    carrier: CarrierName | None
    opened_at: Instant
    closed_at: Instant | None
    deadline: Instant | None
    state: AlertState
    reason: str
    closed_because: ClosedBecause | None
    proof: Proof | None
    case_id: str | None
    snoozed_until: Instant | None
    snoozed_by: str | None
    deliveries: list[Delivery]
    wording_lines: list[str] = Field(
        default=[], description="Of `unknown_wording` only: lines for the wording file."
    )


class ListedAlert(Alert):
    """
    One alert, as `tracker alerts list --json` prints it.
    """

    auto_cancel_at: Instant | None
    working_days_left: int | None = Field(
        description="Whole lead-time days until automatic cancellation; 0 from then on."
    )
    acted_at: Instant | None
    acted_by: str | None
    urge_mail: UrgeMail | None = Field(description="What becomes of the mail that urges a scan.")


class WholeParcel(Parcel):
    """
    One parcel with everything known of it, as `tracker orders show --json` prints it.
    """

    second_carrier: CarrierName | None
    events: list[Event]
    sightings: list[Sighting]
    looks: list[Look]
    alerts: list[Alert]


class Parcels(BaseModel):
    """
    One page of parcels, the last entered first.
    """

    items: list[Parcel]
    next_cursor: Cursor


class WholeParcels(BaseModel):
    """
    Every parcel that bears or bore a number, the live one first.
    """

    items: list[WholeParcel]


class Alerts(BaseModel):
    """
    One page of alerts, the last opened first.
    """

    items: list[ListedAlert]
    next_cursor: Cursor


class Deliveries(BaseModel):
    """
    One page of deliveries, the newest first.
    """

    items: list[DeliveryRecord]
    next_cursor: Cursor


class Centre(BaseModel):
    """
    One sorting centre: its clock, whose house it is, and whether it keeps the mainland's holidays.
    """

    name: str
    zone: str
    operator: CarrierName
    mainland: bool


class Centres(BaseModel):
    """
    The sorting centres that are known.
    """

    items: list[Centre]


class CountedDay(BaseModel):
    """
    One day on the way to a deadline, and why it counts or does not.
    """

    date: Day
    open: bool
    why: str


class Deadline(BaseModel):
    """
    A scan deadline and how it was counted, as `tracker calendar deadline --json` prints it.
    """

    deadline: Instant
    effective_handover_day: Day
    centre: str
    estimated: bool = Field(description="A year on the way has no published make-up days yet.")
    days: list[CountedDay]


class CentreDay(CountedDay):
    """
    One day of a centre's month.
    """

    centre: str
    estimated: bool


class CentreDays(BaseModel):
    """
    A centre's month, day by day, as `tracker calendar show --json` prints it.
    """

    items: list[CentreDay]


class Heartbeat(BaseModel):
    """
    When a step of the watcher last ran, and how it went.
    """

    at: Instant
    ok: bool
    detail: str | None


class Outbox(BaseModel):
    """
    What waits to be told.
    """

    pending: int
    oldest_pending_seconds: int | None
    refused: int


class Status(BaseModel):
    """
    How the watcher is, as `tracker status --json` prints it.
    """

    ok: bool
    heartbeats: dict[str, Heartbeat]
    carriers: dict[str, dict[str, Any]]
    outbox: Outbox
    problems: list[str]
    warnings: list[str]
