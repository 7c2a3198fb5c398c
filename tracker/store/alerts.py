"""
Alerts: one row for each thing that one person is asked to do.

Opening is idempotent: UNIQUE(subject, kind, occasion) and one open alert for each subject and
kind, so that two deciders open one (promises.md R11). All updates are conditional.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import AlertKind, AlertState, CarrierName, ClosedBecause
from tracker.store.alertreading import AlertReading
from tracker.store.counters import CLOSED, OPENED
from tracker.store.lateness import Lateness
from tracker.store.parts import in_parts
from tracker.store.tables import alert_parcels, alerts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

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


class Alerts(AlertReading, Lateness):
    """
    Alerts within one transaction.
    """

    def __init__(self, connection: Connection, counters: Counters) -> None:
        super().__init__(connection)
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

    def set_states(self, alert_ids: Iterable[int], state: AlertState, now: datetime) -> None:
        """
        A person got further with several alerts at once; those that are closed stay closed.
        """
        values: dict[str, object] = {"state": state.value}
        if state is AlertState.ACTED:
            values["acted_at"] = now
        for part in in_parts(alert_ids):
            self._connection.execute(
                update(alerts)
                .where(alerts.c.id.in_(part), alerts.c.closed_at.is_(None))
                .values(values)
            )

    def prove(self, alert_id: int, look_id: int) -> None:
        """
        The open alert rests on a newer look.
        """
        self._connection.execute(
            update(alerts)
            .where(alerts.c.id == alert_id, alerts.c.closed_at.is_(None))
            .values(proof_look_id=look_id)
        )

    def cover(self, alert_id: int, parcel_ids: Iterable[int], now: datetime) -> None:
        """
        The alert lists the parcels; those that it listed before stand on it since then.
        """
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        listed = [
            {"alert_id": alert_id, "parcel_id": parcel_id, "added_at": now}
            for parcel_id in parcel_ids
        ]
        if listed:
            self._connection.execute(dialect.insert(alert_parcels).on_conflict_do_nothing(), listed)

    def uncover(self, alert_id: int, parcel_ids: Iterable[int]) -> None:
        """
        The alert lists the parcels no longer.
        """
        for part in in_parts(parcel_ids):
            self._connection.execute(
                alert_parcels.delete().where(
                    alert_parcels.c.alert_id == alert_id, alert_parcels.c.parcel_id.in_(part)
                )
            )
