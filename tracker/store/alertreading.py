"""
Alerts as they are read: with their parcels, proof, deliveries and snooze.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from tracker.model import (
    Alert,
    AlertKind,
    AlertState,
    CarrierName,
    ClosedBecause,
    Delivery,
    Outcome,
    Proof,
)
from tracker.store.deliveries import delivery_of
from tracker.store.parts import in_parts
from tracker.store.room import Room
from tracker.store.snoozes import Snooze, Snoozes, latest_of, shop_subject
from tracker.store.tables import alert_parcels, alerts, deliveries, looks, parcels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping, Select


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """
    An alert that its reader holds until the transaction ends.
    """

    id: int
    carrier: CarrierName | None


class AlertReading(Room):
    """
    Finds alerts, by what they are about or as a list.
    """

    def grown_since(self, alert_id: int, since: datetime) -> bool:
        """
        True if the operator's alert took parcels in after ``since``.
        """
        query = select(
            exists().where(alert_parcels.c.alert_id == alert_id, alert_parcels.c.added_at > since)
        )
        return bool(self._connection.execute(query).scalar())

    def open_on(self, subject: str, kind: AlertKind) -> OpenAlert | None:
        """
        The open alert of that kind on that subject; nobody else changes it in the meantime.

        Without the lock, one worker could close an operator's alert as empty while another one
        puts a parcel on its list, and that parcel would be told to nobody.
        """
        query = (
            select(alerts.c.id, alerts.c.carrier)
            .where(
                alerts.c.subject == subject,
                alerts.c.kind == kind.value,
                alerts.c.closed_at.is_(None),
            )
            .with_for_update()
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return OpenAlert(id=row.id, carrier=CarrierName(row.carrier) if row.carrier else None)

    def lists_any(self, alert_id: int) -> bool:
        """
        True while the alert lists a parcel.
        """
        query = select(exists().where(alert_parcels.c.alert_id == alert_id))
        return bool(self._connection.execute(query).scalar())

    def deliveries(self, alert_id: int) -> tuple[Delivery, ...]:
        """
        Every delivery of the alert, oldest first.
        """
        return tuple(self._deliveries([alert_id])[alert_id])

    def is_open(self, subject: str, kind: AlertKind) -> bool:
        """
        True while an alert of that kind on that subject is open.
        """
        query = select(
            exists().where(
                alerts.c.subject == subject,
                alerts.c.kind == kind.value,
                alerts.c.closed_at.is_(None),
            )
        )
        return bool(self._connection.execute(query).scalar())

    def on_parcel(self, parcel_id: int) -> tuple[Alert, ...]:
        """
        Every alert on the parcel itself, open or closed, oldest first.
        """
        return self.on_parcels([parcel_id]).get(parcel_id, ())

    def on_parcels(self, parcel_ids: Iterable[int]) -> dict[int, tuple[Alert, ...]]:
        """
        Every alert on each of the parcels, as :meth:`on_parcel`; a parcel without any is left out.
        """
        found: dict[int, list[Alert]] = defaultdict(list)
        for part in in_parts(parcel_ids):
            for alert in self._read(select(alerts).where(alerts.c.parcel_id.in_(part))):
                found[alert.parcel_ids[0]].append(alert)
        return {parcel_id: tuple(own) for parcel_id, own in found.items()}

    def covering(self, parcel_id: int) -> tuple[Alert, ...]:
        """
        The operator's alerts that list the parcel.
        """
        listed = select(alert_parcels.c.alert_id).where(alert_parcels.c.parcel_id == parcel_id)
        return self._read(select(alerts).where(alerts.c.id.in_(listed)))

    def lists_with(self, parcel_ids: Iterable[int], kind: AlertKind) -> dict[int, tuple[str, ...]]:
        """
        The subjects of the open alerts of the kind that list each parcel; left out: on none.
        """
        found: dict[int, list[str]] = defaultdict(list)
        for part in in_parts(parcel_ids):
            query = (
                select(alert_parcels.c.parcel_id, alerts.c.subject)
                .join(alerts, alerts.c.id == alert_parcels.c.alert_id)
                .where(
                    alert_parcels.c.parcel_id.in_(part),
                    alerts.c.kind == kind.value,
                    alerts.c.closed_at.is_(None),
                )
                .order_by(alerts.c.id)
            )
            for parcel_id, subject in self._connection.execute(query):
                found[parcel_id].append(subject)
        return {parcel_id: tuple(subjects) for parcel_id, subjects in found.items()}

    def get(self, alert_id: int) -> Alert | None:
        """
        One alert with its deliveries.
        """
        return next(iter(self._read(select(alerts).where(alerts.c.id == alert_id))), None)

    def several(self, alert_ids: Iterable[int]) -> dict[int, Alert]:
        """
        Those of the alerts that exist, by id, with their deliveries.
        """
        return {
            alert.id: alert
            for part in in_parts(alert_ids)
            for alert in self._read(select(alerts).where(alerts.c.id.in_(part)))
        }

    def matching(
        self,
        *,
        state: str = "open",
        shop: str | None = None,
        kind: AlertKind | None = None,
        scope: frozenset[str] | None = None,
    ) -> tuple[Alert, ...]:
        """
        Alerts in the order of opening; ``state`` is ``open``, ``closed`` or ``all``.

        With a ``scope`` only those of these shops.
        """
        query = select(alerts)
        if state == "open":
            query = query.where(alerts.c.closed_at.is_(None))
        elif state == "closed":
            query = query.where(alerts.c.closed_at.is_not(None))
        if shop is not None:
            query = query.where(alerts.c.shop == shop)
        if kind is not None:
            query = query.where(alerts.c.kind == kind.value)
        if scope is not None:
            query = query.where(alerts.c.shop.in_(sorted(scope)))
        return self._read(query)

    def open_by_kind(self) -> dict[AlertKind, int]:
        """
        How many alerts of each kind are open.
        """
        query = (
            select(alerts.c.kind, func.count())
            .where(alerts.c.closed_at.is_(None))
            .group_by(alerts.c.kind)
        )
        return {AlertKind(kind): count for kind, count in self._connection.execute(query)}

    def shops_listed(self, alert_id: int) -> frozenset[str | None]:
        """
        The shops of the parcels that the alert lists.
        """
        query = (
            select(parcels.c.shop)
            .join(alert_parcels, alert_parcels.c.parcel_id == parcels.c.id)
            .where(alert_parcels.c.alert_id == alert_id)
            .distinct()
        )
        return frozenset(self._connection.execute(query).scalars())

    def listed_of(self, alert_id: int, shop: str) -> frozenset[int]:
        """
        The parcels of the shop that the alert lists.
        """
        query = (
            select(parcels.c.id)
            .join(alert_parcels, alert_parcels.c.parcel_id == parcels.c.id)
            .where(alert_parcels.c.alert_id == alert_id, parcels.c.shop == shop)
        )
        return frozenset(self._connection.execute(query).scalars())

    def _read(self, query: Select[tuple[object, ...]]) -> tuple[Alert, ...]:
        rows = self._connection.execute(query.order_by(alerts.c.id)).mappings().all()
        if not rows:
            return ()
        ids = [row["id"] for row in rows]
        sent = self._deliveries(ids)
        listed = self._listed(rows)
        proofs = self._proofs([row["proof_look_id"] for row in rows if row["proof_look_id"]])
        snoozes = Snoozes(self._connection).of(one for row in rows for one in _snoozable(row))
        return tuple(
            _alert(
                row,
                listed[row["id"]],
                proofs.get(row["proof_look_id"]),
                sent[row["id"]],
                latest_of(snoozes.get(one) for one in _snoozable(row)),
            )
            for row in rows
        )

    def _deliveries(self, ids: Sequence[int]) -> dict[int, list[Delivery]]:
        found: dict[int, list[Delivery]] = defaultdict(list)
        for part in in_parts(ids):
            query = (
                select(deliveries).where(deliveries.c.alert_id.in_(part)).order_by(deliveries.c.id)
            )
            for row in self._connection.execute(query).mappings():
                found[row["alert_id"]].append(delivery_of(row))
        return found

    def _listed(self, rows: Sequence[RowMapping]) -> dict[int, list[RowMapping]]:
        """
        The parcels of each alert: its own, or those it lists.
        """
        found: dict[int, list[RowMapping]] = defaultdict(list)
        columns = (parcels.c.id, parcels.c.tracking_number, parcels.c.order_number)
        for part in in_parts([row["id"] for row in rows]):
            listed = (
                select(alert_parcels.c.alert_id, *columns)
                .join(parcels, parcels.c.id == alert_parcels.c.parcel_id)
                .where(alert_parcels.c.alert_id.in_(part))
                .order_by(parcels.c.id)
            )
            own = (
                select(alerts.c.id.label("alert_id"), *columns)
                .join(parcels, parcels.c.id == alerts.c.parcel_id)
                .where(alerts.c.id.in_(part))
            )
            for query in (own, listed):
                for row in self._connection.execute(query).mappings():
                    found[row["alert_id"]].append(row)
        return found

    def _proofs(self, look_ids: Sequence[int]) -> dict[int, Proof]:
        found: dict[int, Proof] = {}
        for part in in_parts(look_ids):
            query = select(looks).where(looks.c.id.in_(part))
            for row in self._connection.execute(query).mappings():
                found[row["id"]] = Proof(
                    looked_at=row["looked_at"],
                    outcome=Outcome(row["outcome"]),
                    look_id=row["id"],
                )
        return found


def _snoozable(row: RowMapping) -> tuple[str, str]:
    """
    Whose snooze silences the alert: its own subject's, or its shop's.
    """
    return row["subject"], shop_subject(row["shop"])


def _alert(
    row: RowMapping,
    listed: Sequence[RowMapping],
    proof: Proof | None,
    sent: Iterable[Delivery],
    snooze: Snooze | None,
) -> Alert:
    own = row["parcel_id"] is not None
    numbers = tuple(one["tracking_number"] for one in listed if one["tracking_number"])
    return Alert(
        id=row["id"],
        kind=AlertKind(row["kind"]),
        parcel_ids=tuple(one["id"] for one in listed),
        tracking_numbers=numbers,
        order_number=listed[0]["order_number"] if own and listed else None,
        shop=row["shop"],
        carrier=CarrierName(row["carrier"]) if row["carrier"] else None,
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        deadline=row["deadline"],
        state=AlertState(row["state"]),
        reason=row["reason"],
        closed_because=ClosedBecause(row["closed_because"]) if row["closed_because"] else None,
        proof=proof,
        case_id=row["case_id"],
        acted_at=row["acted_at"],
        deliveries=tuple(sent),
        subject=row["subject"],
        snoozed_until=snooze.until if snooze else None,
        snoozed_by=snooze.author if snooze else None,
    )
