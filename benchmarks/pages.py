"""
The dashboard's pages with 100,000 parcels stored: the server's time for each, on both engines.

The pages are those of the app itself: every address that it answers with a page is asked, so that a
new room is measured without being named here. What stands in an address is filled from what is
stored; an address with a part that nothing here knows is told as not measured.
"""

from __future__ import annotations

import logging
import re
import statistics
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from sqlalchemy import insert
from starlette.testclient import TestClient

from benchmarks.due import postgres
from benchmarks.measuring import Figure, seconds_of
from benchmarks.places import default_settings, postal_number, temporary_folder
from tracker.calendar import CENTRES
from tracker.clock import utc_now
from tracker.deadlines import Deadlines
from tracker.model import AlertKind, CarrierName, Outcome, SellerStatus, Service, Stage
from tracker.store import open_store
from tracker.store.alerts import carrier_subject, parcel_subject
from tracker.store.engine import begun, make_engine
from tracker.store.people import Role
from tracker.store.tables import alert_parcels, alerts, deliveries, events, looks, parcels
from tracker.web.app import make_app
from tracker.web.house import House
from tracker.web.security.passwords import fingerprint
from tracker.web.security.viewers import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from fastapi import FastAPI
    from sqlalchemy import Connection, Table

STORED = 100_000
SHOPS = tuple(f"Shop {index}" for index in range(20))
BOUND_MS = 300
TIMES = 5
_TOKEN = "a token of the benchmark"
_AT_ONCE = 10_000
_WATCHED_DAYS = 40
_CENTRES = tuple(name for name in CENTRES if name != "clevy")
#: What fills a part of an address.
_PARTS = {
    "parcel_id": "77",
    "look_id": "77",
    "kind": AlertKind.URGE_SCAN.value,
    "name": "shenzhen",
}
#: Addresses besides the bare ones: the questions that people ask of a long list.
_QUESTIONS = (
    "/parcels?state=overdue&sort=deadline",
    "/parcels?state=unverified&sort=cancellation",
    "/parcels?q=UH00&sort=deadline",
    "/parcels?q=3990004+UH000770",
    "/parcels?shop=Shop+7&centre=shenzhen&carrier=seko&from=2026-01-01",
    "/parcels?sort=cancellation&after=50000",
)


def page_times() -> Iterator[Figure]:
    """
    The slowest of an operator's and a seller's view of each page.
    """
    with temporary_folder() as folder:
        yield from _on(f"sqlite:///{folder / 'bench.db'}", "sqlite")
    with postgres() as url:
        yield from _on(url, "postgresql")


def _on(url: str, engine_name: str) -> Iterator[Figure]:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with _dashboard(url) as app:
        for address in [*_addresses(app), *_QUESTIONS]:
            if "{" in address:
                yield Figure(
                    name=f"page-{engine_name} {address}", unit="ms", ours=0, note="not measured"
                )
                continue
            yield from _measured(app, address, engine_name)


def _measured(app: FastAPI, address: str, engine_name: str) -> Iterator[Figure]:
    spent, sizes = [], []
    for who in ("operator", "seller"):
        client = TestClient(app, cookies={COOKIE: f"{_TOKEN} {who}"}, follow_redirects=False)
        first = client.get(address)  # warm: statements compiled, templates loaded
        if not first.headers.get("content-type", "").startswith("text/html"):
            return  # no page
        if first.status_code != 200:
            continue  # not for this person
        sizes.append(len(first.content))
        spent.append(
            statistics.median(seconds_of(lambda c=client: c.get(address)) for _ in range(TIMES))
        )
    if spent:
        slowest = max(spent) * 1000
        yield Figure(
            name=f"page-{engine_name} {address}",
            unit="ms",
            ours=slowest,
            bound=f"{BOUND_MS} ms",
            ok=slowest < BOUND_MS,
            note=f"{max(sizes) // 1024} KB",
        )


def _addresses(app: FastAPI) -> list[str]:
    """
    Every address that the app answers to a GET, its known parts filled.
    """

    def filled(part: re.Match[str]) -> str:
        return _PARTS.get(part[1], part[0])

    paths = (
        route.path
        for route in _routes(app.routes)
        if "GET" in route.methods and not route.path.startswith(("/login", "/language"))
    )
    return [re.sub(r"\{(\w+)(?::\w+)?\}", filled, path) for path in paths]


def _routes(routes: Iterable[Any]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from _routes(route.original_router.routes)


@contextmanager
def _dashboard(url: str) -> Iterator[FastAPI]:
    """
    A dashboard over a full store, with an operator and a seller logged in.
    """
    settings = default_settings().model_copy(update={"database_url": url})
    store = open_store(url)
    now = utc_now()
    engine = make_engine(url)
    with begun(engine) as connection:
        _fill(connection, now)
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    with store.begin() as tx:
        for name, role, shops in (
            ("operator", Role.OPERATOR, ()),
            ("seller", Role.SELLER, SHOPS[:2]),
        ):
            tx.people.add(name, role, shops, "no password", now)
            user = tx.people.get(name)
            assert user is not None
            end = now + timedelta(days=1)
            tx.people.log_in(user, fingerprint(f"{_TOKEN} {name}"), "form", now, end)
    house = House(settings=settings, store=store, deadlines=Deadlines(settings), clock=utc_now)
    try:
        yield make_app(house)
    finally:
        store.close()


# -- what is stored ------------------------------------------------------------------------


def _fill(connection: Connection, now: datetime) -> None:
    """
    Parcels of the last weeks in every state, with two events and five looks each.

    One in ten has an alert, and one alert of the operator's covers thousands.
    """
    _insert(connection, parcels, (_parcel(index, now) for index in range(STORED)))
    _insert(connection, events, (_event(index, now) for index in range(STORED * 2)))
    _insert(connection, looks, (_look(index, now) for index in range(STORED * 5)))
    alerted = range(0, STORED, 10)
    _insert(connection, alerts, (_alert(index, now) for index in alerted))
    _insert(connection, deliveries, (_delivery(index, now) for index in alerted))
    unverified = {"id": STORED + 1, "kind": AlertKind.UNVERIFIED.value, "occasion": "now"}
    unverified |= {"subject": carrier_subject(CarrierName.SEKO), "reason": "x"}
    unverified |= {"state": "open", "opened_at": now, "carrier": CarrierName.SEKO.value}
    _insert(connection, alerts, iter([unverified]))
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
        "kind": (AlertKind.RAISE_CLAIM if index % 4 == 0 else AlertKind.URGE_SCAN).value,
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
