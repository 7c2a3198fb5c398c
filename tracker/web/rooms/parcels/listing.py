"""
The list of parcels: searched by any number, filtered, sorted, page by page.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.calendar import CENTRES
from tracker.model import CarrierName, Service
from tracker.searching import MOST_BEGINNINGS
from tracker.store.boards.parcels import DatedBy, Sort
from tracker.web.language import marked as _
from tracker.web.rendering import gettext_of, page, terms_for
from tracker.web.rooms.parcels.asking import asked
from tracker.web.rooms.parcels.states import STATES
from tracker.web.security.viewers import Viewer, Viewing, house_of

router = APIRouter(include_in_schema=False)

PAGE = 50
#: More stations than this are no help in a list to choose from.
_MOST_CHOICES = 200


SORTS = {
    Sort.NEWEST: _("Newest first"),
    Sort.DEADLINE: _("Scan deadline"),
    Sort.CANCELLATION: _("Automatic cancellation"),
}
DATES = {DatedBy.HANDED_OVER: _("Handed over"), DatedBy.ORDERED: _("Ordered")}
CARRIERS = {CarrierName.SEKO: "Seko", CarrierName.CLEVY: "Clevy"}
SERVICES = {Service.DS: _("Dropshipping (DS)"), Service.POSTAL: _("Postal")}


@router.get("/parcels")
def parcels(request: Request, viewer: Viewer) -> Response:
    """
    One page of the parcels that the address asks for, with how many there are of each state.
    """
    house = house_of(request)
    now = house.clock()
    question = asked(request.query_params, house.settings.zone)
    with house.store.read() as tx:
        board = tx.parcel_board
        counts = board.counts(viewer.scope, question.wanted, now)
        found = board.page(
            viewer.scope,
            question.wanted,
            now,
            sort=question.sort,
            limit=PAGE + 1,
            after=question.after,
        )
        places = board.places(viewer.scope)
    state = question.wanted.state
    return page(
        request,
        "parcels/list.html",
        viewer,
        asked=question,
        parcels=found[:PAGE],
        next_page=question.page_after(found[PAGE - 1]) if len(found) > PAGE else None,
        counts=counts,
        everything=sum(counts.values()),
        total=sum(counts.values()) if state is None else counts.get(state, 0),
        choices=_choices(request, viewer, places),
        states=STATES,
        services=SERVICES,
        most_beginnings=MOST_BEGINNINGS,
    )


def _choices(
    request: Request, viewer: Viewing, places: tuple[tuple[str | None, str | None], ...]
) -> dict[str, list[tuple[str, str]]]:
    """
    What each filter can be set to: the value, and how it is called.
    """
    say, terms = gettext_of(request, viewer), terms_for(request, viewer)
    shops = sorted({shop for shop, _station in places if shop})
    stations = sorted({station for _shop, station in places if station})
    return {
        "state": [(state.value, say(words.name)) for state, words in STATES.items()],
        "shop": [(shop, shop) for shop in shops],
        "carrier": [(carrier.value, name) for carrier, name in CARRIERS.items()],
        "service": [(service.value, say(name)) for service, name in SERVICES.items()],
        "centre": [(centre, terms.centre(centre)) for centre in CENTRES],
        "station": [(station, station) for station in stations[:_MOST_CHOICES]],
        "by": [(date.value, say(name)) for date, name in DATES.items()],
        "sort": [(sort.value, say(name)) for sort, name in SORTS.items()],
    }
