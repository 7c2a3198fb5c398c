"""
A stored parcel as a value, with its place on the watch list at an instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.model import (
    CarrierName,
    ClaimAnswer,
    Outcome,
    Parcel,
    ParcelState,
    ReadyToShipSource,
    SellerStatus,
    Service,
    Stage,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

    Row = RowMapping | dict[str, Any]  # as stored, or as it is going to be


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRecord:
    """
    A parcel with what only the watcher itself needs to know about it.
    """

    parcel: Parcel
    cancelled_seen_at: datetime | None
    last_news_at: datetime | None
    failures: int
    decide_at: datetime | None
    superseded_at: datetime | None
    archived_at: datetime | None
    unverified_since: datetime | None
    urged_at: datetime | None
    claimed_at: datetime | None
    case_id: str | None
    claim_answer: ClaimAnswer | None
    claim_answered_at: datetime | None
    picked_up_at: datetime | None
    put_off_until: datetime | None
    put_off_reason: str | None


def record_of(row: Row, now: datetime) -> WatchRecord:
    """
    The row with what the watcher itself needs to know.
    """
    return WatchRecord(
        parcel=parcel_of(row, now),
        cancelled_seen_at=row["cancelled_seen_at"],
        last_news_at=row["last_news_at"],
        failures=row["failures"],
        decide_at=row["decide_at"],
        superseded_at=row["superseded_at"],
        archived_at=row["archived_at"],
        unverified_since=row["unverified_since"],
        urged_at=row["urged_at"],
        claimed_at=row["claimed_at"],
        case_id=row["case_id"],
        claim_answer=ClaimAnswer(row["claim_answer"]) if row["claim_answer"] else None,
        claim_answered_at=row["claim_answered_at"],
        picked_up_at=row["picked_up_at"],
        put_off_until=row["put_off_until"],
        put_off_reason=row["put_off_reason"],
    )


def parcel_of(row: Row, now: datetime) -> Parcel:
    """
    The row as everybody sees it, its state as of ``now``.
    """
    status = row["seller_status"]
    source = row["ready_to_ship_source"]
    outcome = row["last_outcome"]
    return Parcel(
        id=row["id"],
        tracking_number=row["tracking_number"],
        order_number=row["order_number"],
        shop=row["shop"],
        country=row["country"],
        service=Service(row["service"]) if row["service"] else None,
        carrier=CarrierName(row["carrier"]) if row["carrier"] else None,
        second_carrier=CarrierName(row["second_carrier"]) if row["second_carrier"] else None,
        station=row["station"],
        centre=row["centre"],
        seller_status=SellerStatus(status) if status else None,
        seller_status_text=row["seller_status_text"],
        seller_status_at=row["seller_status_at"],
        created_at=row["created_at"],
        ready_to_ship_at=row["ready_to_ship_at"],
        ready_to_ship_source=ReadyToShipSource(source) if source else None,
        handed_over_at=row["handed_over_at"],
        handover_assumed=row["handover_assumed"],
        courier=row["courier"],
        waybill=row["waybill"],
        sku=row["sku"],
        scan_deadline=row["scan_deadline"],
        auto_cancel_at=row["auto_cancel_at"],
        calendar_estimated=row["calendar_estimated"],
        state=_state(row, now),
        stage=Stage(row["stage"]) if row["stage"] else None,
        first_scan_at=row["first_scan_at"],
        scanned=row["scanned"],
        first_seen_at=row["first_seen_at"],
        last_look_at=row["last_look_at"],
        last_outcome=Outcome(outcome) if outcome else None,
        last_good_look_at=row["last_good_look_at"],
        next_look_at=row["next_look_at"],
    )


def _state(row: Row, now: datetime) -> ParcelState:
    """
    The parcel's place on the watch list at ``now``: the first of these that holds.
    """
    status = SellerStatus(row["seller_status"]) if row["seller_status"] else None
    overdue = row["scan_deadline"] is not None and row["scan_deadline"] <= now
    ended = status is not None and (
        status.ends_scan_watch or (status is SellerStatus.CANCELED and not _given_handover(row))
    )
    steps = (
        (row["superseded_at"] is not None, ParcelState.SUPERSEDED),
        (row["archived_at"] is not None, ParcelState.ARCHIVED),
        (ended, ParcelState.ENDED),
        (row["tracking_number"] is None, ParcelState.NO_NUMBER),
        (row["scanned"], ParcelState.SCANNED),
        (row["carrier"] is None, ParcelState.NO_CARRIER),
        (overdue and row["unverified_since"] is not None, ParcelState.UNVERIFIED),
        (overdue, ParcelState.OVERDUE),
    )
    return next((state for holds, state in steps if holds), ParcelState.WAITING)


def _given_handover(row: Row) -> bool:
    return row["handed_over_at"] is not None and not row["handover_assumed"]
