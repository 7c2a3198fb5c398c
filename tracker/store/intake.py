"""
Orders in: parcels and their items as imports and hand-overs write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.store.drafts import COUNTED_COLUMNS, DRAFT_COLUMNS, draft_of, draft_values, turn_kept
from tracker.store.parts import in_parts
from tracker.store.room import ParcelRoom, inserted_id
from tracker.store.tables import items, parcels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tracker.store.drafts import ParcelDraft

#: Any number of ours: PostgreSQL's advisory lock around imports.
_IMPORTING = 5_711_4436


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedItem:
    """
    Which parcel an order item lies in.
    """

    parcel_id: int
    sku: str | None


class Intake(ParcelRoom):
    """
    Writes what files and people say of parcels.
    """

    def one_imports_at_a_time(self) -> None:
        """
        Until the transaction ends no other import writes: both would add the same new parcel.

        SQLite has one writer anyway.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_IMPORTING)))

    def add(self, draft: ParcelDraft, now: datetime) -> int:
        """
        A new parcel on the watch list; its id.
        """
        values = _new_values(draft, now)
        result = self._connection.execute(insert(parcels).values(**values))
        return inserted_id(result)

    def add_all(self, drafts: Sequence[ParcelDraft], now: datetime) -> Sequence[int]:
        """
        Several new parcels on the watch list; their ids in the order of the drafts.
        """
        if not drafts:
            return ()
        statement = insert(parcels).returning(parcels.c.id, sort_by_parameter_order=True)
        rows = [_new_values(draft, now) for draft in drafts]
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
        self._set(parcel_id, **draft_values(draft), next_carrier=turn_kept(draft))

    def recounted(self, drafts: Mapping[int, ParcelDraft]) -> None:
        """
        The parcels, by id, have the drafts' instants; nothing else of them changes.
        """
        if drafts:
            self._connection.execute(
                update(parcels).where(parcels.c.id == bindparam("of")),
                [
                    {"of": parcel_id, **{name: getattr(draft, name) for name in COUNTED_COLUMNS}}
                    for parcel_id, draft in drafts.items()
                ],
            )

    def draft(self, parcel_id: int) -> ParcelDraft:
        """
        The facts of a stored parcel, to be changed and given back.

        Other writers are kept out until the transaction ends: they would be overwritten.
        """
        return self.drafts([parcel_id])[parcel_id]

    def drafts(self, parcel_ids: Iterable[int], *, lock: bool = True) -> dict[int, ParcelDraft]:
        """
        The facts of several parcels by id, as :meth:`draft` gives them.

        Without ``lock`` they are for reading only.
        """
        columns = [parcels.c[name] for name in DRAFT_COLUMNS]
        found: dict[int, ParcelDraft] = {}
        for part in in_parts(parcel_ids):
            query = (
                select(parcels.c.id, *columns).where(parcels.c.id.in_(part)).order_by(parcels.c.id)
            )
            query = query.with_for_update() if lock else query
            for row in self._connection.execute(query).mappings():
                found[row["id"]] = draft_of(row)
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


def _new_values(draft: ParcelDraft, now: datetime) -> dict[str, Any]:
    """
    A new parcel's columns: its own carrier is asked first.
    """
    return draft_values(draft) | {"first_seen_at": now, "next_carrier": draft.carrier}
