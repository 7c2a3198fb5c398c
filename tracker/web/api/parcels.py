"""
Parcels: the watch list page by page, and one parcel with everything known of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import AwareDatetime, Field

from tracker.model import CarrierName, ParcelState, Service, StoredLook
from tracker.numbers import normalise
from tracker.searching import Search, numbers_meant
from tracker.shapes import Shape, parcel_shape, whole_parcel_shape
from tracker.store import Transaction
from tracker.store.boards.parcels import DatedBy, ParcelFilter, Place, Sort
from tracker.store.records import WatchRecord
from tracker.web.api.answering import CentreName, MarkedRoute, NotGiven, Page, Text, page_of
from tracker.web.api.models import Id, Parcels, WholeParcel, WholeParcels
from tracker.web.api.problems import documented
from tracker.web.api.readers import ByToken, Reader
from tracker.web.house import House
from tracker.web.security.viewers import house_of, may_see

router = APIRouter(tags=["parcels"], route_class=MarkedRoute)

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class ParcelQuery(Page):
    """
    Which parcels; what is not given does not matter.
    """

    search: Text | NotGiven = Field(
        default=None,
        description="Numbers, set apart by blanks or commas: a tracking, order, waybill or case "
        "number, or its first four characters or more.",
    )
    shop: Text | NotGiven = None
    state: ParcelState | NotGiven = None
    carrier: CarrierName | NotGiven = None
    service: Service | NotGiven = None
    centre: CentreName | NotGiven = None
    station: Text | NotGiven = None
    dated_by: DatedBy = Field(
        default=DatedBy.HANDED_OVER, description="Which date `since` and `until` mean."
    )
    since: AwareDatetime | NotGiven = Field(default=None, description="From this instant on.")
    until: AwareDatetime | NotGiven = Field(default=None, description="Before this instant.")


@router.get(
    "/parcels", response_model=Parcels, responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY)
)
def list_parcels(request: Request, reader: ByToken, query: Annotated[ParcelQuery, Query()]) -> Any:
    """
    The watch list, the last entered first.
    """
    house = house_of(request)
    now = house.clock()
    place = None if query.cursor is None else Place(query.cursor)
    wanted = _wanted(query)
    if query.search is not None and not wanted.search.numbers:
        return page_of((), query.limit, None)
    with house.store.read() as tx:
        found = tx.parcel_board.page(
            reader.scope, wanted, now, sort=Sort.NEWEST, limit=query.limit, after=place
        )
    shapes = [parcel_shape(one) | {"id": one.id} for one in found]
    return page_of(shapes, query.limit, found[-1].id if found else None)


@router.get(
    "/parcels/by-number/{number}",
    response_model=WholeParcels,
    response_model_exclude_unset=True,
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def show_number(request: Request, reader: ByToken, number: Annotated[Text, Path()]) -> Any:
    """
    Every parcel that bears or bore the tracking number, else those of the order number.
    """
    house = house_of(request)
    now = house.clock()
    with house.store.read() as tx:
        found = tx.parcels.by_number(normalise(number), now) or tx.parcels.by_order(number, now)
        shapes = [
            _whole(house, tx, reader, one)
            for one in found
            if may_see(reader.scope, one.parcel.shop)
        ]
    if not shapes:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return {"items": shapes}


@router.get(
    "/parcels/{parcel_id}",
    response_model=WholeParcel,
    response_model_exclude_unset=True,
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def show_parcel(request: Request, reader: ByToken, parcel_id: Annotated[Id, Path()]) -> Any:
    """
    One parcel with its events, looks and alerts.
    """
    house = house_of(request)
    with house.store.read() as tx:
        found = tx.parcels.get(parcel_id, house.clock())
        if found is None or not may_see(reader.scope, found.parcel.shop):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _whole(house, tx, reader, found)


def _whole(house: House, tx: Transaction, reader: Reader, record: WatchRecord) -> Shape:
    parcel = record.parcel
    return whole_parcel_shape(
        parcel,
        events=tx.looks.events(parcel.id),
        sightings=tx.sightings.of(parcel.id),
        looks=_looks(tx, reader, parcel.id),
        alerts=tx.alert_board.on_parcel(reader.scope, parcel.id),
        keep=timedelta(days=house.settings.watch.retention_days),
        now=house.clock(),
    ) | {"id": parcel.id}


def _looks(tx: Transaction, reader: Reader, parcel_id: int) -> tuple[StoredLook, ...]:
    """
    The parcel's looks; an answer's address is the operators', for it names the whole batch.
    """
    looks = tx.looks.of(parcel_id)
    if reader.scope is None:
        return looks
    return tuple(
        replace(one, evidence=replace(one.evidence, url=None)) if one.evidence else one
        for one in looks
    )


def _wanted(query: ParcelQuery) -> ParcelFilter:
    search = Search() if query.search is None else numbers_meant(query.search)
    return ParcelFilter(
        search=search,
        shop=query.shop,
        state=query.state,
        carrier=query.carrier,
        service=query.service,
        centre=query.centre,
        station=query.station,
        dated_by=query.dated_by,
        since=_utc(query.since),
        until=_utc(query.until),
    )


def _utc(at: datetime | None) -> datetime | None:
    """
    The instant by UTC; one beyond every parcel's life is brought to its edge.
    """
    if at is None:
        return None
    if not _EARLIEST.year <= at.year < _LATEST.year:
        return _EARLIEST if at.year < _EARLIEST.year else _LATEST
    return at.astimezone(UTC)
