"""
What a file's rows and what was known before say of one parcel together. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tracker.model import OrderRow, ReadyToShipSource, SellerStatus
from tracker.numbers import assign, other_carrier
from tracker.planning.cadence import Watch, is_archived
from tracker.stations import country_code, parse_station
from tracker.store.parcels import ParcelDraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tracker.numbers import Assignment
    from tracker.planning.deadlines import Deadlines

#: How far an item has come; a parcel is as far as its furthest item that was not cancelled.
_PROGRESS = (
    SellerStatus.UNKNOWN,
    SellerStatus.PENDING,
    SellerStatus.READY_TO_SHIP,
    SellerStatus.SHIPPED,
    SellerStatus.FAILED,
    SellerStatus.RETURNED,
    SellerStatus.DELIVERED,
)
_SOURCE_RANK = {
    None: 0,
    ReadyToShipSource.FIRST_SEEN: 1,
    ReadyToShipSource.CREATED: 2,
    ReadyToShipSource.STATUS_CHANGE: 3,
    ReadyToShipSource.GIVEN: 4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafter:
    """
    Drafts parcels at one instant; ``observed_at`` is when the file's facts were exported (R27).
    """

    deadlines: Deadlines
    now: datetime
    observed_at: datetime

    def draft(
        self, number: str | None, rows: Sequence[OrderRow], before: ParcelDraft | None
    ) -> ParcelDraft:
        """
        The parcel as the file and what was known before say together; the file wins.
        """
        old = before or ParcelDraft(tracking_number=number, order_number=rows[0].order_number)
        row = _joined(rows)
        shop = self.deadlines.settings.shop(row.shop)
        station_text = row.station or old.station
        station = parse_station(station_text) if station_text else None
        assigned = assign(
            number or "",
            station=station_text,
            service_text=row.service_text,
            shop_override=shop.service if shop else None,
        )
        if _still_doubtful(row, old, assigned):
            assigned = replace(assigned, service=old.service, carrier=old.carrier, doubtful=True)
        observed = _status_of(rows)
        status = observed or old.seller_status
        draft = replace(
            old,
            order_number=row.order_number,
            shop=row.shop,
            country=(country_code(row.country) if row.country else None)
            or (station.country if station else None)
            or (shop.country if shop else None)
            or old.country,
            service=assigned.service or old.service,
            **_carriers(assigned, old, named=station is not None and station.named),
            station=station_text,
            centre=(station.centre if station else None) or old.centre,
            seller_status=status,
            seller_status_text=row.status_text or old.seller_status_text,
            created_at=row.created_at or old.created_at,
            handed_over_at=row.handed_over_at or old.handed_over_at,
            handover_assumed=row.handed_over_at is None and old.handover_assumed,
            courier=row.courier or old.courier,
            waybill=row.waybill or old.waybill,
            sku=row.sku or old.sku,
            seller_status_at=self.observed_at if observed is not None else old.seller_status_at,
            cancelled_seen_at=(old.cancelled_seen_at or self.now)
            if status is SellerStatus.CANCELED
            else None,
        )
        draft = self.deadlines.derived(_with_ready_to_ship(draft, row, self.now))
        archived_at = self._archived_at(draft, old)
        return (
            draft if draft.archived_at == archived_at else replace(draft, archived_at=archived_at)
        )

    def _archived_at(self, draft: ParcelDraft, old: ParcelDraft) -> datetime | None:
        """
        Orders older than 95 days are kept and open no alert (contract.md, import).
        """
        watch = Watch(key="", first_seen_at=self.now, created_at=draft.created_at)
        return (old.archived_at or self.now) if is_archived(watch, self.now) else None


def _still_doubtful(row: OrderRow, old: ParcelDraft, assigned: Assignment) -> bool:
    """
    True while no file settles a doubt that an earlier one raised: this one has no such fields.
    """
    silent = row.service_text is None and row.station is None
    return silent and old.second_carrier is not None and not assigned.overridden


def _carriers(assigned: Assignment, old: ParcelDraft, *, named: bool) -> dict[str, Any]:
    """
    Whose portals show the parcel: both where field and number disagree (contract.md).
    """
    if assigned.carrier is None:
        kept = None if named else old.carrier
        return {"carrier": kept, "second_carrier": old.second_carrier if kept else None}
    second = other_carrier(assigned.carrier) if assigned.doubtful else None
    return {"carrier": assigned.carrier, "second_carrier": second}


def differs(draft: ParcelDraft, before: ParcelDraft | None) -> bool:
    """
    True if the file says something new; that it says the same later is no news.
    """
    return before is None or replace(draft, seller_status_at=before.seller_status_at) != before


def heir_of(draft: ParcelDraft, replaced: ParcelDraft) -> ParcelDraft:
    """
    The draft with what was known of the parcel it replaces, where it knows nothing better (R24).

    The order's time and its ready-to-ship time, on which its cancellation rests; a given hand-over.
    """
    draft = replace(draft, created_at=draft.created_at or replaced.created_at)
    guessed = draft.ready_to_ship_source in {None, ReadyToShipSource.FIRST_SEEN}
    if guessed and replaced.ready_to_ship_at is not None:
        draft = replace(
            draft,
            ready_to_ship_at=replaced.ready_to_ship_at,
            ready_to_ship_source=replaced.ready_to_ship_source,
        )
    return _with_handover_of(draft, replaced)


def _with_handover_of(draft: ParcelDraft, replaced: ParcelDraft) -> ParcelDraft:
    if replaced.handed_over_at is None or replaced.handover_assumed:
        return draft
    if draft.handed_over_at is not None and not draft.handover_assumed:
        return draft
    return replace(
        draft,
        handed_over_at=replaced.handed_over_at,
        handover_assumed=False,
        courier=draft.courier or replaced.courier,
        waybill=draft.waybill or replaced.waybill,
    )


def _joined(rows: Sequence[OrderRow]) -> OrderRow:
    """
    One row that says what the parcel's items say together: the last word on each field.
    """
    joined = rows[0]
    for row in rows[1:]:
        given = {
            name: getattr(row, name)
            for name in OrderRow.__slots__
            if getattr(row, name) is not None
        }
        joined = replace(joined, **given)
    return joined


def _status_of(rows: Iterable[OrderRow]) -> SellerStatus | None:
    """
    The parcel's status from its items': cancelled only when every item is.
    """
    given = [row.status for row in rows if row.status is not None]
    shipped = [status for status in given if status is not SellerStatus.CANCELED]
    if shipped:
        return max(shipped, key=_PROGRESS.index)
    return SellerStatus.CANCELED if given else None


def _with_ready_to_ship(draft: ParcelDraft, row: OrderRow, now: datetime) -> ParcelDraft:
    """
    The best known ready-to-ship time with its label (promises.md R25); pending orders have none.
    """
    if draft.seller_status is SellerStatus.PENDING or draft.tracking_number is None:
        return draft
    at, source = _ready_to_ship(row, draft, now)
    if _SOURCE_RANK[source] <= _SOURCE_RANK[draft.ready_to_ship_source] and (
        source is not ReadyToShipSource.GIVEN
    ):
        return draft
    return replace(draft, ready_to_ship_at=at, ready_to_ship_source=source)


def _ready_to_ship(
    row: OrderRow, draft: ParcelDraft, now: datetime
) -> tuple[datetime, ReadyToShipSource]:
    if row.ready_to_ship_at is not None:
        return row.ready_to_ship_at, ReadyToShipSource.GIVEN
    if row.status is SellerStatus.READY_TO_SHIP and row.updated_at is not None:
        return row.updated_at, ReadyToShipSource.STATUS_CHANGE
    if row.ready_to_ship_seen_at is not None:
        return row.ready_to_ship_seen_at, ReadyToShipSource.FIRST_SEEN
    if draft.created_at is not None:
        return draft.created_at, ReadyToShipSource.CREATED
    return now, ReadyToShipSource.FIRST_SEEN
