"""
Alerts as people and programs look through them, newest first, within what somebody may see.

Who is bound to shops sees the alerts on parcels of those shops. Alerts about the watching itself
list parcels of every shop and are the operators'.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import select

from tracker.store.room import Room
from tracker.store.tables import alerts, parcels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection, Select

    from tracker.model import Alert, AlertKind
    from tracker.store.alerts import Alerts

Scope: TypeAlias = "frozenset[str] | None"


class AlertBoard(Room):
    """
    Reads alerts within a scope.
    """

    def __init__(self, connection: Connection, alerts_of_all: Alerts) -> None:
        super().__init__(connection)
        self._alerts = alerts_of_all

    def page(
        self,
        scope: Scope,
        *,
        state: str,
        shop: str | None = None,
        kind: AlertKind | None = None,
        before: int | None = None,
        limit: int,
    ) -> tuple[Alert, ...]:
        """
        Up to ``limit`` alerts behind ``before``; ``state`` is ``open``, ``closed`` or ``all``.
        """
        query = select(alerts.c.id).where(*_within(scope)).order_by(alerts.c.id.desc())
        if state != "all":
            open_ones = alerts.c.closed_at.is_(None)
            query = query.where(open_ones if state == "open" else ~open_ones)
        if shop is not None:
            query = query.where(alerts.c.shop == shop)
        if kind is not None:
            query = query.where(alerts.c.kind == kind.value)
        if before is not None:
            query = query.where(alerts.c.id < before)
        return self._read(scope, query.limit(limit))

    def get(self, scope: Scope, alert_id: int) -> Alert | None:
        """
        One alert, if it is within the scope.
        """
        query = select(alerts.c.id).where(alerts.c.id == alert_id, *_within(scope))
        return next(iter(self._read(scope, query)), None)

    def on_parcel(self, scope: Scope, parcel_id: int) -> tuple[Alert, ...]:
        """
        The parcel's own alerts, then those about the watching that list it, oldest first each.
        """
        own = select(alerts.c.id).where(alerts.c.parcel_id == parcel_id, *_within(scope))
        found = self._read(scope, own.order_by(alerts.c.id))
        return found if scope is not None else (*found, *self._alerts.covering(parcel_id))

    def _read(self, scope: Scope, query: Select[int]) -> tuple[Alert, ...]:
        ids = self._connection.execute(query).scalars().all()
        found = self._alerts.several(ids)
        return tuple(_told_within(scope, (found[one] for one in ids if one in found)))


def _within(scope: Scope) -> Iterator[ColumnElement[bool]]:
    """
    Both the alert and its parcel belong to a shop in scope: a parcel may have changed hands.
    """
    if scope is not None:
        shops = sorted(scope)
        yield alerts.c.shop.in_(shops)
        yield alerts.c.parcel_id.in_(select(parcels.c.id).where(parcels.c.shop.in_(shops)))


def _told_within(scope: Scope, found: Iterable[Alert]) -> Iterator[Alert]:
    """
    The alerts with the deliveries of the shops in scope only.
    """
    for alert in found:
        yield (
            alert
            if scope is None
            else replace(
                alert, deliveries=tuple(one for one in alert.deliveries if one.shop in scope)
            )
        )
