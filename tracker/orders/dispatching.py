"""
Which parcels leave for the sorting centre, and which must not.

Today's parcels are those with a number that are ready to ship, or of unknown status, and that
nobody has handed over yet. A hand-over that is only assumed is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.model import SellerStatus

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.model import Parcel
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

#: A cancelled or renumbered parcel is warned of for so long after that was first seen.
WARNED_FOR = timedelta(days=14)


class Stop(StrEnum):
    """
    Why a parcel must not be sent (contract.md, ``orders dispatch``).
    """

    CANCELLED = "cancelled"  # the order was cancelled
    SUPERSEDED = "superseded"  # the order travels under another number: the label is an old one
    NO_CARRIER = "no_carrier"  # no carrier is known: nobody could see its scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """
    One parcel before it leaves.

    ``status_is_old``: the order status was not seen on the present day (promises.md R27).
    ``past_cancellation``: the platform's automatic cancellation is over by our count, though no
    cancelled status was seen. ``new_numbers`` are those that a superseded parcel's order has now.
    """

    parcel: Parcel
    stop: Stop | None
    status_is_old: bool
    past_cancellation: bool
    new_numbers: tuple[str, ...] = ()


def departures(
    tx: Transaction, now: datetime, zone: ZoneInfo, *, shop: str | None = None, lock: bool = False
) -> tuple[Departure, ...]:
    """
    Today's parcels, those that must not be sent first, then in the order of entry.

    "Today" is by the clock of ``zone``. ``lock`` keeps other writers out until the transaction
    ends.
    """
    leaving = tx.parcels.leaving(now, stopped_since=now - WARNED_FOR, shop=shop, lock=lock)
    found = [_departure(tx, record, now, zone) for record in leaving]
    return tuple(sorted(found, key=lambda one: one.stop is None))


def _departure(tx: Transaction, record: WatchRecord, now: datetime, zone: ZoneInfo) -> Departure:
    parcel = record.parcel
    stop = _stop(record)
    cancels_at = parcel.auto_cancel_at
    return Departure(
        parcel=parcel,
        stop=stop,
        status_is_old=not _seen_today(parcel.seller_status_at, now, zone),
        past_cancellation=cancels_at is not None and cancels_at <= now,
        new_numbers=_new_numbers(tx, parcel, now) if stop is Stop.SUPERSEDED else (),
    )


def _stop(record: WatchRecord) -> Stop | None:
    if record.parcel.seller_status is SellerStatus.CANCELED:
        return Stop.CANCELLED
    if record.superseded_at is not None:
        return Stop.SUPERSEDED
    return Stop.NO_CARRIER if record.parcel.carrier is None else None


def _seen_today(seen_at: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    return seen_at is not None and seen_at.astimezone(zone).date() >= now.astimezone(zone).date()


def _new_numbers(tx: Transaction, parcel: Parcel, now: datetime) -> tuple[str, ...]:
    """
    The numbers of the order's parcels that are watched now.
    """
    same_order = tx.parcels.by_order(parcel.order_number or "", now)
    return tuple(
        other.parcel.tracking_number
        for other in same_order
        if other.superseded_at is None and other.archived_at is None
        if other.parcel.tracking_number is not None
    )
