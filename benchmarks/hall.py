"""
A dashboard over a full store: 100,000 parcels in every state, and who asks it.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from benchmarks.places import default_settings, postal_number
from tracker.calendar import CENTRES
from tracker.clock import utc_now
from tracker.model import AlertKind, CarrierName, Outcome, SellerStatus, Service, Stage
from tracker.planning.deadlines import Deadlines
from tracker.store import open_store
from tracker.store.alerts import carrier_subject, parcel_subject
from tracker.store.engine import begun, make_engine
from tracker.store.people import Role
from tracker.store.tables import (
    alert_parcels,
    alerts,
    closures,
    deliveries,
    events,
    looks,
    parcels,
)
from tracker.web.app import make_app
from tracker.web.house import House
from tracker.web.security.passwords import fingerprint
from tracker.web.security.viewers import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from fastapi import FastAPI
    from sqlalchemy import Connection, Table

STORED = 100_000
SHOPS = tuple(f"Shop {index}" for index in range(20))
#: Every alert on a parcel is on one of these shops' parcels.
SELLERS_SHOPS = (SHOPS[0], SHOPS[10])
#: A parcel of the seller's that was looked at more often than any other, and its first look.
MUCH_LOOKED_AT = 81
MANY_LOOKS = 300
_TOKEN = "token-of-the-benchmark"
_AT_ONCE = 10_000
_WATCHED_DAYS = 40
_ALERTED = range(0, STORED, 10)
_CENTRES = tuple(name for name in CENTRES if name != "clevy")


def headers_of(who: str) -> dict[str, str]:
    """
    What the browser, or the program, of "operator" or "seller" sends.
    """
    token = f"{_TOKEN}-{who}"
    return {"cookie": f"{COOKIE}={token}", "authorization": f"Bearer {token}"}


def open_alerts(kind: AlertKind, most: int) -> list[int]:
    """
    The ids of the first open alerts of that kind.
    """
    found = (index + 1 for index in _ALERTED if _kind(index) is kind and index % 3 == 0)
    return list(islice(found, most))


@contextmanager
def dashboard(url: str) -> Iterator[FastAPI]:
    """
    The dashboard, with an operator and a seller logged in.

    SQLite has no statistics, as with our users; PostgreSQL gathers them by itself.
    """
    settings = default_settings()
    unhurried = settings.web.model_copy(update={"api_requests_per_minute": 100_000})
    settings = settings.model_copy(update={"database_url": url, "web": unhurried})
    store = open_store(url)
    now = utc_now()
    engine = make_engine(url)
    with begun(engine) as connection:
        _fill(connection, now)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    with store.begin() as tx:
        for name, role, shops in (
            ("operator", Role.OPERATOR, ()),
            ("seller", Role.SELLER, SELLERS_SHOPS),
        ):
            tx.people.add(name, role, shops, "no password", now)
            user = tx.people.get(name)
            assert user is not None
            end = now + timedelta(days=1)
            known = fingerprint(f"{_TOKEN}-{name}")
            tx.people.log_in(user, known, "form", now, end)
            tx.people.add_token(user, "benchmark", known, now, end)
    house = House(settings=settings, store=store, deadlines=Deadlines(settings), clock=utc_now)
    try:
        yield make_app(house)
    finally:
        store.close()


# -- what is stored ------------------------------------------------------------------------


def _fill(connection: Connection, now: datetime) -> None:
    """
    Parcels of the last weeks in every state, with two events and five looks each.

    One in ten has an alert, one alert of the operator's covers thousands, and one parcel was looked
    at again and again.
    """
    _insert(connection, parcels, (_parcel(index, now) for index in range(STORED)))
    _insert(connection, events, (_event(index, now) for index in range(STORED * 2)))
    again = range(MUCH_LOOKED_AT - 1, STORED * MANY_LOOKS, STORED)[5:]
    _insert(connection, looks, (_look(index, now) for index in chain(range(STORED * 5), again)))
    alerted = _ALERTED
    _insert(connection, alerts, (_alert(index, now) for index in alerted))
    _insert(connection, deliveries, (_delivery(index, now) for index in alerted))
    unverified = {"id": STORED + 1, "kind": AlertKind.UNVERIFIED.value, "occasion": "now"}
    unverified |= {"subject": carrier_subject(CarrierName.SEKO), "reason": "x"}
    unverified |= {"state": "open", "opened_at": now, "carrier": CarrierName.SEKO.value}
    _insert(connection, alerts, iter([unverified]))
    closed = {"centre": "shenzhen", "first_day": now.date(), "last_day": now.date()}
    _insert(connection, closures, iter([closed | {"effect": "closed", "entered_at": now}]))
    covered = ({"alert_id": STORED + 1, "parcel_id": index + 1} for index in range(7, STORED, 20))
    _insert(connection, alert_parcels, (one | {"added_at": now} for one in covered))
    if connection.dialect.name == "postgresql":
        for table in (parcels, alerts):
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {STORED * 2})"
            )


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(table), part)


def _age(index: int) -> timedelta:
    return timedelta(minutes=index * _WATCHED_DAYS * 24 * 60 // STORED)


def _parcel(index: int, now: datetime) -> dict[str, Any]:
    handed_over = now - _age(index)
    scanned = index % 10 in {1, 2, 3, 4, 5}
    ended = index % 10 in {6, 8}
    postal = index % 5 == 0
    carrier = CarrierName.CLEVY if postal else CarrierName.SEKO
    open_late = not scanned and not ended
    return {
        "id": index + 1,
        "tracking_number": postal_number(index),
        "order_number": f"39900{index:05}",
        "shop": SHOPS[index % len(SHOPS)],
        "country": "NG",
        "service": (Service.POSTAL if postal else Service.DS).value,
        "carrier": carrier.value,
        "next_carrier": carrier.value,
        "station": f"NG-JG-Seko-{_CENTRES[index % len(_CENTRES)]}-Seko-Station",
        "centre": _CENTRES[index % len(_CENTRES)],
        "seller_status": (SellerStatus.SHIPPED if ended else SellerStatus.READY_TO_SHIP).value,
        "created_at": handed_over - timedelta(days=2),
        "handed_over_at": handed_over,
        "handover_assumed": index % 9 == 0,
        "calendar_estimated": False,
        "courier": "SF Express",
        "waybill": f"SF{index:010}",
        "scan_deadline": handed_over + timedelta(days=2),
        "auto_cancel_at": handed_over + timedelta(days=7),
        "stage": (Stage.RECEIVED if scanned else Stage.ANNOUNCED).value,
        "scanned": scanned,
        "first_scan_at": handed_over + timedelta(hours=20 + index % 40) if scanned else None,
        "first_seen_at": handed_over - timedelta(days=2),
        "last_look_at": now - timedelta(hours=2),
        "last_outcome": Outcome.EVENTS.value,
        "last_good_look_at": now - timedelta(hours=2),
        "next_look_at": now + timedelta(minutes=index % 9000) if open_late else None,
        "decide_at": now + timedelta(minutes=index % 9000) if open_late else None,
        "unverified_since": now if index % 20 == 7 else None,
        "archived_at": now if index % 50 == 49 else None,
        "failures": 0,
    }


def _event(index: int, now: datetime) -> dict[str, Any]:
    parcel, turn = divmod(index, 2)
    return {
        "parcel_id": parcel + 1,
        "carrier": CarrierName.SEKO.value,
        "identity": f"{index:064}",
        "occurred_at": now - _age(parcel) + timedelta(hours=turn * 20),
        "zone": "Asia/Shanghai",
        "zone_assumed": True,
        "stage": (Stage.RECEIVED if turn else Stage.ANNOUNCED).value,
        "is_scan": bool(turn),
        "text": "Parcel received and accepted" if turn else "Shipping information received",
        "location": "SHENZHEN",
        "first_seen_at": now,
    }


def _look(index: int, now: datetime) -> dict[str, Any]:
    parcel, turn = index % STORED, index // STORED
    failed = index % 11 == 0
    return {
        "parcel_id": parcel + 1,
        "carrier": (CarrierName.CLEVY if parcel % 5 == 0 else CarrierName.SEKO).value,
        "looked_at": now - _age(parcel) + timedelta(hours=9 * turn),
        "outcome": (Outcome.UNREACHABLE if failed else Outcome.EVENTS).value,
        "scanned": None if failed else False,
        "detail": "no answer in 60 seconds" if failed else None,
    }


def _alert(index: int, now: datetime) -> dict[str, Any]:
    opened = now - _age(index) + timedelta(days=2)
    closed = index % 3 != 0
    return {
        "id": index + 1,
        "kind": _kind(index).value,
        "subject": parcel_subject(index + 1),
        "occasion": "first",
        "parcel_id": index + 1,
        "shop": SHOPS[index % len(SHOPS)],
        "carrier": CarrierName.SEKO.value,
        "opened_at": opened,
        "closed_at": opened + timedelta(days=1) if closed else None,
        "closed_because": "scanned" if closed else None,
        "deadline": opened,
        "state": "closed" if closed else "open",
        "reason": "no_events",
    }


def _kind(index: int) -> AlertKind:
    return AlertKind.RAISE_CLAIM if index % 4 == 0 else AlertKind.URGE_SCAN


def _delivery(index: int, now: datetime) -> dict[str, Any]:
    sent = now - _age(index) + timedelta(days=2, minutes=5)
    return {
        "alert_id": index + 1,
        "shop": SHOPS[index % len(SHOPS)],
        "channel": "email",
        "recipient": "seller@example.com",
        "notice": "first",
        "state": "sent",
        "attempts": 1,
        "created_at": sent,
        "next_attempt_at": sent,
        "sent_at": sent,
    }
