"""
Small values with sensible facts; a test names only those that it is about.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tracker.model import (
    AlertKind,
    CarrierName,
    LookReport,
    Outcome,
    ScanEvent,
    Service,
    Stage,
)
from tracker.store.alerts import NewAlert, occasion_of, parcel_subject
from tracker.store.parcels import ParcelDraft, Plan

if TYPE_CHECKING:
    from tracker.store import Store, Transaction

#: Wednesday noon in Shenzhen.
NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
SEKO = CarrierName.SEKO
CLEVY = CarrierName.CLEVY


def after(**units: float) -> datetime:
    """
    An instant that long after :data:`NOON` (before it, if negative).
    """
    return NOON + timedelta(**units)


def number(index: int = 1) -> str:
    """
    The dropshipping number of the parcel with that index.
    """
    return f"JG-NJS-{319365000 + index}-5711"


def draft(index: int = 1, **facts: Any) -> ParcelDraft:
    """
    A dropshipping parcel handed over two days ago, due since midnight.
    """
    known: dict[str, Any] = {
        "tracking_number": number(index),
        "order_number": str(319365000 + index),
        "shop": "Lagos Lights",
        "service": Service.DS,
        "carrier": SEKO,
        "centre": "shenzhen",
        "created_at": after(days=-4),
        "handed_over_at": after(days=-2),
        "scan_deadline": after(hours=-12),
    }
    return ParcelDraft(**(known | facts))


def event(text: str = "Parcel received and accepted", **facts: Any) -> ScanEvent:
    """
    The arrival scan of yesterday, unless told otherwise.
    """
    known: dict[str, Any] = {
        "occurred_at": after(days=-1),
        "zone": "Asia/Shanghai",
        "zone_assumed": True,
        "stage": Stage.RECEIVED,
        "is_scan": facts.get("stage", Stage.RECEIVED) is Stage.RECEIVED,
        "code": None,
        "text": text,
        "location": "SHENZHEN",
    }
    return ScanEvent(**(known | facts))


def announced(**facts: Any) -> ScanEvent:
    """
    A pre-advice: an event that is no scan.
    """
    return event("Shipping information received", stage=Stage.ANNOUNCED, **facts)


def unreadable_event(parcel_id: int) -> dict[str, Any]:
    """
    The row of an event that this version cannot read.
    """
    return {
        "parcel_id": parcel_id,
        "carrier": "clevy",
        "identity": "x",
        "zone_assumed": True,
        "stage": "by pigeon",
        "is_scan": False,
        "text": "?",
        "first_seen_at": NOON,
    }


def report(*events: ScanEvent, **facts: Any) -> LookReport:
    """
    A good look with these events; without any, the portal says that there is nothing yet.
    """
    known: dict[str, Any] = {
        "tracking_number": number(),
        "carrier": SEKO,
        "outcome": Outcome.EVENTS if events else Outcome.NO_EVENTS,
        "looked_at": NOON,
        "events": events,
    }
    return LookReport(**(known | facts))


def add_parcel(store: Store, index: int = 1, **facts: Any) -> int:
    """
    The id of a stored parcel.
    """
    with store.begin() as tx:
        return tx.parcels.add(draft(index, **facts), NOON)


def plan_look(
    tx: Transaction, parcel_id: int, at: datetime, carrier: CarrierName | None = SEKO
) -> None:
    """
    The parcel is looked at next then, at that carrier's portal.
    """
    tx.parcels.plan({parcel_id: Plan(look_at=at, carrier=carrier, decide_at=None)})


def new_alert(parcel_id: int, **facts: Any) -> NewAlert:
    """
    The request to urge the parcel's scan.
    """
    deadline = facts.pop("deadline", after(hours=-12))
    known: dict[str, Any] = {
        "kind": AlertKind.URGE_SCAN,
        "subject": parcel_subject(parcel_id),
        "occasion": occasion_of(deadline),
        "reason": "no_events",
        "parcel_id": parcel_id,
        "shop": "Lagos Lights",
        "carrier": SEKO,
        "deadline": deadline,
    }
    return NewAlert(**(known | facts))


def open_alert(tx: Transaction, parcel_id: int, **facts: Any) -> int:
    """
    The id of an alert that was opened just now.
    """
    alert_id = tx.alerts.open(new_alert(parcel_id, **facts), NOON)
    assert alert_id is not None
    return alert_id
