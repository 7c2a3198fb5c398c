"""
The watch list: parcels and their order items, and the lease by which workers share them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import (
    CarrierName,
    Outcome,
    Parcel,
    ParcelState,
    ReadyToShipSource,
    SellerStatus,
    Service,
    Stage,
)
from tracker.store.parts import in_parts
from tracker.store.tables import alerts, items, looks, parcels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, CursorResult, RowMapping, Select

log = logging.getLogger(__name__)

#: A poisoned parcel steps aside for this long (promises.md R10).
PUT_OFF = timedelta(hours=1)


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
    put_off_until: datetime | None
    put_off_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedItem:
    """
    Which parcel an order item lies in.
    """

    parcel_id: int
    sku: str | None


_LIVE_FIRST = (
    parcels.c.archived_at.is_not(None),
    parcels.c.superseded_at.is_not(None),
    parcels.c.id.desc(),
)
_DRAFT_COLUMNS = tuple(field.name for field in fields(ParcelDraft))


class Parcels:
    """
    The watch list within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -- reading -----------------------------------------------------------------------------

    def get(self, parcel_id: int, now: datetime, *, lock: bool = False) -> WatchRecord | None:
        """
        One parcel by its id; ``lock`` keeps other writers out until the transaction ends.
        """
        query = select(parcels).where(parcels.c.id == parcel_id)
        if lock:
            query = query.with_for_update()
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _record(row, now)

    def records(self, when: Mapping[int, datetime]) -> Iterator[WatchRecord]:
        """
        Several parcels, each as it stands at its own instant; ids that do not exist are left out.
        """
        for part in in_parts(sorted(when)):
            query = select(parcels).where(parcels.c.id.in_(part)).order_by(parcels.c.id)
            for row in self._connection.execute(query).mappings():
                yield _record(row, when[row["id"]])

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
        return tuple(_record(row, now) for row in rows)

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
                found[number] = (*found.get(number, ()), _record(row, now))
        return found

    def by_order(self, order_number: str, now: datetime) -> tuple[WatchRecord, ...]:
        """
        The order's parcels, in the order of entry.
        """
        query = select(parcels).where(parcels.c.order_number == order_number).order_by(parcels.c.id)
        return tuple(_record(row, now) for row in self._connection.execute(query).mappings())

    def live(self, tracking_number: str, now: datetime) -> WatchRecord | None:
        """
        The one live parcel that bears the number.
        """
        query = select(parcels).where(parcels.c.tracking_number == tracking_number, _live())
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _record(row, now)

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
            parcel = _parcel(row, now)
            if state is None or parcel.state is state:
                yield parcel

    def shops(self) -> tuple[str | None, ...]:
        """
        Every shop that has live parcels of an order.
        """
        query = (
            select(parcels.c.shop)
            .where(_live(), parcels.c.order_number.is_not(None))
            .distinct()
            .order_by(parcels.c.shop)
        )
        return tuple(self._connection.execute(query).scalars())

    def count(self) -> int:
        """
        How many parcels are stored.
        """
        return self._connection.execute(select(func.count()).select_from(parcels)).scalar_one()

    # -- orders in ---------------------------------------------------------------------------

    def add(self, draft: ParcelDraft, now: datetime) -> int:
        """
        A new parcel on the watch list; its id.
        """
        values = _draft_values(draft) | {"first_seen_at": now}
        result = self._connection.execute(insert(parcels).values(**values))
        return inserted_id(result)

    def add_all(self, drafts: Sequence[ParcelDraft], now: datetime) -> Sequence[int]:
        """
        Several new parcels on the watch list; their ids in the order of the drafts.
        """
        if not drafts:
            return ()
        statement = insert(parcels).returning(parcels.c.id, sort_by_parameter_order=True)
        rows = [_draft_values(draft) | {"first_seen_at": now} for draft in drafts]
        return self._connection.execute(statement, rows).scalars().all()

    def status_seen(self, parcel_ids: Iterable[int], at: datetime) -> None:
        """
        The parcels' seller status was seen unchanged at ``at``.
        """
        for part in in_parts(parcel_ids):
            self._connection.execute(
                update(parcels).where(parcels.c.id.in_(part)).values(seller_status_at=at)
            )

    def change(self, parcel_id: int, draft: ParcelDraft) -> None:
        """
        The parcel has the draft's facts; what was learned by looking stays.
        """
        self._set(parcel_id, **_draft_values(draft))

    def draft(self, parcel_id: int) -> ParcelDraft:
        """
        The facts of a stored parcel, to be changed and given back.

        Other writers are kept out until the transaction ends: they would be overwritten.
        """
        return self.drafts([parcel_id])[parcel_id]

    def drafts(self, parcel_ids: Iterable[int]) -> dict[int, ParcelDraft]:
        """
        The facts of several parcels by id, as :meth:`draft` gives them.
        """
        columns = [parcels.c[name] for name in _DRAFT_COLUMNS]
        found: dict[int, ParcelDraft] = {}
        for part in in_parts(parcel_ids):
            query = (
                select(parcels.c.id, *columns)
                .where(parcels.c.id.in_(part))
                .order_by(parcels.c.id)
                .with_for_update()
            )
            for row in self._connection.execute(query).mappings():
                found[row["id"]] = _draft(row)
        return found

    def supersede(self, parcel_id: int, now: datetime) -> None:
        """
        The parcel's items travel under another number now (promises.md R24).
        """
        self._set(parcel_id, superseded_at=now, next_look_at=None, decide_at=now)

    def restore(self, parcel_id: int) -> None:
        """
        The items are back under this number: the parcel is watched again.
        """
        self._set(parcel_id, superseded_at=None)

    def remove(self, parcel_id: int) -> None:
        """
        A placeholder without a number is gone: its items have a parcel now.
        """
        self._connection.execute(delete(parcels).where(parcels.c.id == parcel_id))

    def archive(self, parcel_id: int, now: datetime) -> None:
        """
        The parcel is kept and watched no longer; one last decision takes it off the lists.
        """
        self._set(parcel_id, archived_at=now, next_look_at=None, decide_at=now)

    def items_of(self, order_numbers: Iterable[str]) -> dict[tuple[str, str], PlacedItem]:
        """
        Where the items of the orders lie, by order number and item key.
        """
        found: dict[tuple[str, str], PlacedItem] = {}
        for part in in_parts(order_numbers):
            query = select(items).where(items.c.order_number.in_(part))
            for row in self._connection.execute(query).mappings():
                place = PlacedItem(parcel_id=row["parcel_id"], sku=row["sku"])
                found[row["order_number"], row["item_key"]] = place
        return found

    def place_items(self, places: Mapping[tuple[str, str], PlacedItem]) -> None:
        """
        Each item (order number, item key) lies in its parcel now.
        """
        if not places:
            return
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(items)
        new = {"parcel_id": statement.excluded.parcel_id, "sku": statement.excluded.sku}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["order_number", "item_key"], set_=new),
            [
                {
                    "order_number": order,
                    "item_key": key,
                    "parcel_id": place.parcel_id,
                    "sku": place.sku,
                }
                for (order, key), place in sorted(places.items(), key=lambda entry: entry[0])
            ],
        )

    def item_count(self, parcel_id: int) -> int:
        """
        How many order items the parcel holds.
        """
        query = select(func.count()).select_from(items).where(items.c.parcel_id == parcel_id)
        return self._connection.execute(query).scalar_one()

    # -- polling -----------------------------------------------------------------------------

    def claim_due(
        self, carrier: CarrierName, now: datetime, *, limit: int, owner: str, lease: timedelta
    ) -> tuple[WatchRecord, ...]:
        """
        Up to ``limit`` parcels whose look is due, leased to ``owner``; no other worker gets them.

        A row that cannot be read is put off for an hour, the others are leased (promises.md R10).
        """
        query = (
            select(parcels)
            .where(
                parcels.c.next_carrier == carrier.value,
                parcels.c.next_look_at.is_not(None),
                parcels.c.next_look_at <= now,
                or_(parcels.c.lease_until.is_(None), parcels.c.lease_until <= now),
                _not_put_off(now),
            )
            .order_by(parcels.c.next_look_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        leased = []
        for row in self._connection.execute(query).mappings().all():
            try:
                leased.append(_record(row, now))
            except ValueError as error:  # an enum's text that this version does not know
                log.exception("parcel row %s cannot be read", row["id"])
                self.put_off(row["id"], now, f"the row cannot be read: {error}")
        if leased:
            self._connection.execute(
                update(parcels)
                .where(parcels.c.id.in_([one.parcel.id for one in leased]))
                .values(lease_until=now + lease, lease_owner=owner)
            )
        return tuple(leased)

    def release(self, parcel_ids: Iterable[int], owner: str) -> None:
        """
        The leases that ``owner`` still holds are given back.
        """
        self._connection.execute(
            update(parcels)
            .where(parcels.c.id.in_(list(parcel_ids)), parcels.c.lease_owner == owner)
            .values(lease_until=None, lease_owner=None)
        )

    def lock_free(self, parcel_ids: Iterable[int]) -> frozenset[int]:
        """
        Those of the parcels that no other transaction holds; they are this one's until it ends.

        Never waits, so that a transaction over many parcels cannot wait for one that waits for it.
        """
        query = (
            select(parcels.c.id)
            .where(parcels.c.id.in_(list(parcel_ids)))
            .with_for_update(skip_locked=True)
        )
        return frozenset(self._connection.execute(query).scalars())

    def plan(self, plans: Mapping[int, tuple[datetime | None, datetime | None]]) -> None:
        """
        Each parcel's next look and next decision are due then; ``None``: never.
        """
        if plans:
            self._connection.execute(
                update(parcels).where(parcels.c.id == bindparam("of")),
                [
                    {"of": parcel_id, "next_look_at": look_at, "decide_at": decide_at}
                    for parcel_id, (look_at, decide_at) in plans.items()
                ],
            )

    def schedule(self, parcel_id: int, next_look_at: datetime | None) -> None:
        """
        The next look at the parcel is due then; ``None``: never.
        """
        self._set(parcel_id, next_look_at=next_look_at)

    def look_soon(self, parcel_ids: Sequence[int], now: datetime) -> None:
        """
        The parcels are due for a look at once, unless nobody looks at them any more.

        What is due already keeps its place in the queue. A parcel that another transaction holds
        is left to it: waiting here, with deliveries locked, could be waiting for each other.
        """
        free = (
            select(parcels.c.id)
            .where(parcels.c.id.in_(list(parcel_ids)), parcels.c.next_look_at > now)
            .with_for_update(skip_locked=True)
        )
        self._connection.execute(
            update(parcels)
            .where(parcels.c.id.in_(list(self._connection.execute(free).scalars())))
            .values(next_look_at=now)
        )

    def due_count(self, carrier: CarrierName, now: datetime) -> int:
        """
        How many looks of the carrier are due.
        """
        query = (
            select(func.count())
            .select_from(parcels)
            .where(
                parcels.c.next_carrier == carrier.value,
                parcels.c.next_look_at.is_not(None),
                parcels.c.next_look_at <= now,
            )
        )
        return self._connection.execute(query).scalar_one()

    def is_watched(self, carrier: CarrierName) -> bool:
        """
        True when any parcel of the carrier is going to be looked at.
        """
        query = select(
            exists().where(
                parcels.c.next_carrier == carrier.value, parcels.c.next_look_at.is_not(None)
            )
        )
        return bool(self._connection.execute(query).scalar())

    def overdue_without_good_look(
        self, now: datetime, carrier: CarrierName | None = None
    ) -> tuple[int, ...]:
        """
        Parcels (of one carrier) past their deadline that nobody looked at successfully since.
        """
        query = self._unproved(now)
        if carrier is not None:
            query = query.where(parcels.c.next_carrier == carrier.value)
        return tuple(self._connection.execute(query).scalars())

    def reconsider(self, carrier: CarrierName, now: datetime) -> None:
        """
        The carrier can be trusted again: its late parcels are decided now, and looked at first.

        Locked in the order of their ids, as everywhere, so that two writers never wait in a circle.
        """
        late = (
            select(parcels.c.id)
            .where(
                or_(parcels.c.carrier == carrier.value, parcels.c.second_carrier == carrier.value),
                parcels.c.scan_deadline <= now,
                parcels.c.scanned.is_(False),
                parcels.c.order_number.is_not(None),
                _live(),
            )
            .order_by(parcels.c.id)
            .with_for_update()
        )
        for part in in_parts(self._connection.execute(late).scalars().all()):
            self._connection.execute(
                update(parcels).where(parcels.c.id.in_(part)).values(decide_at=now)
            )
        for part in in_parts(self.overdue_without_good_look(now, carrier)):
            self.look_soon(part, now)

    # -- deciding ----------------------------------------------------------------------------

    def to_decide(self, now: datetime, limit: int) -> tuple[int, ...]:
        """
        The parcels about which the decision may have changed, the longest waiting first.
        """
        query = (
            select(parcels.c.id)
            .where(parcels.c.decide_at <= now)
            .order_by(parcels.c.decide_at)
            .limit(limit)
        )
        return tuple(self._connection.execute(query).scalars())

    def decide_at(self, parcel_id: int, at: datetime | None) -> None:
        """
        The decision is due again then; ``None``: not before a fact changes.
        """
        self._set(parcel_id, decide_at=at)

    def unscanned_live(self) -> tuple[int, ...]:
        """
        Live unscanned parcels of an order: their deadlines follow the calendar, and they age.
        """
        query = select(parcels.c.id).where(
            _live(), parcels.c.scanned.is_(False), parcels.c.order_number.is_not(None)
        )
        return tuple(self._connection.execute(query).scalars())

    def perhaps_given_up(
        self, *, ordered_before: datetime, claimed_before: datetime
    ) -> tuple[int, ...]:
        """
        Live unscanned parcels that are old enough to be archived, by order, claim or sighting.
        """
        query = select(parcels.c.id).where(
            _live(),
            parcels.c.scanned.is_(False),
            parcels.c.order_number.is_not(None),
            or_(
                func.coalesce(parcels.c.created_at, parcels.c.first_seen_at) <= ordered_before,
                parcels.c.claimed_at <= claimed_before,
            ),
        )
        return tuple(self._connection.execute(query).scalars())

    def mark(
        self,
        parcel_id: int,
        *,
        unverified_since: datetime | None = None,
        urged_at: datetime | None = None,
        claimed_at: datetime | None = None,
    ) -> None:
        """
        The given marks are set; the others stay.
        """
        given = {
            "unverified_since": unverified_since,
            "urged_at": urged_at,
            "claimed_at": claimed_at,
        }
        values = {name: value for name, value in given.items() if value is not None}
        if values:
            self._set(parcel_id, **values)

    def verified(self, parcel_id: int) -> None:
        """
        The parcel is no longer among the unverified.
        """
        self._set(parcel_id, unverified_since=None)

    def put_off(self, parcel_id: int, now: datetime, reason: str) -> None:
        """
        A parcel that throws steps aside for an hour, and why is recorded (promises.md R10).
        """
        self._set(
            parcel_id,
            put_off_until=now + PUT_OFF,
            put_off_reason=reason[:500],
            lease_until=None,
            lease_owner=None,
        )

    def put_off_decision(self, parcel_id: int, now: datetime, reason: str) -> None:
        """
        Deciding about the parcel waits an hour; looking at it goes on (promises.md R10).
        """
        self._set(parcel_id, decide_at=now + PUT_OFF, put_off_reason=reason[:500])

    def put_back(self, parcel_id: int) -> None:
        """
        The parcel that had stepped aside is well again.
        """
        self._set(parcel_id, put_off_until=None, put_off_reason=None)

    def put_off_list(self) -> tuple[tuple[str | None, str], ...]:
        """
        Number and reason of each live parcel that stepped aside and is not well again.
        """
        query = select(parcels.c.tracking_number, parcels.c.put_off_reason).where(
            parcels.c.put_off_reason.is_not(None), _live()
        )
        return tuple((row[0], row[1]) for row in self._connection.execute(query))

    def awaits_verdict(self, shop: str | None, now: datetime) -> bool:
        """
        True while a late parcel of the shop has neither proof nor been told as unverified.

        One that throws and was put off holds up nobody (promises.md R10).
        """
        of_shop = parcels.c.shop.is_(None) if shop is None else parcels.c.shop == shop
        query = select(
            exists().where(
                of_shop,
                parcels.c.id.in_(self._unproved(now)),
                parcels.c.handover_assumed.is_(False),
                parcels.c.unverified_since.is_(None),
                _not_put_off(now),
            )
        )
        return bool(self._connection.execute(query).scalar())

    def with_open_alert(self, parcel_ids: Iterable[int]) -> frozenset[int]:
        """
        Those of the parcels that an alert is about which is not closed.
        """
        found: set[int] = set()
        for part in in_parts(parcel_ids):
            query = select(alerts.c.parcel_id).where(
                alerts.c.parcel_id.in_(part), alerts.c.closed_at.is_(None)
            )
            found.update(self._connection.execute(query).scalars())
        return frozenset(found)

    def _unproved(self, now: datetime) -> Select[int]:
        seen = exists().where(
            looks.c.parcel_id == parcels.c.id,
            looks.c.looked_at >= parcels.c.scan_deadline,
            looks.c.outcome.in_([outcome.value for outcome in Outcome if outcome.is_good]),
        )
        return select(parcels.c.id).where(
            parcels.c.next_look_at.is_not(None),
            parcels.c.scan_deadline <= now,
            parcels.c.scanned.is_(False),
            _live(),
            ~seen,
        )

    def _set(self, parcel_id: int, **values: Any) -> None:
        self._connection.execute(update(parcels).where(parcels.c.id == parcel_id).values(**values))


def inserted_id(result: CursorResult[Any]) -> int:
    """
    The id of the row that was just inserted.
    """
    key = result.inserted_primary_key
    if key is None:
        raise RuntimeError("the database gave no id for an inserted row")
    return int(key[0])


def _live() -> ColumnElement[bool]:
    return parcels.c.superseded_at.is_(None) & parcels.c.archived_at.is_(None)


def _not_put_off(now: datetime) -> ColumnElement[bool]:
    return or_(parcels.c.put_off_until.is_(None), parcels.c.put_off_until <= now)


_ENUMS = {
    "service": Service,
    "carrier": CarrierName,
    "seller_status": SellerStatus,
    "ready_to_ship_source": ReadyToShipSource,
}


def _draft(row: RowMapping) -> ParcelDraft:
    values = {name: row[name] for name in _DRAFT_COLUMNS}
    for name, kind in _ENUMS.items():
        if values[name] is not None:
            values[name] = kind(values[name])
    return ParcelDraft(**values)


def _draft_values(draft: ParcelDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in _DRAFT_COLUMNS}
    return values | {"next_carrier": draft.carrier}


def _record(row: RowMapping, now: datetime) -> WatchRecord:
    return WatchRecord(
        parcel=_parcel(row, now),
        cancelled_seen_at=row["cancelled_seen_at"],
        last_news_at=row["last_news_at"],
        failures=row["failures"],
        decide_at=row["decide_at"],
        superseded_at=row["superseded_at"],
        archived_at=row["archived_at"],
        unverified_since=row["unverified_since"],
        urged_at=row["urged_at"],
        claimed_at=row["claimed_at"],
        put_off_until=row["put_off_until"],
        put_off_reason=row["put_off_reason"],
    )


def _parcel(row: RowMapping, now: datetime) -> Parcel:
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


def _state(row: RowMapping, now: datetime) -> ParcelState:
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


def _given_handover(row: RowMapping) -> bool:
    return row["handed_over_at"] is not None and not row["handover_assumed"]
