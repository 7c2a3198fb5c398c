"""
Order rows into the watch list: idempotent, whole file or nothing, buyer data never seen.

Rows that share a number and an order are items of one parcel. What the rules of contract.md
("Import") leave open is decided here and said in the docstrings.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tracker.cadence import Watch, is_archived
from tracker.model import (
    ImportResult,
    OrderRow,
    ReadyToShipSource,
    RefusedRow,
    SellerStatus,
    UsageError,
)
from tracker.numbers import assign, normalise, s10_check_digit_ok
from tracker.stations import country_code, parse_station
from tracker.store.parcels import ParcelDraft
from tracker.watching import settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tracker.deadlines import Deadlines
    from tracker.settings import Settings
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

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


@dataclass(slots=True)
class _Tally:
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    no_number: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def count(self, rows: int, *, new: bool, changed: bool) -> None:
        """
        The rows of one parcel are counted.
        """
        if new:
            self.added += rows
        elif changed:
            self.updated += rows
        else:
            self.unchanged += rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """
    One import: ``observed_at`` is when the file's facts were exported, for messages (R27).
    """

    tx: Transaction
    deadlines: Deadlines
    now: datetime
    observed_at: datetime
    shop: str | None = None

    @property
    def _settings(self) -> Settings:
        return self.deadlines.settings

    def take(self, file: str, rows: Sequence[OrderRow]) -> ImportResult:
        """
        Every row is on the watch list or refused with its reason.

        Raises :class:`UsageError` when a row's shop cannot be told; nothing is written then.
        """
        tally = _Tally()
        rows = [replace(row, shop=self._shop_of(file, row)) for row in rows]
        by_number: dict[str, list[OrderRow]] = defaultdict(list)
        unnumbered: list[OrderRow] = []
        for row in _last_of_each_item(rows):
            if row.tracking_number:
                by_number[row.tracking_number].append(row)
            else:
                unnumbered.append(row)
        for number, members in by_number.items():
            self._take_number(file, number, members, tally)
        for row in unnumbered:
            self._take_unnumbered(row, tally)
        tally.warnings += self._unconfigured(rows)
        doubled = len(rows) - sum(map(len, by_number.values())) - len(unnumbered)
        tally.unchanged += doubled
        return ImportResult(
            added=tally.added,
            updated=tally.updated,
            unchanged=tally.unchanged,
            refused=tuple(tally.refused),
            no_number=tally.no_number,
            warnings=tuple(tally.warnings),
        )

    def _shop_of(self, file: str, row: OrderRow) -> str:
        only = self._settings.shops[0].name if len(self._settings.shops) == 1 else None
        shop = self.shop or row.shop or only
        if shop is None:
            raise UsageError(
                f"{file}, line {row.line}: the shop is not known; "
                "give --shop NAME or a Shop column, or configure exactly one shop."
            )
        return shop

    def _unconfigured(self, rows: Iterable[OrderRow]) -> list[str]:
        named = dict.fromkeys(row.shop for row in rows)
        return [
            f"shop {name!r} is not configured: its alerts go to the operator."
            for name in named
            if self._settings.shop(name) is None
        ]

    def _take_number(self, file: str, number: str, members: list[OrderRow], tally: _Tally) -> None:
        order = members[0].order_number
        known = self._known(number, members)
        if known is not None and known.parcel.order_number is not None:
            order = known.parcel.order_number
        own = [row for row in members if row.order_number == order]
        for row in members:
            if row.order_number != order:
                tally.refused.append(_two_orders(file, number, row, order))
        if not own:
            return
        if s10_check_digit_ok(number) is False:
            tally.warnings.append(
                f"{file}, line {own[0].line}: {number} has a wrong check digit; it is watched."
            )
        before = self.tx.parcels.draft(known.parcel.id) if known else None
        draft = self._draft(number, own, before)
        new = before is None or before.order_number is None
        parcel_id = known.parcel.id if known else self.tx.parcels.add(draft, self.now)
        changed = self._place_items(parcel_id, own) or _differs(draft, before)
        if known is not None and known.superseded_at is not None:
            self.tx.parcels.restore(parcel_id)
            changed = True
        moved = self._with_handover_of_replaced(parcel_id, draft)
        if known is not None or moved != draft:
            self.tx.parcels.change(parcel_id, moved)
        if changed:
            if known is not None:  # a new parcel has no events yet
                self.tx.looks.resummarise(parcel_id)
            settle(self.tx, parcel_id, self.deadlines, self.now)
        tally.count(len(own), new=new, changed=changed)

    def _known(self, number: str, members: Sequence[OrderRow]) -> WatchRecord | None:
        """
        The live parcel that bears the number, else one of these orders that bore it.
        """
        orders = {row.order_number for row in members}
        known = self.tx.parcels.by_number(number, self.now)
        live = [one for one in known if one.superseded_at is None and one.archived_at is None]
        past = [one for one in known if one.parcel.order_number in orders]
        return next(iter((*live, *past)), None)

    def _place_items(self, parcel_id: int, rows: Iterable[OrderRow]) -> bool:
        """
        The items lie in this parcel now; what they left empty is gone or superseded (R24).
        """
        changed = False
        for row in rows:
            for key in {_item_key(row), _unnumbered_key(row)}:
                left = self.tx.parcels.item_parcel(row.order_number, key)
                if key == _item_key(row):
                    changed |= self.tx.parcels.place_item(parcel_id, row.order_number, key, row.sku)
                elif left is not None:
                    self.tx.parcels.place_item(parcel_id, row.order_number, key, row.sku)
                if left is not None and left != parcel_id:
                    self._leave(left, parcel_id)
        return changed

    def _leave(self, left: int, parcel_id: int) -> None:
        if self.tx.parcels.item_count(left):
            return
        record = self.tx.parcels.get(left, self.now)
        if record is None:
            return
        if record.parcel.tracking_number is None:
            self.tx.parcels.remove(left)
        elif not record.parcel.scanned:
            self._move_handover(record.parcel.id, parcel_id)
            self.tx.parcels.supersede(left, self.now)

    def _move_handover(self, left: int, parcel_id: int) -> None:
        """
        A given hand-over moves along with the items (promises.md R24).
        """
        old = self.tx.parcels.draft(left)
        new = self.tx.parcels.draft(parcel_id)
        if old.handed_over_at is None or old.handover_assumed:
            return
        if new.handed_over_at is None or new.handover_assumed:
            moved = replace(
                new,
                handed_over_at=old.handed_over_at,
                handover_assumed=False,
                courier=new.courier or old.courier,
                waybill=new.waybill or old.waybill,
            )
            self.tx.parcels.change(parcel_id, self.deadlines.derived(moved))

    def _with_handover_of_replaced(self, parcel_id: int, draft: ParcelDraft) -> ParcelDraft:
        stored = self.tx.parcels.draft(parcel_id)
        if stored.handed_over_at is None or stored.handover_assumed:
            return draft
        if draft.handed_over_at is not None and not draft.handover_assumed:
            return draft
        moved = replace(
            draft,
            handed_over_at=stored.handed_over_at,
            handover_assumed=False,
            courier=draft.courier or stored.courier,
            waybill=draft.waybill or stored.waybill,
        )
        return self.deadlines.derived(moved)

    def _take_unnumbered(self, row: OrderRow, tally: _Tally) -> None:
        """
        A row without a number is kept, so that its number is noticed when it comes.
        """
        tally.no_number += 1
        key = _unnumbered_key(row)
        known = self.tx.parcels.item_parcel(row.order_number, key)
        if known is not None:
            record = self.tx.parcels.get(known, self.now)
            if record is not None and record.parcel.tracking_number is not None:
                return  # the number is known already: an older export says less
            before = self.tx.parcels.draft(known)
            self.tx.parcels.change(known, self._draft(None, [row], before))
            return
        parcel_id = self.tx.parcels.add(self._draft(None, [row], None), self.now)
        self.tx.parcels.place_item(parcel_id, row.order_number, key, row.sku)

    def _draft(
        self, number: str | None, rows: Sequence[OrderRow], before: ParcelDraft | None
    ) -> ParcelDraft:
        """
        The parcel as the file and what was known before say together; the file wins.
        """
        old = before or ParcelDraft(tracking_number=number, order_number=rows[0].order_number)
        row = _joined(rows)
        shop = self._settings.shop(row.shop)
        station_text = row.station or old.station
        station = parse_station(station_text) if station_text else None
        assigned = assign(
            number or "",
            station=station_text,
            service_text=row.service_text,
            shop_override=shop.service if shop else None,
        )
        status = _status_of(rows) or old.seller_status
        draft = replace(
            old,
            order_number=row.order_number,
            shop=row.shop,
            country=(country_code(row.country) if row.country else None)
            or (station.country if station else None)
            or (shop.country if shop else None)
            or old.country,
            service=assigned.service or old.service,
            carrier=assigned.carrier if number else None,
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
        )
        draft = self._with_status_times(draft, old, observed=bool(_status_of(rows)))
        draft = self.deadlines.derived(_with_ready_to_ship(draft, row, self.now))
        return replace(draft, archived_at=self._archived_at(draft, old))

    def _archived_at(self, draft: ParcelDraft, old: ParcelDraft) -> datetime | None:
        """
        Orders older than 95 days are kept and open no alert (contract.md, import).
        """
        watch = Watch(key="", first_seen_at=self.now, created_at=draft.created_at)
        return (old.archived_at or self.now) if is_archived(watch, self.now) else None

    def _with_status_times(
        self, draft: ParcelDraft, old: ParcelDraft, *, observed: bool
    ) -> ParcelDraft:
        cancelled = draft.seller_status is SellerStatus.CANCELED
        return replace(
            draft,
            seller_status_at=self.observed_at if observed else old.seller_status_at,
            cancelled_seen_at=(old.cancelled_seen_at or self.now) if cancelled else None,
        )


def _last_of_each_item(rows: Iterable[OrderRow]) -> list[OrderRow]:
    """
    The same item twice: the last wins (contract.md). Numbers are normalised here.
    """
    kept: dict[tuple[str, str], OrderRow] = {}
    for row in rows:
        number = normalise(row.tracking_number) if row.tracking_number else None
        row = replace(row, tracking_number=number or None)  # noqa: PLW2901 - the same row, clean
        kept[(row.order_number, _item_key(row))] = row
    return list(kept.values())


def _item_key(row: OrderRow) -> str:
    """
    What an order item is known by: its id; without one, its SKU and number together.

    Without an id two rows of one SKU may be two parcels, so a changed number cannot be noticed.
    """
    if row.order_item_id:
        return f"id:{row.order_item_id}"
    return f"sku:{row.sku or ''}|{row.tracking_number or ''}"


def _unnumbered_key(row: OrderRow) -> str:
    """
    The item as it was known before it had a number.
    """
    return _item_key(replace(row, tracking_number=None))


def _differs(draft: ParcelDraft, before: ParcelDraft | None) -> bool:
    """
    True if the file says something new; that it says the same later is no news.
    """
    return before is None or replace(draft, seller_status_at=before.seller_status_at) != before


def _two_orders(file: str, number: str, row: OrderRow, order: str) -> RefusedRow:
    reason = (
        f"{number} already belongs to order {order}; "
        f"the same number under order {row.order_number} was refused."
    )
    return RefusedRow(file=file, line=row.line, reason=reason)


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
    if draft.created_at is not None:
        return draft.created_at, ReadyToShipSource.CREATED
    return now, ReadyToShipSource.FIRST_SEEN
