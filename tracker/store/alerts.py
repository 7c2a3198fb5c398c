"""
Alerts: one row for each thing that one person is asked to do.

Opening is idempotent: UNIQUE(subject, kind, occasion) and one open alert for each subject and
kind, so that two deciders open one (promises.md R11). All updates are conditional.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import exists, false, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import (
    Alert,
    AlertKind,
    AlertState,
    CarrierName,
    ClosedBecause,
    Delivery,
    DeliveryState,
    Outcome,
    Proof,
    SellerStatus,
)
from tracker.store.conditions import counting_centre
from tracker.store.counters import CLOSED, OPENED
from tracker.store.parts import in_parts
from tracker.store.snoozes import Snooze, Snoozes, latest_of, shop_subject
from tracker.store.tables import alert_parcels, alerts, deliveries, looks, parcels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping, Select

    from tracker.store.counters import Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """
    An alert to be opened.

    ``subject`` and ``occasion`` make it unique: :func:`parcel_subject` and the deadline for a
    parcel's alert, the carrier or the wording and the opening instant for the operator's.
    """

    kind: AlertKind
    subject: str
    occasion: str
    reason: str
    parcel_id: int | None = None
    shop: str | None = None
    carrier: CarrierName | None = None
    deadline: datetime | None = None
    proof_look_id: int | None = None
    case_id: str | None = None


def parcel_subject(parcel_id: int) -> str:
    """
    The subject of alerts on one parcel.
    """
    return f"parcel:{parcel_id}"


def carrier_subject(carrier: CarrierName | None) -> str:
    """
    The subject of alerts on a carrier as a whole, or on parcels that have none.
    """
    return f"carrier:{carrier.value if carrier else 'none'}"


def occasion_of(deadline: datetime | None) -> str:
    """
    What tells two alerts of one kind on one parcel apart.
    """
    return deadline.astimezone(UTC).isoformat() if deadline else "no deadline"


class Alerts:
    """
    Alerts within one transaction.
    """

    def __init__(self, connection: Connection, counters: Counters) -> None:
        self._connection = connection
        self._counters = counters

    def open(self, new: NewAlert, now: datetime) -> int | None:
        """
        The alert is open; its id, or ``None`` when somebody else opened it already.
        """
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = (
            dialect.insert(alerts)
            .values(
                kind=new.kind.value,
                subject=new.subject,
                occasion=new.occasion,
                parcel_id=new.parcel_id,
                shop=new.shop,
                carrier=new.carrier.value if new.carrier else None,
                opened_at=now,
                deadline=new.deadline,
                state=AlertState.OPEN.value,
                reason=new.reason,
                proof_look_id=new.proof_look_id,
                case_id=new.case_id,
            )
            .on_conflict_do_nothing()
            .returning(alerts.c.id)
        )
        opened: int | None = self._connection.execute(statement).scalar()
        if opened is not None:
            self._counters.add(OPENED, new.kind)
        return opened

    def reopen(self, alert_id: int, reason: str, proof_look_id: int | None) -> None:
        """
        An alert that a moved deadline had closed is open again: the deadline moved back.
        """
        opened = self._connection.execute(
            update(alerts)
            .where(alerts.c.id == alert_id, alerts.c.closed_at.is_not(None))
            .values(
                closed_at=None,
                closed_because=None,
                state=AlertState.OPEN.value,
                reason=reason,
                proof_look_id=proof_look_id,
            )
            .returning(alerts.c.kind)
        )
        for kind in opened.scalars():
            self._counters.add(OPENED, kind)

    def close(self, alert_id: int, because: ClosedBecause, now: datetime) -> bool:
        """
        The alert is closed; true if it was open until now.
        """
        closed = self._connection.execute(
            update(alerts)
            .where(alerts.c.id == alert_id, alerts.c.closed_at.is_(None))
            .values(closed_at=now, closed_because=because.value, state=AlertState.CLOSED.value)
            .returning(alerts.c.kind)
        )
        kind = closed.scalar()
        if kind is not None:
            self._counters.add(CLOSED, kind, because)
        return kind is not None

    def set_state(
        self, alert_id: int, state: AlertState, now: datetime, *, case_id: str | None = None
    ) -> bool:
        """
        A person got further with an open alert; true if it was open.
        """
        values: dict[str, object] = {"state": state.value}
        if state is AlertState.ACTED:
            values["acted_at"] = now
        if case_id is not None:
            values["case_id"] = case_id
        result = self._connection.execute(
            update(alerts)
            .where(alerts.c.id == alert_id, alerts.c.closed_at.is_(None))
            .values(values)
        )
        return result.rowcount == 1

    def prove(self, alert_id: int, look_id: int, reason: str) -> None:
        """
        The open alert rests on a newer look.
        """
        self._connection.execute(
            update(alerts)
            .where(alerts.c.id == alert_id, alerts.c.closed_at.is_(None))
            .values(proof_look_id=look_id, reason=reason)
        )

    def cover(self, alert_id: int, parcel_id: int, now: datetime) -> bool:
        """
        The operator's alert lists the parcel; true if it did not before.
        """
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        covered = self._connection.execute(
            dialect.insert(alert_parcels)
            .values(alert_id=alert_id, parcel_id=parcel_id, added_at=now)
            .on_conflict_do_nothing()
            .returning(alert_parcels.c.parcel_id)
        )
        return covered.scalar() is not None

    def uncover(self, alert_id: int, parcel_id: int) -> None:
        """
        The operator's alert lists the parcel no longer.
        """
        self._connection.execute(
            alert_parcels.delete().where(
                alert_parcels.c.alert_id == alert_id, alert_parcels.c.parcel_id == parcel_id
            )
        )

    def grown_since(self, alert_id: int, since: datetime) -> bool:
        """
        True if the operator's alert took parcels in after ``since``.
        """
        query = select(
            exists().where(alert_parcels.c.alert_id == alert_id, alert_parcels.c.added_at > since)
        )
        return bool(self._connection.execute(query).scalar())

    def open_on(self, subject: str, kind: AlertKind) -> Alert | None:
        """
        The open alert of that kind on that subject; nobody else changes it in the meantime.

        Without the lock, one worker could close an operator's alert as empty while another one
        puts a parcel on its list, and that parcel would be told to nobody.
        """
        query = (
            select(alerts)
            .where(
                alerts.c.subject == subject,
                alerts.c.kind == kind.value,
                alerts.c.closed_at.is_(None),
            )
            .with_for_update()
        )
        return next(iter(self._read(query)), None)

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
        return self._read(select(alerts).where(alerts.c.parcel_id == parcel_id))

    def covering(self, parcel_id: int) -> tuple[Alert, ...]:
        """
        The operator's alerts that list the parcel.
        """
        listed = select(alert_parcels.c.alert_id).where(alert_parcels.c.parcel_id == parcel_id)
        return self._read(select(alerts).where(alerts.c.id.in_(listed)))

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

    def shops_covered(self, alert_id: int) -> dict[str | None, tuple[int, ...]]:
        """
        The parcels that an operator's alert lists, by shop.
        """
        query = (
            select(parcels.c.shop, parcels.c.id)
            .join(alert_parcels, alert_parcels.c.parcel_id == parcels.c.id)
            .where(alert_parcels.c.alert_id == alert_id)
            .order_by(parcels.c.id)
        )
        found: dict[str | None, list[int]] = defaultdict(list)
        for shop, parcel_id in self._connection.execute(query):
            found[shop].append(parcel_id)
        return {shop: tuple(ids) for shop, ids in found.items()}

    def late_in_centre(
        self,
        centre: str,
        now: datetime,
        *,
        since: datetime,
        enough: int,
        scope: frozenset[str] | None = None,
    ) -> tuple[int, int]:
        """
        How many of the centre's parcels that were due last are unscanned, and how many were due.

        The latest deadlines that have passed since ``since`` count, as many of them as hold at
        least ``enough`` parcels: what was due long ago says nothing about today. Only parcels that
        were given to the centre and not cancelled count; one that the platform calls shipped was
        scanned. With a ``scope`` only the parcels of these shops count.
        """
        ended = [status.value for status in SellerStatus if status.ends_scan_watch]
        scanned = parcels.c.scanned.is_(True) | func.coalesce(
            parcels.c.seller_status.in_(ended), false()
        )
        query = (
            select(func.count().filter(~scanned), func.count())
            .where(
                counting_centre() == centre,
                parcels.c.scan_deadline > since,
                parcels.c.scan_deadline <= now,
                parcels.c.handover_assumed.is_(False),
                parcels.c.seller_status.is_distinct_from(SellerStatus.CANCELED.value),
                parcels.c.archived_at.is_(None),
                parcels.c.superseded_at.is_(None),
            )
            .group_by(parcels.c.scan_deadline)
            .order_by(parcels.c.scan_deadline.desc())
        )
        if scope is not None:
            query = query.where(parcels.c.shop.in_(sorted(scope)))
        late, due = 0, 0
        for unscanned, all_of_them in self._connection.execute(query):
            late, due = late + int(unscanned), due + int(all_of_them)
            if due >= enough:
                break
        return late, due

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


def delivery_of(row: RowMapping) -> Delivery:
    """
    A delivery row as a value.
    """
    return Delivery(
        id=row["id"],
        alert_id=row["alert_id"],
        shop=row["shop"],
        channel=row["channel"],
        recipient=row["recipient"],
        notice=row["notice"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        sent_at=row["sent_at"],
        last_error=row["last_error"],
        message_id=row["message_id"],
    )


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
