"""
Look-alikes in the manners of forwarders' own developers, old ASP pages to component libraries.

Written without a look at the reader; their wordings and layouts stand in no other file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit
from xml.sax.saxutils import quoteattr

from tests.lookalikes.serving import (
    ENTRY,
    Lookalike,
    Reply,
    Request,
    as_json,
    drawn,
    page,
    rendered,
)
from tests.lookalikes.story import Event, Parcel, Story, parcel_of
from tracker.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable


_NOVEL = frozenset({Outcome.UNREADABLE, Outcome.MISSING})
_EVENTS_OR_NOVEL = {
    Story.SCANNED: _NOVEL | {Outcome.EVENTS},
    Story.PRE_ADVICE: _NOVEL | {Outcome.EVENTS},
}
#: Numbers without events are told in one sentence for all of them, away from the others.
_COLLECTED = {
    Story.NOTHING: _NOVEL | {Outcome.NO_EVENTS},
    Story.UNKNOWN: _NOVEL | {Outcome.NOT_FOUND},
}
#: A label "no information" and a sentence "nothing yet" beside it: either, and both are no scan.
_TWO_WORDS = {Story.NOTHING: frozenset({Outcome.NO_EVENTS, Outcome.NOT_FOUND})}

Instead = Mapping[Story, frozenset[Outcome]]


def _form(name: str, field: str, takes: int = 10, instead: Instead | None = None) -> Lookalike:
    """
    One form on one page that the server draws.
    """
    return Lookalike(name, {ENTRY: drawn(name, field)}, takes=takes, instead=instead or {})


def _scripted(
    name: str,
    path: str,
    answer: Callable[[Request], Reply],
    takes: int = 10,
    instead: Instead | None = None,
) -> Lookalike:
    """
    One page that never changes, and the address that its script asks.
    """
    routes = {ENTRY: page(name), f"/mercuryhub/{path}": answer}
    return Lookalike(name, routes, takes=takes, instead=instead or {})


def _handler(request: Request) -> Reply:
    """
    A day and a time of day under two keys.
    """
    return as_json({"success": True, "result": [_panel(one) for one in request.asked("hawbs")]})


def _panel(parcel: Parcel) -> dict[str, Any]:
    events = [
        {
            "eventDate": event.at.strftime("%d/%m/%Y"),
            "eventTime": event.at.strftime("%H:%M"),
            "station": event.place,
            "activity": event.en,
        }
        for event in reversed(parcel.events)
    ]
    remark = "No tracking information is available yet." if parcel.known else "No record found."
    last = parcel.events[-1].en if parcel.events else ""
    return {
        "hawb": parcel.number,
        "lastStatus": last,
        "events": events,
        "remark": "" if events else remark,
    }


def _cards(request: Request) -> Reply:
    data = [_card(parcel_of(number)) for number in request.told()["nos"]]
    return as_json({"code": 200, "success": True, "msg": "成功", "data": data})


def _card(parcel: Parcel) -> dict[str, Any]:
    nodes = [
        {
            "time": f"{event.at:%Y年%m月%d日 %H:%M}",
            "desc": event.zh,
            "city": event.place_zh,
        }
        for event in reversed(parcel.events)
    ]
    return {
        "trackNo": parcel.number,
        "statusName": nodes[0]["desc"] if nodes else "无信息",
        "nodes": nodes,
        "tip": "暂无轨迹信息" if parcel.known else "未查询到该单号信息",
    }


def _escaped(request: Request) -> Reply:
    """
    JSON that is percent-encoded: only the page itself can read it.
    """
    asked = parse_qsl(urlsplit(request.handler.path).query)
    told = [_accordion(parcel_of(value)) for name, value in asked if name == "no"]
    return Reply(quote(as_json(told).body.decode()).encode(), "text/plain")


def _accordion(parcel: Parcel) -> dict[str, Any]:
    events = [
        {"t": event.at.strftime("%b %d, %Y %H:%M"), "s": event.en, "l": event.place}
        for event in reversed(parcel.events)
    ]
    chip = "In progress" if events else "Pending" if parcel.known else "Not found"
    message = "No tracking events yet" if parcel.known else "Shipment not found"
    return {"n": parcel.number, "c": chip, "m": message, "events": events}


def _references(request: Request) -> Reply:
    """
    The known ones in one list, the unknown ones in another.
    """
    asked = [parcel_of(number) for number in request.told()["referenceNumbers"]]
    return as_json(
        {
            "shipments": [_reference(one) for one in asked if one.known],
            "notFound": [one.number for one in asked if not one.known],
        }
    )


def _reference(parcel: Parcel) -> dict[str, Any]:
    events = [
        {
            "eventCode": "",
            "eventDescription": event.en,
            "eventDateLocal": event.at.strftime("%Y-%m-%dT%H:%M:%S"),
            "locationName": event.place,
        }
        for event in parcel.events
    ]
    last = {"description": parcel.events[-1].en} if events else None
    return {"referenceNumber": parcel.number, "currentStatus": last, "trackingEvents": events}


def _grid(request: Request) -> Reply:
    rows = [row for parcel in request.asked("nos") for row in _grid_rows(parcel)]
    return as_json({"total": len(rows), "rows": rows})


def _grid_rows(parcel: Parcel) -> list[dict[str, Any]]:
    remark = "No tracking data yet" if parcel.known else "Tracking number does not exist"
    return [_grid_row(parcel, event) for event in parcel.events] or [
        {"trackingNo": parcel.number, "eventTime": None, "location": None, "remarks": remark}
    ]


def _grid_row(parcel: Parcel, event: Event) -> dict[str, Any]:
    return {
        "trackingNo": parcel.number,
        "eventTime": event.at.strftime("%Y-%m-%d %H:%M:%S"),
        "location": event.place,
        "remarks": event.en,
    }


def _piped(request: Request) -> Reply:
    (parcel,) = request.asked("hawb")
    rows = [f"{one.at:%Y-%m-%d %H:%M}|{one.place}|{one.en}" for one in parcel.events]
    told = "~".join([parcel.number, "Y" if parcel.known else "N", *rows])
    return Reply(told.encode(), "text/html; charset=utf-8")


def _attributes(request: Request) -> Reply:
    (parcel,) = request.asked("n")
    told = [(f"{one.at:%Y-%m-%d %H:%M}", one.en, one.place) for one in parcel.events]
    rows = "".join(f"<r a={quoteattr(a)} b={quoteattr(b)} c={quoteattr(c)}/>" for a, b, c in told)
    return Reply(f'<d ok="{int(parcel.known)}">{rows}</d>'.encode(), "text/html")


def _wrapped(request: Request) -> Reply:
    drawn_part = rendered("html_in_json_part", request, asked=request.asked("tracking"))
    return as_json({"success": True, "data": {"html": drawn_part.body.decode()}})


FORWARDERS = (
    # Each number is a sub-heading in a table of its own, as if the other tables' had been lost.
    _form("asp_nested", "txtHawb", instead=_EVENTS_OR_NOVEL),
    _scripted("boot_panels", "TrackHandler.ashx", _handler),
    _scripted("el_cards", "api/open/track/query", _cards, instead=_TWO_WORDS),
    _scripted("mui_accordion", "shipments", _escaped),
    _scripted("ng_results", "api/v1/Tracking/Search", _references, instead=_COLLECTED),
    _scripted("easyui_grid", "track/list.do", _grid),
    _form("tabs_by_number", "trackingnumbers"),
    Lookalike(
        "modal_fragment",
        {
            ENTRY: drawn("modal_fragment", "nos"),
            "/mercuryhub/history": drawn("modal_fragment_part", "no"),
        },
    ),
    _form("dl_history", "ids"),
    _scripted("piped_text", "trk.jsp", _piped, takes=1),
    _form("captions", "tn"),
    _form("left_right_zh", "q"),
    _scripted("boot_table_pager", "t.php", _attributes, takes=1),
    _form("alerts_collected", "numbers", instead=_COLLECTED),
    Lookalike(
        "target_frame",
        {
            ENTRY: page("target_frame"),
            "/mercuryhub/result.jsp": drawn("target_frame_result", "billNos"),
        },
    ),
    _form("state_in_page", "no", takes=1),
    _form("bracket_places", "mailno"),
    _form("sparse_numbers", "h"),
    _scripted("html_in_json", "wp-admin/admin-ajax.php", _wrapped),
    _form("toggle_rows", "refs"),
    # Number and present status stand in a table of labels, two to a row, without a date.
    Lookalike(
        "new_tab_script",
        {
            ENTRY: page("new_tab_script"),
            "/mercuryhub/detail": drawn("new_tab_script_detail", "no"),
        },
        takes=1,
        instead=_EVENTS_OR_NOVEL,
    ),
)
