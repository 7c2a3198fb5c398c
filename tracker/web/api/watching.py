"""
The sorting centres and their working days, and how the watcher is.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from tracker.calendar import CENTRES, DEFAULT_CENTRE, WorkingCalendar
from tracker.model import CarrierName, Service
from tracker.shapes import centre_day_shape, deadline_shape
from tracker.status.health import health_of
from tracker.web.api.answering import CentreName, MarkedRoute
from tracker.web.api.models import CentreDays, Centres, Deadline, Status
from tracker.web.api.problems import documented
from tracker.web.api.readers import ByOperatorsToken, ByToken
from tracker.web.house import House
from tracker.web.security.viewers import house_of

router = APIRouter(route_class=MarkedRoute)


class DeadlineQuery(BaseModel):
    """
    A hand-over.
    """

    model_config = ConfigDict(extra="forbid")

    handed_over: date | datetime = Field(
        description="`2026-11-20T16:30+08:00`; a bare day is in time; without a zone it is in "
        "`timezone` of the settings. The calendars know the years 2000 to 2098."
    )
    centre: CentreName = DEFAULT_CENTRE
    service: Service = Service.DS


class MonthQuery(BaseModel):
    """
    A centre's month.
    """

    model_config = ConfigDict(extra="forbid")

    month: str = Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="`2026-10`.")
    centre: CentreName = DEFAULT_CENTRE


@router.get("/centres", response_model=Centres, tags=["calendar"])
def list_centres(_reader: ByToken) -> Any:
    """
    The sorting centres that are known.
    """
    return {
        "items": [
            {
                "name": one.name,
                "zone": one.zone.key,
                "operator": one.operator,
                "mainland": one.mainland,
            }
            for one in CENTRES.values()
        ]
    }


@router.get(
    "/calendar/deadline",
    response_model=Deadline,
    tags=["calendar"],
    responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY),
)
def count_deadline(
    request: Request, _reader: ByToken, query: Annotated[DeadlineQuery, Query()]
) -> Any:
    """
    The scan deadline of a hand-over, with the reason for each day.
    """
    house = house_of(request)
    at = query.handed_over
    if isinstance(at, datetime) and at.tzinfo is None:
        at = at.replace(tzinfo=house.settings.zone)
    carrier = CarrierName.CLEVY if query.service is Service.POSTAL else CarrierName.SEKO
    calendar = _calendar(house, query.centre, carrier)
    return deadline_shape(calendar.deadline(at, house.settings.watch.scan_working_days))


@router.get(
    "/calendar/show",
    response_model=CentreDays,
    tags=["calendar"],
    responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY),
)
def show_month(request: Request, _reader: ByToken, query: Annotated[MonthQuery, Query()]) -> Any:
    """
    Which days of a month a centre works, and why not.
    """
    calendar = _calendar(house_of(request), query.centre, None)
    first = date.fromisoformat(f"{query.month}-01")
    days = [first + timedelta(days=n) for n in range(31)]
    return {"items": [centre_day_shape(calendar, one) for one in days if one.month == first.month]}


@router.get(
    "/status",
    response_model=Status,
    tags=["watcher"],
    responses=documented(HTTPStatus.FORBIDDEN),
)
def show_status(request: Request, _reader: ByOperatorsToken) -> Any:
    """
    How the watcher is; for operators' tokens only.
    """
    house = house_of(request)
    return health_of(house.settings, house.store, house.clock()).shape()


def _calendar(house: House, centre: str, carrier: CarrierName | None) -> WorkingCalendar:
    """
    The centre's working days, with what people entered until now.
    """
    with house.store.read() as tx:
        return house.deadlines.follow(tx).calendar(centre, carrier)
