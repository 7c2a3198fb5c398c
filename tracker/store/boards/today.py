"""
What needs a person now: open alerts by shop and kind, and parcels to be looked up by hand.

``scope`` is the shops that somebody may see; ``None`` means all, and what belongs to no shop too.
The operator's kinds, which are about the watching itself, are a list of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, not_, or_, select, true

from tracker.model import AlertKind, AlertState
from tracker.store.conditions import live
from tracker.store.records import record_of
from tracker.store.room import Room
from tracker.store.tables import alerts, parcels, snoozes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Join

    from tracker.store.records import WatchRecord

    Scope = frozenset[str] | None

_OPERATORS = [kind.value for kind in AlertKind if kind.is_operators]
_MARKED = [AlertState.ACKNOWLEDGED.value, AlertState.ACTED.value]


class View(StrEnum):
    """
    Which open alerts are meant: nobody has done anything yet; somebody has; it is put off.
    """

    TODO = "todo"
    IN_HAND = "in-hand"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """
    The open alerts of one kind on one shop's parcels.

    ``newest`` is the highest id among them; ``first_cancel_at`` the next automatic cancellation
    that is still to come, ``first_deadline`` the oldest deadline.
    """

    shop: str | None
    kind: AlertKind
    count: int
    newest: int
    first_cancel_at: datetime | None
    first_deadline: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandGroup:
    """
    How many parcels of a shop are to be looked up by hand, and the first one's cancellation.
    """

    shop: str | None
    count: int
    first_cancel_at: datetime | None


class TodayBoard(Room):
    """
    Reads what the page of the day shows.
    """

    def totals(self, now: datetime, scope: Scope) -> dict[View, int]:
        """
        How many alerts stand in each view.
        """
        columns = [func.count().filter(_in(view, now)).label(view.name) for view in View]
        query = select(*columns).select_from(alerts).where(_open(scope))
        row = self._connection.execute(query).mappings().one()
        return {view: int(row[view.name]) for view in View}

    def groups(self, now: datetime, scope: Scope, view: View) -> tuple[AlertGroup, ...]:
        """
        The view's alerts by shop and kind: whose order is cancelled first stands first.
        """
        coming = case((parcels.c.auto_cancel_at > now, parcels.c.auto_cancel_at))
        cancel, deadline = func.min(coming), func.min(alerts.c.deadline)
        query = (
            select(
                alerts.c.shop,
                alerts.c.kind,
                func.count().label("count"),
                func.max(alerts.c.id).label("newest"),
                cancel.label("cancel"),
                deadline.label("deadline"),
            )
            .select_from(_with_parcels())
            .where(_open(scope), _in(view, now))
            .group_by(alerts.c.shop, alerts.c.kind)
            .order_by(
                cancel.is_(None), cancel, deadline.is_(None), deadline, alerts.c.shop, alerts.c.kind
            )
        )
        return tuple(
            AlertGroup(
                shop=row["shop"],
                kind=AlertKind(row["kind"]),
                count=row["count"],
                newest=row["newest"],
                first_cancel_at=row["cancel"],
                first_deadline=row["deadline"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def first_of_each(
        self, now: datetime, scope: Scope, view: View, most: int
    ) -> Mapping[tuple[str | None, AlertKind], tuple[int, ...]]:
        """
        The ids of the ``most`` most urgent alerts of each group, in their order.
        """
        place = func.row_number().over(
            partition_by=(alerts.c.shop, alerts.c.kind), order_by=_hurry(now)
        )
        ranked = (
            select(alerts.c.id, alerts.c.shop, alerts.c.kind, place.label("place"))
            .select_from(_with_parcels())
            .where(_open(scope), _in(view, now))
            .subquery()
        )
        query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.place)
        found: dict[tuple[str | None, AlertKind], tuple[int, ...]] = {}
        for row in self._connection.execute(query).mappings():
            key = (row["shop"], AlertKind(row["kind"]))
            found[key] = (*found.get(key, ()), row["id"])
        return found

    def of_group(
        self,
        now: datetime,
        view: View,
        shop: str | None,
        kind: AlertKind,
        *,
        limit: int,
        offset: int = 0,
        newest: int | None = None,
    ) -> tuple[int, ...]:
        """
        The ids of one group's alerts, most urgent first; none that is newer than ``newest``.
        """
        query = (
            select(alerts.c.id)
            .select_from(_with_parcels())
            .where(
                _open(None),
                _in(view, now),
                alerts.c.shop.is_(None) if shop is None else alerts.c.shop == shop,
                alerts.c.kind == kind.value,
                true() if newest is None else alerts.c.id <= newest,
            )
            .order_by(*_hurry(now))
            .limit(limit)
            .offset(offset)
        )
        return tuple(self._connection.execute(query).scalars())

    def operators(self) -> tuple[int, ...]:
        """
        The ids of the open alerts about the watching itself, oldest first.
        """
        query = (
            select(alerts.c.id)
            .where(alerts.c.closed_at.is_(None), alerts.c.kind.in_(_OPERATORS))
            .order_by(alerts.c.opened_at, alerts.c.id)
        )
        return tuple(self._connection.execute(query).scalars())

    def wants_fresh_orders(self, scope: Scope) -> tuple[str | None, ...]:
        """
        The shops of which an order status is too old to decide by.
        """
        query = (
            select(alerts.c.shop)
            .where(
                alerts.c.closed_at.is_(None),
                alerts.c.kind == AlertKind.STALE_ORDERS.value,
                _of(scope, alerts.c.shop),
            )
            .distinct()
            .order_by(alerts.c.shop)
        )
        return tuple(self._connection.execute(query).scalars())

    def hand_groups(self, now: datetime, scope: Scope) -> tuple[HandGroup, ...]:
        """
        The shops with parcels that no look could check, whose order is cancelled first foremost.
        """
        coming = case((parcels.c.auto_cancel_at > now, parcels.c.auto_cancel_at))
        cancel = func.min(coming)
        query = (
            select(parcels.c.shop, func.count().label("count"), cancel.label("cancel"))
            .where(_unchecked(scope))
            .group_by(parcels.c.shop)
            .order_by(cancel.is_(None), cancel, parcels.c.shop)
        )
        return tuple(
            HandGroup(shop=row["shop"], count=row["count"], first_cancel_at=row["cancel"])
            for row in self._connection.execute(query).mappings()
        )

    def by_hand(
        self, now: datetime, scope: Scope, shop: str | None, *, limit: int, offset: int = 0
    ) -> tuple[WatchRecord, ...]:
        """
        A shop's parcels that no look could check, whose order is cancelled first foremost.
        """
        cancel = parcels.c.auto_cancel_at
        order = (cancel.is_(None), cancel, parcels.c.id)
        # Thousands may stand there in an outage: their ids are sorted, and few rows are read.
        first = (
            select(parcels.c.id)
            .where(
                _unchecked(scope),
                parcels.c.shop.is_(None) if shop is None else parcels.c.shop == shop,
            )
            .order_by(*order)
            .limit(limit)
            .offset(offset)
        )
        query = select(parcels).where(parcels.c.id.in_(first)).order_by(*order)
        return tuple(record_of(row, now) for row in self._connection.execute(query).mappings())

    def next_deadline(self, now: datetime, scope: Scope) -> datetime | None:
        """
        When the next watched parcel becomes late if it is not scanned before.
        """
        query = (
            select(parcels.c.scan_deadline)
            .where(
                parcels.c.scan_deadline > now,
                parcels.c.scanned.is_(False),
                parcels.c.next_look_at.is_not(None),
                live(),
                _of(scope, parcels.c.shop),
            )
            .order_by(parcels.c.scan_deadline)
            .limit(1)
        )
        at: datetime | None = self._connection.execute(query).scalar()
        return at


def _of(scope: Scope, shop: Column[str]) -> ColumnElement[bool]:
    return true() if scope is None else shop.in_(sorted(scope))


def _open(scope: Scope) -> ColumnElement[bool]:
    """
    Open alerts on parcels of these shops.
    """
    return and_(
        alerts.c.closed_at.is_(None), alerts.c.kind.not_in(_OPERATORS), _of(scope, alerts.c.shop)
    )


def _in(view: View, now: datetime) -> ColumnElement[bool]:
    quiet = select(snoozes.c.subject).where(snoozes.c.until > now)
    shops_subject = "shop:" + func.coalesce(alerts.c.shop, "")
    snoozed = or_(alerts.c.subject.in_(quiet), shops_subject.in_(quiet))
    match view:
        case View.SNOOZED:
            return snoozed
        case View.IN_HAND:
            return and_(alerts.c.state.in_(_MARKED), not_(snoozed))
        case View.TODO:
            return and_(alerts.c.state == AlertState.OPEN.value, not_(snoozed))


def _with_parcels() -> Join:
    return alerts.outerjoin(parcels, parcels.c.id == alerts.c.parcel_id)


def _hurry(now: datetime) -> tuple[ColumnElement[Any], ...]:
    """
    Orders that can still be saved first, by their cancellation; then by the alert's deadline.
    """
    coming = case((parcels.c.auto_cancel_at > now, parcels.c.auto_cancel_at))
    deadline = alerts.c.deadline
    return (coming.is_(None), coming, deadline.is_(None), deadline, alerts.c.id)


def _unchecked(scope: Scope) -> ColumnElement[bool]:
    return and_(
        live(),
        parcels.c.unverified_since.is_not(None),
        parcels.c.scanned.is_(False),
        parcels.c.tracking_number.is_not(None),
        _of(scope, parcels.c.shop),
    )
