"""
What a person is asked to do, the look it rests on, and its way to that person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.vocabulary import (
        Act,
        AlertKind,
        AlertState,
        CarrierName,
        ClosedBecause,
        DeliveryState,
        Outcome,
    )


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
