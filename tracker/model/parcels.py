"""
A parcel on the watch list, and what is kept of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.model.looks import ScanEvent
    from tracker.vocabulary import (
        CarrierName,
        Outcome,
        ParcelState,
        ReadyToShipSource,
        SellerStatus,
        Service,
        Stage,
    )


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
