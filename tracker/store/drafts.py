"""
A parcel as an import or a hand-over knows it, and its columns.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, literal

from tracker.model import CarrierName, ReadyToShipSource, SellerStatus, Service
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelDraft:
    """
    What an import or a hand-over knows of a parcel: everything that is not learned by looking.
    """

    tracking_number: str | None
    order_number: str | None
    shop: str | None = None
    country: str | None = None
    service: Service | None = None
    carrier: CarrierName | None = None
    second_carrier: CarrierName | None = None
    station: str | None = None
    centre: str | None = None
    seller_status: SellerStatus | None = None
    seller_status_text: str | None = None
    seller_status_at: datetime | None = None
    cancelled_seen_at: datetime | None = None
    created_at: datetime | None = None
    ready_to_ship_at: datetime | None = None
    ready_to_ship_source: ReadyToShipSource | None = None
    handed_over_at: datetime | None = None
    handover_assumed: bool = False
    courier: str | None = None
    waybill: str | None = None
    sku: str | None = None
    scan_deadline: datetime | None = None
    auto_cancel_at: datetime | None = None
    calendar_estimated: bool = False
    archived_at: datetime | None = None


#: The columns of a draft, named as its fields.
DRAFT_COLUMNS = tuple(field.name for field in fields(ParcelDraft))

#: Those of them that a calendar decides (:meth:`tracker.planning.deadlines.Deadlines.derived`).
COUNTED_COLUMNS = (
    "handed_over_at",
    "handover_assumed",
    "scan_deadline",
    "auto_cancel_at",
    "calendar_estimated",
)

_ENUMS = {
    "service": Service,
    "carrier": CarrierName,
    "second_carrier": CarrierName,
    "seller_status": SellerStatus,
    "ready_to_ship_source": ReadyToShipSource,
}


def draft_of(row: RowMapping) -> ParcelDraft:
    """
    The facts of a stored parcel.
    """
    values = {name: row[name] for name in DRAFT_COLUMNS}
    for name, kind in _ENUMS.items():
        if values[name] is not None:
            values[name] = kind(values[name])
    return ParcelDraft(**values)


def draft_values(draft: ParcelDraft) -> dict[str, Any]:
    """
    The draft as columns.
    """
    return {name: getattr(draft, name) for name in DRAFT_COLUMNS}


def turn_kept(draft: ParcelDraft) -> ColumnElement[Any]:
    """
    Whose turn it is after the change: of two portals the one whose turn it was (contract.md).
    """
    if draft.second_carrier is None:
        return literal(draft.carrier)
    turn = parcels.c.next_carrier
    return case((turn == draft.second_carrier, turn), else_=literal(draft.carrier))
