"""
The field as values: parcels, looks, scan events, alerts, deliveries.

Nothing here reads a clock, a file, a network or a database. Every instant is an aware
``datetime`` in UTC unless a name says otherwise; a missing fact is ``None``, never an empty
string and never a guess.
"""

from __future__ import annotations

from tracker.model.alerts import Alert, Delivery, Proof, StoredAct
from tracker.model.days import CalendarDay, CalendarException
from tracker.model.looks import Evidence, LookReport, ScanEvent, first_scan, scanned_by, stage_of
from tracker.model.orders import ImportResult, OrderRow, RefusedRow
from tracker.model.parcels import KeptAnswer, Parcel, StoredEvent, StoredLook, StoredSighting
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
