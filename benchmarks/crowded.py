"""
Stores of any size in which the same number of parcels, decisions and messages is due.

The due ones lie scattered among the others, as they do in a store that has grown for months, and
each parcel has a look; one in ten was alerted about once. There is a shop for each 500 parcels.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from benchmarks.places import postal_number
from benchmarks.pouring import pour
from tracker.model import AlertKind, CarrierName, Outcome, SellerStatus, Service, Stage
from tracker.store.alerts import parcel_subject
from tracker.store.engine import begun
from tracker.store.tables import alerts, deliveries, looks, messages, parcels

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

#: So many looks and decisions are due, and half as many deliveries, whatever the size.
DUE = 1_000
#: Of the due parcels so many are late without a scan: a decision about these opens an alert.
LATE = 200
OF_A_SHOP = 500
DUE_SHOPS = 20
_TABLES = (parcels, looks, alerts, messages, deliveries)


class Crowd:
    """
    So many parcels as of one instant.
    """

    def __init__(self, stored: int, now: datetime) -> None:
        self.stored = stored
        self.now = now
        self._stride = stored // DUE
        self._late_stride = stored // LATE

    def fill(self, engine: Engine) -> None:
        """
        The store, which was empty, holds the crowd; indexes are built after the rows.
        """
        indexes = [index for table in _TABLES for index in table.indexes]
        with begun(engine) as connection:
            for index in indexes:
                index.drop(connection)
        for table, row, every in (
            (parcels, self._parcel, 1),
            (looks, self._look, 1),
            (alerts, self._alert, 10),
            (messages, self._message, 10),
            (deliveries, self._delivery, 10),
        ):
            pour(engine, table, (row(index) for index in range(0, self.stored, every)))
        with begun(engine) as connection:
            for index in indexes:
                index.create(connection)
            if engine.dialect.name == "postgresql":
                for table in _TABLES:
                    last = f"pg_get_serial_sequence('{table.name}', 'id'), {self.stored}"
                    connection.exec_driver_sql(f"SELECT setval({last})")
        with engine.connect() as connection:
            tidy = "ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(tidy)

    def decide_again(self, engine: Engine) -> None:
        """
        Nothing but the late parcels is due for a decision.
        """
        waiting = self.now - timedelta(minutes=1)
        late = [index + 1 for index in range(0, self.stored, self._late_stride)]
        with begun(engine) as connection:
            connection.execute(
                update(parcels)
                .where(parcels.c.decide_at <= self.now)
                .values(decide_at=self.now + timedelta(days=1))
            )
            connection.execute(
                update(parcels).where(parcels.c.id.in_(late)).values(decide_at=waiting)
            )

    def _is_due(self, index: int) -> bool:
        return index % self._stride == 0

    def _is_late(self, index: int) -> bool:
        return index % self._late_stride == 0

    def _shop(self, index: int) -> str:
        """
        What is due is due to the same few shops, whatever the size.
        """
        if self._is_due(index):
            return f"Shop {index // self._stride % DUE_SHOPS}"
        return f"Shop {index % (self.stored // OF_A_SHOP)}"

    def _soon(self, index: int) -> datetime:
        due = self._is_due(index)
        return self.now + timedelta(minutes=-1 - index % 60 if due else 1 + index % 9000)

    def _parcel(self, index: int) -> dict[str, Any]:
        """
        Half is scanned and still watched, a third waits, the rest is watched no more.
        """
        due, late = self._is_due(index), self._is_late(index)
        sort = index % 6
        waits = due or sort in {0, 1}
        watched = waits or sort in {2, 3, 4}
        past = late or not waits
        handed_over = self.now - timedelta(days=12 if past else 0, minutes=index % 500)
        soon = self._soon(index)
        return {
            "id": index + 1,
            "tracking_number": postal_number(index),
            "order_number": f"3{index:08}",
            "shop": self._shop(index),
            "country": "NG",
            "service": Service.POSTAL.value,
            "carrier": CarrierName.CLEVY.value,
            "next_carrier": CarrierName.CLEVY.value,
            "station": None,
            "centre": None,
            "seller_status": (
                SellerStatus.READY_TO_SHIP if watched else SellerStatus.DELIVERED
            ).value,
            "seller_status_at": self.now,
            "created_at": handed_over - timedelta(days=1),
            "handed_over_at": handed_over,
            "handover_assumed": False,
            "scan_deadline": handed_over + timedelta(days=3),
            "auto_cancel_at": handed_over + timedelta(days=8),
            "calendar_estimated": False,
            "decide_at": soon if watched else None,
            "stage": (Stage.ANNOUNCED if waits else Stage.RECEIVED).value,
            "scanned": not waits,
            "first_scan_at": None if waits else handed_over + timedelta(hours=20),
            "first_seen_at": handed_over,
            "last_look_at": self.now - timedelta(hours=2),
            "last_outcome": Outcome.EVENTS.value,
            "last_good_look_at": self.now - timedelta(hours=2),
            "failures": 0,
            "next_look_at": soon if watched else None,
        }

    def _look(self, index: int) -> dict[str, Any]:
        waits = self._is_due(index) or index % 6 in {0, 1}
        return {
            "id": index + 1,
            "parcel_id": index + 1,
            "carrier": CarrierName.CLEVY.value,
            "looked_at": self.now - timedelta(hours=2),
            "outcome": Outcome.EVENTS.value,
            "scanned": not waits,
        }

    def _alert(self, index: int) -> dict[str, Any]:
        """
        What was once opened and has ended.
        """
        opened = self.now - timedelta(days=20)
        return {
            "id": index + 1,
            "kind": AlertKind.RAISE_CLAIM.value,
            "subject": parcel_subject(index + 1),
            "occasion": "an earlier one",
            "parcel_id": index + 1,
            "shop": self._shop(index),
            "carrier": CarrierName.CLEVY.value,
            "opened_at": opened,
            "closed_at": opened + timedelta(days=1),
            "closed_because": "scanned",
            "deadline": opened,
            "state": "closed",
            "reason": "no_events",
        }

    def _message(self, index: int) -> dict[str, Any]:
        return {
            "id": index + 1,
            "shop": self._shop(index),
            "channel": "email",
            "recipient": self._recipient(index),
            "reference": f"<{index}@bench.example>",
            "created_at": self.now - timedelta(days=20),
            "lines": [],
            "closing": False,
            "sent_at": self.now - timedelta(days=20),
        }

    def _delivery(self, index: int) -> dict[str, Any]:
        waits = index % (2 * self._stride) == 0
        at = self.now - timedelta(minutes=1) if waits else self.now - timedelta(days=20)
        return {
            "id": index + 1,
            "alert_id": index + 1,
            "shop": self._shop(index),
            "channel": "email",
            "recipient": self._recipient(index),
            "notice": "first",
            "state": "pending" if waits else "sent",
            "attempts": 0 if waits else 1,
            "created_at": at,
            "next_attempt_at": at,
            "sent_at": None if waits else at,
            "message_id": None if waits else index + 1,
        }

    def _recipient(self, index: int) -> str:
        return f"{self._shop(index).replace(' ', '.').lower()}@shops.example"
