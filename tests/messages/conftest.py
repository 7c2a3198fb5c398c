"""
Letters with fixed facts, as the store would freeze them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from alerts.messages import Letter, Line
from tracker.model import (
    AlertKind,
    AlertState,
    CalendarDay,
    CarrierName,
    Outcome,
    SellerStatus,
    Service,
)

MakeLine = Callable[..., Line]
MakeLetter = Callable[..., Letter]


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


_FACTS: dict[str, Any] = {
    "delivery_id": 1,
    "alert_id": 12,
    "kind": AlertKind.URGE_SCAN,
    "notice": "first",
    "zone": "Asia/Shanghai",
    "opened_at": _at(13, 16, 5),
    "alert_state": AlertState.OPEN,
    "reason": "",
    "tracking_number": "JG-NJS-319365323-5711",
    "order_number": "319365323",
    "shop": "Lagos Lights",
    "country": "NG",
    "service": Service.DS,
    "carrier": CarrierName.SEKO,
    "station": "NG-JG-SEKO-Shenzhen-Seko Station",
    "centre": "shenzhen",
    "handed_over_at": _at(12, 7),
    "deadline": _at(13, 16),
    "days": (
        CalendarDay(date=date(2026, 10, 12), open=True, why="hand-over day"),
        CalendarDay(date=date(2026, 10, 13), open=True, why="working day 1"),
    ),
    "working_days_waited": 1,
    "auto_cancel_at": _at(16, 16),
    "working_days_left": 3,
    "last_look_at": _at(13, 16, 4),
    "last_outcome": Outcome.EVENTS,
    "last_text": "Shipment information received",
    "proof_at": _at(13, 16, 4),
    "proof_outcome": Outcome.EVENTS,
    "seller_status": SellerStatus.READY_TO_SHIP,
    "seller_status_text": "Ready to Ship",
    "seller_status_at": _at(13, 1, 30),
    "portal_url": "https://portal.example:4434/mercuryhub/jtrack",
    "portal_confirmed": True,
}


@pytest.fixture
def make_line() -> MakeLine:
    """
    One DS parcel, a day late, with any fact replaced.
    """
    return lambda **changed: Line(**{**_FACTS, **changed})


@pytest.fixture
def make_letter() -> MakeLetter:
    """
    A shop's letter around the lines given.
    """

    def letter(*lines: Line, **changed: Any) -> Letter:
        facts: dict[str, Any] = {
            "reference": "<alert-12-1@watch.example>",
            "created_at": _at(14, 0, 35),
            "shop": "Lagos Lights",
            "lines": lines,
            "seko_contact": "WeChat seko-sz-service",
        }
        return Letter(**{**facts, **changed})

    return letter
