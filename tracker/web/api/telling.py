"""
Alerts, and what went to whom.
"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import Field

from tracker.alertlist import listed
from tracker.model import Alert, AlertKind, DeliveryState
from tracker.shapes import Shape, delivery_record_shape, listed_alert_shape
from tracker.store import Transaction
from tracker.web.api.answering import MarkedRoute, NotGiven, Page, Text, page_of
from tracker.web.api.models import Alerts, Deliveries, Id, ListedAlert
from tracker.web.api.problems import documented
from tracker.web.api.readers import ByToken
from tracker.web.house import House
from tracker.web.security.viewers import house_of

router = APIRouter(tags=["alerts"], route_class=MarkedRoute)


class ListedState(StrEnum):
    """
    Which alerts: everything that is not closed, what is, or both.
    """

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class AlertQuery(Page):
    """
    Which alerts.
    """

    state: ListedState = ListedState.OPEN
    shop: Text | NotGiven = None
    kind: AlertKind | NotGiven = None


class DeliveryQuery(Page):
    """
    Which deliveries.
    """

    shop: Text | NotGiven = None
    channel: Text | NotGiven = Field(default=None, description="`email`, `slack`, `webhook` ...")
    state: DeliveryState | NotGiven = None


@router.get(
    "/alerts",
    response_model=Alerts,
    response_model_exclude_unset=True,
    responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY),
)
def list_alerts(request: Request, reader: ByToken, query: Annotated[AlertQuery, Query()]) -> Any:
    """
    Alerts, the last opened first; those about the watching itself are the operators'.
    """
    house = house_of(request)
    with house.store.read() as tx:
        found = tx.alert_board.page(
            reader.scope,
            state=query.state.value,
            shop=query.shop,
            kind=query.kind,
            before=query.cursor,
            limit=query.limit,
        )
        shapes = _shapes(house, tx, found)
    return page_of(shapes, query.limit, found[-1].id if found else None)


@router.get(
    "/alerts/{alert_id}",
    response_model=ListedAlert,
    response_model_exclude_unset=True,
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def show_alert(request: Request, reader: ByToken, alert_id: Annotated[Id, Path()]) -> Any:
    """
    One alert with its deliveries.
    """
    house = house_of(request)
    with house.store.read() as tx:
        alert = tx.alert_board.get(reader.scope, alert_id)
        if alert is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _shapes(house, tx, (alert,))[0]


@router.get(
    "/deliveries",
    response_model=Deliveries,
    responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY),
)
def list_deliveries(
    request: Request, reader: ByToken, query: Annotated[DeliveryQuery, Query()]
) -> Any:
    """
    What went to whom over all alerts, newest first.
    """
    with house_of(request).store.read() as tx:
        found = tx.outbox.history(
            shop=query.shop,
            channel=query.channel,
            state=query.state,
            scope=reader.scope,
            before=query.cursor,
            limit=query.limit,
        )
    shapes = [delivery_record_shape(one) for one in found]
    return page_of(shapes, query.limit, found[-1].delivery.id if found else None)


def _shapes(house: House, tx: Transaction, found: tuple[Alert, ...]) -> list[Shape]:
    """
    The alerts in their own order, with what is left until automatic cancellation.
    """
    now = house.clock()
    known = {one.alert.id: one for one in listed(tx, house.deadlines.follow(tx), found, now)}
    return [listed_alert_shape(known[one.id], now) for one in found]
