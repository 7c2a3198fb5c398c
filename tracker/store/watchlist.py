"""
The watch list as it is read: by id, number, order, shop and state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import false, func, select

from tracker.model import SellerStatus
from tracker.store.conditions import live
from tracker.store.parts import in_parts
from tracker.store.records import parcel_of, record_of
from tracker.store.room import Room
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Column

    from tracker.model import Parcel, ParcelState
    from tracker.store.records import WatchRecord

#: A status with which a parcel may still lie on the seller's table.
_NOT_LEFT_YET = (SellerStatus.READY_TO_SHIP.value, SellerStatus.UNKNOWN.value)
_LIVE_FIRST = (
    parcels.c.archived_at.is_not(None),
    parcels.c.superseded_at.is_not(None),
    parcels.c.id.desc(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """
    Numbers and orders that belong to somebody else.
    """

    numbers: frozenset[str]
    orders: frozenset[str]


class WatchList(Room):
    """
    Reads parcels.
    """

    def get(self, parcel_id: int, now: datetime, *, lock: bool = False) -> WatchRecord | None:
        """
        One parcel by its id; ``lock`` keeps other writers out until the transaction ends.
        """
        query = select(parcels).where(parcels.c.id == parcel_id)
        if lock:
            query = query.with_for_update()
        row = self._connection.execute(query).mappings().first()
        return None if row is None else record_of(row, now)

    def records(self, when: Mapping[int, datetime]) -> Iterator[WatchRecord]:
        """
        Several parcels, each as it stands at its own instant; ids that do not exist are left out.
        """
        for part in in_parts(sorted(when)):
            query = select(parcels).where(parcels.c.id.in_(part)).order_by(parcels.c.id)
            for row in self._connection.execute(query).mappings():
                yield record_of(row, when[row["id"]])

    def first_cancelled(self, parcel_ids: Iterable[int]) -> int | None:
        """
        Which of the parcels' orders is cancelled first; ``None`` if none will be, as far as known.
        """
        ended = [status.value for status in SellerStatus if status.ends_scan_watch]
        known = func.coalesce(parcels.c.seller_status.in_(ended), false())
        order = (parcels.c.auto_cancel_at, parcels.c.id)
        first = []
        for part in in_parts(sorted(set(parcel_ids))):
            query = select(*order).where(
                parcels.c.id.in_(part), parcels.c.auto_cancel_at.is_not(None), ~known
            )
            # All of the part are read: asked for the first one alone, PostgreSQL walks the index of
            # all cancellations until it meets one of these parcels.
            first += [(row[0], row[1]) for row in self._connection.execute(query)]
        return min(first)[1] if first else None

    def hold(self, parcel_ids: Iterable[int]) -> None:
        """
        No other writer changes the parcels until the transaction ends.
        """
        for part in in_parts(sorted(set(parcel_ids))):
            query = select(parcels.c.id).where(parcels.c.id.in_(part)).order_by(parcels.c.id)
            self._connection.execute(query.with_for_update()).all()

    def by_number(self, tracking_number: str, now: datetime) -> tuple[WatchRecord, ...]:
        """
        Every parcel that bears or bore the number, the live one first, then the newest.
        """
        query = (
            select(parcels)
            .where(parcels.c.tracking_number == tracking_number)
            .order_by(*_LIVE_FIRST)
        )
        rows = self._connection.execute(query).mappings()
        return tuple(record_of(row, now) for row in rows)

    def by_numbers(
        self, tracking_numbers: Iterable[str], now: datetime
    ) -> dict[str, tuple[WatchRecord, ...]]:
        """
        For each number that is known what :meth:`by_number` gives, locked for this writer.
        """
        found: dict[str, tuple[WatchRecord, ...]] = {}
        for part in in_parts(tracking_numbers):
            query = (
                select(parcels)
                .where(parcels.c.tracking_number.in_(part))
                .order_by(*_LIVE_FIRST)
                .with_for_update()
            )
            for row in self._connection.execute(query).mappings():
                number = row["tracking_number"]
                found[number] = (*found.get(number, ()), record_of(row, now))
        return found

    def by_order(self, order_number: str, now: datetime) -> tuple[WatchRecord, ...]:
        """
        The order's parcels, in the order of entry.
        """
        query = select(parcels).where(parcels.c.order_number == order_number).order_by(parcels.c.id)
        return tuple(record_of(row, now) for row in self._connection.execute(query).mappings())

    def by_waybills(
        self, waybills: Iterable[str], now: datetime
    ) -> dict[str, tuple[WatchRecord, ...]]:
        """
        The live parcels of orders that went with each of these domestic waybills, in capitals.
        """
        found: dict[str, tuple[WatchRecord, ...]] = {}
        for part in in_parts({waybill.upper() for waybill in waybills}):
            query = (
                select(parcels)
                .where(
                    func.upper(parcels.c.waybill).in_(part),
                    parcels.c.order_number.is_not(None),
                    parcels.c.tracking_number.is_not(None),
                    live(),
                )
                .order_by(parcels.c.id)
            )
            for row in self._connection.execute(query).mappings():
                waybill = row["waybill"].upper()
                found[waybill] = (*found.get(waybill, ()), record_of(row, now))
        return found

    def beyond(
        self, scope: frozenset[str], numbers: Iterable[str], orders: Iterable[str]
    ) -> Foreign:
        """
        Those of the numbers and orders that parcels of orders of other shops bear or bore.
        """
        taken = parcels.c.order_number.is_not(None) & (
            parcels.c.shop.is_(None) | parcels.c.shop.not_in(sorted(scope))
        )

        def among(column: Column[str | None], values: Iterable[str]) -> frozenset[str]:
            return frozenset(
                str(found)
                for part in in_parts({value for value in values if value})
                for found in self._connection.execute(
                    select(column).where(column.in_(part), taken)
                ).scalars()
            )

        return Foreign(
            numbers=among(parcels.c.tracking_number, numbers),
            orders=among(parcels.c.order_number, orders),
        )

    def live(self, tracking_number: str, now: datetime) -> WatchRecord | None:
        """
        The one live parcel that bears the number.
        """
        query = select(parcels).where(parcels.c.tracking_number == tracking_number, live())
        row = self._connection.execute(query).mappings().first()
        return None if row is None else record_of(row, now)

    def matching(
        self,
        now: datetime,
        *,
        shop: str | None = None,
        state: ParcelState | None = None,
        centre: str | None = None,
    ) -> Iterator[Parcel]:
        """
        The watch list in the order of entry, filtered.
        """
        query = select(parcels).order_by(parcels.c.id)
        if shop is not None:
            query = query.where(parcels.c.shop == shop)
        if centre is not None:
            query = query.where(parcels.c.centre == centre)
        for row in self._connection.execute(query).mappings():
            parcel = parcel_of(row, now)
            if state is None or parcel.state is state:
                yield parcel

    def unverified(self, now: datetime, *, shop: str | None = None) -> tuple[WatchRecord, ...]:
        """
        The late parcels that could not be checked, by shop, carrier and order of entry (R4).
        """
        query = (
            select(parcels)
            .where(live(), parcels.c.unverified_since.is_not(None), parcels.c.scanned.is_(False))
            .order_by(parcels.c.shop, parcels.c.carrier, parcels.c.id)
        )
        if shop is not None:
            query = query.where(parcels.c.shop == shop)
        return tuple(record_of(row, now) for row in self._connection.execute(query).mappings())

    def leaving(
        self,
        now: datetime,
        *,
        stopped_since: datetime,
        shop: str | None = None,
        lock: bool = False,
    ) -> tuple[WatchRecord, ...]:
        """
        Numbered parcels of orders that are ready to ship, or of unknown status, and not yet given.

        Cancelled and superseded ones are among them if that was first seen after
        ``stopped_since``. ``lock`` keeps other writers out until the transaction ends.
        """
        status = parcels.c.seller_status
        cancelled = (status == SellerStatus.CANCELED.value) & (
            parcels.c.cancelled_seen_at > stopped_since
        )
        ready = status.is_(None) | status.in_(_NOT_LEFT_YET)
        query = (
            select(parcels)
            .where(
                parcels.c.tracking_number.is_not(None),
                parcels.c.order_number.is_not(None),
                parcels.c.archived_at.is_(None),
                parcels.c.scanned.is_(False),
                parcels.c.handed_over_at.is_(None) | parcels.c.handover_assumed.is_(True),
                parcels.c.superseded_at.is_(None) | (parcels.c.superseded_at > stopped_since),
                ready | cancelled,
            )
            .order_by(parcels.c.id)
        )
        if shop is not None:
            query = query.where(parcels.c.shop == shop)
        if lock:
            query = query.with_for_update()
        return tuple(record_of(row, now) for row in self._connection.execute(query).mappings())

    def shops(self) -> tuple[str | None, ...]:
        """
        Every shop that has live parcels of an order.
        """
        query = (
            select(parcels.c.shop)
            .where(live(), parcels.c.order_number.is_not(None))
            .distinct()
            .order_by(parcels.c.shop)
        )
        return tuple(self._connection.execute(query).scalars())

    def count(self) -> int:
        """
        How many parcels are stored.
        """
        return self._connection.execute(select(func.count()).select_from(parcels)).scalar_one()
