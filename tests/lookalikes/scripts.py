"""
Look-alikes whose own script asks and draws: answers in every form that scripts fetch.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from datetime import UTC
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.lookalikes.forms import TOLD_IN_PASSING
from tests.lookalikes.serving import (
    ENTRY,
    Lookalike,
    Reply,
    Request,
    as_json,
    drawn,
    late,
    page,
    parcels,
    rendered,
)
from tests.lookalikes.story import Event, Parcel, Story, parcel_of
from tracker.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MINUTES = "%Y-%m-%d %H:%M"


def _scripted(name: str, takes: int = 10, **routes: Callable[[Request], Reply]) -> Lookalike:
    """
    One page that never changes, and the addresses that its script asks.
    """
    below = {f"/mercuryhub/{path}": route for path, route in routes.items()}
    return Lookalike(name, {ENTRY: page(name), **below}, takes=takes)


def _note(parcel: Parcel) -> str:
    return "No tracking information yet" if parcel.known else "Tracking number not found"


def _listed(request: Request, key: str) -> list[Parcel]:
    return [parcel_of(number) for number in request.told()[key]]


def _consignments(request: Request) -> Reply:
    """
    OmniParcel's shape (domain.md 3.3) with a field of the page's own.
    """
    return as_json([_consignment(parcel_of(number)) for number in request.told()])


def _consignment(parcel: Parcel) -> dict[str, Any]:
    events = [
        {
            "EventDT": event.at.strftime("%Y-%m-%dT%H:%M:%S.043"),
            "Code": None,
            "OmniCode": "",
            "Description": event.en,
            "Location": event.place,
            "Part": 1,
        }
        for event in parcel.events
    ]
    return {
        "ConsignmentNo": parcel.number,
        "Found": parcel.known,
        "Status": events[-1]["Description"] if events else "",
        "Picked": None,
        "Delivered": None,
        "Events": events,
    }


def _short(request: Request) -> Reply:
    (parcel,) = request.asked("n")
    rows = [[int(event.at.timestamp()), event.en, event.place] for event in parcel.events]
    return as_json({"s": int(parcel.known), "d": rows})


def _summary(request: Request) -> Reply:
    """
    Number and present state only; the events are asked for when somebody clicks.
    """
    return as_json(
        [
            {
                "no": parcel.number,
                "state": parcel.events[-1].en if parcel.events else _note(parcel),
                "count": len(parcel.events),
            }
            for parcel in request.asked("n")
        ]
    )


def _events(request: Request) -> Reply:
    (parcel,) = request.asked("no")
    rows = [
        {"t": event.at.strftime(_MINUTES), "txt": event.en, "loc": event.place}
        for event in reversed(parcel.events)
    ]
    return as_json({"rows": rows})


def _flat(asked: Iterable[Parcel], *names: str) -> list[dict[str, Any]]:
    """
    One row for each event, and one with a sentence for each number without any.
    """
    rows: list[tuple[str, ...]] = []
    for parcel in asked:
        rows += [
            (parcel.number, event.at.strftime(_MINUTES), event.en, event.place)
            for event in parcel.events
        ] or [(parcel.number, "", _note(parcel), "")]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _bulk(request: Request) -> Reply:
    return as_json({"rows": _flat(_listed(request, "list"), "tn", "tm", "ds", "ct")})


def _page(request: Request) -> Reply:
    rows = _flat(_listed(request, "nos"), "no", "time", "status", "loc")
    at = 2 * (request.told()["page"] - 1)
    return as_json({"rows": rows[at : at + 2], "pages": (len(rows) + 1) // 2})


def _shipments(request: Request) -> Reply:
    asked = parcels(unquote(request.query["numbers"]))
    return as_json({"status": "success", "data": {"shipments": [_shipment(one) for one in asked]}})


def _shipment(parcel: Parcel) -> dict[str, Any]:
    milestones = [
        {"occurredAt": event.at.isoformat(), "name": event.en, "hub": {"city": event.place}}
        for event in parcel.events
    ]
    error = None if parcel.known else "Tracking number not found"
    return {"trackingId": parcel.number, "error": error, "milestones": milestones}


def _waybills(request: Request) -> Reply:
    data = [
        {
            "waybillNo": parcel.number,
            "exist": parcel.known,
            "traceList": [
                {
                    "traceTime": event.at.strftime("%Y-%m-%d %H:%M:%S"),
                    "traceContent": event.zh,
                    "traceSite": event.place_zh,
                }
                for event in reversed(parcel.events)
            ],
        }
        for parcel in _listed(request, "waybillNos")
    ]
    return as_json({"code": 200, "msg": "操作成功", "data": data})


def _traces(request: Request) -> Reply:
    data = [
        {
            "billcode": parcel.number,
            "flag": parcel.known,
            "list": [
                {"dt": event.at.strftime(_MINUTES), "site": event.place_zh, "memo": event.zh}
                for event in reversed(parcel.events)
            ],
        }
        for parcel in request.asked("codes")
    ]
    return as_json({"code": 0, "msg": "", "count": len(data), "data": data})


def _lines(request: Request) -> Reply:
    return as_json(
        [
            {
                "id": parcel.number,
                "note": _note(parcel),
                "lines": [
                    {"at": event.at.strftime(_MINUTES), "what": event.en, "where": event.place}
                    for event in parcel.events
                ],
            }
            for parcel in request.asked("ids")
        ]
    )


def _lookup(request: Request) -> Reply:
    result = [
        {
            "code": parcel.number,
            "message": "" if parcel.events else _note(parcel),
            "history": [
                {"date": event.at.strftime(_MINUTES), "status": event.en, "place": event.place}
                for event in reversed(parcel.events)
            ],
        }
        for parcel in _listed(request, "codes")
    ]
    return as_json({"result": result})


def _one(request: Request) -> Reply:
    parcel = parcel_of(request.path.rpartition("/")[2])
    if not parcel.known:
        return as_json({"error": "not found"}, 404)
    steps = [
        {"label": event.en, "when": event.at.strftime("%d %b %Y %H:%M"), "city": event.place}
        for event in reversed(parcel.events)
    ]
    return as_json({"steps": steps})


def _new_job(request: Request) -> Reply:
    with request.portal.lock:
        jobs = request.portal.memory.setdefault("jobs", {})
        name = f"j{len(jobs)}"
        jobs[name] = (parcels(request.told()["query"]), count())
    return as_json({"job": name}, 202)


def _job(request: Request) -> Reply:
    asked, times = request.portal.memory["jobs"][request.path.rpartition("/")[2]]
    if next(times) < 2:
        return as_json({"state": "running"}, 202)
    return as_json([_consignment(parcel) | _refusal(parcel) for parcel in asked])


def _refusal(parcel: Parcel) -> dict[str, Any]:
    if parcel.known:
        return {}
    message = "Tracking number not found"
    return {"Events": None, "Errors": [{"Property": "ConsignmentNo", "Message": message}]}


def _messages(parcel: Parcel) -> list[str]:
    told: list[dict[str, str]] = [
        {"time": event.at.strftime(_MINUTES), "text": event.en, "place": event.place}
        for event in parcel.events
    ]
    return [json.dumps(one) for one in told or [{"note": _note(parcel)}]]


def _stream(request: Request) -> Reply:
    (parcel,) = request.asked("no")
    pieces = [f"data: {message}\n\n".encode() for message in _messages(parcel)]
    return Reply(kind="text/event-stream", pieces=[*pieces, b"event: end\ndata: x\n\n"])


_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def _socket(request: Request) -> Reply:
    """
    A web socket (RFC 6455): a number comes in a frame, its events go out in frames.
    """
    key = request.handler.headers["Sec-WebSocket-Key"] + _GUID
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    head = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept))
    return Reply(status=101, headers=head, pieces=_frames(request))


def _frames(request: Request) -> Iterator[bytes]:
    request.handler.connection.settimeout(20)
    while (number := _frame_read(request)) is not None:
        for message in _messages(parcel_of(number)):
            body = message.encode()
            length = (
                bytes([len(body)]) if len(body) < 126 else b"\x7e" + struct.pack(">H", len(body))
            )
            yield b"\x81" + length + body


def _frame_read(request: Request) -> str | None:
    head = request.handler.rfile.read(2)
    if len(head) < 2 or head[0] & 15 != 1:
        return None
    mask = request.handler.rfile.read(4)
    body = request.handler.rfile.read(head[1] & 127)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(body)).decode()


def _jsonp(request: Request) -> Reply:
    (parcel,) = request.asked("no")
    traces = [
        {
            "acceptTime": event.at.strftime("%Y-%m-%d %H:%M:%S"),
            "remark": event.en,
            "acceptAddress": event.place,
        }
        for event in reversed(parcel.events)
    ]
    told = json.dumps({"mailNo": parcel.number, "ok": parcel.known, "traces": traces})
    name = re.sub(r"\W", "", request.query["callback"])
    return Reply(f"{name}({told});".encode(), "application/javascript; charset=utf-8")


def _graph(request: Request) -> Reply:
    ids = request.told()["variables"]["ids"]
    return as_json({"data": {"shipments": [_node(parcel_of(one)) for one in ids]}})


def _node(parcel: Parcel) -> dict[str, Any] | None:
    if not parcel.known:
        return None
    edges = [
        {
            "node": {
                "occurredAt": event.at.isoformat(),
                "name": event.en,
                "location": {"city": event.place},
            }
        }
        for event in reversed(parcel.events)
    ]
    return {"id": parcel.number, "milestones": {"edges": edges}}


def _xml(request: Request) -> Reply:
    found = re.search(r"<ConNote>(.*?)</ConNote>", request.body.decode())
    parcel = parcel_of(found[1] if found else "")
    scans = "".join(
        f"<Scan><ScanTime>{event.at:%Y%m%d%H%M}00</ScanTime><ScanText>{escape(event.en)}</ScanText>"
        f"<Depot>{event.place}</Depot></Scan>"
        for event in parcel.events
    )
    code = 0 if parcel.known else 404
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><TrackResponse><ResultCode>{code}</ResultCode>'
        f"<ConNote>{escape(parcel.number)}</ConNote><Scans>{scans}</Scans></TrackResponse>"
    )
    return Reply(body.encode(), "text/xml; charset=utf-8")


def _gateway(request: Request) -> Reply:
    numbers = json.loads(base64.b64decode(request.told()["d"]))
    told = [
        {
            "n": parcel.number,
            "m": _note(parcel),
            "e": [[event.at.strftime(_MINUTES), event.en, event.place] for event in parcel.events],
        }
        for parcel in map(parcel_of, numbers)
    ]
    return as_json({"d": base64.b64encode(json.dumps(told).encode()).decode()[::-1]})


def _feed(request: Request) -> Reply:
    (parcel,) = request.asked("no")
    skip = int(request.query["skip"])
    items = [
        {"stamp": event.at.strftime(_MINUTES), "info": event.en, "site": event.place}
        for event in parcel.events[skip : skip + 2]
    ]
    return as_json({"found": parcel.known, "total": len(parcel.events), "items": items})


def _tabbed(request: Request) -> Reply:
    told = [
        {
            "num": parcel.number,
            "info": _note(parcel),
            "rows": [[e.at.strftime(_MINUTES), e.en, e.place] for e in reversed(parcel.events)],
        }
        for parcel in parcels(request.body.decode())
    ]
    return Reply(base64.b64encode(json.dumps(told).encode()), "text/plain")


def _days(request: Request) -> Reply:
    parcel = parcel_of(request.told()["trackingNumber"])
    days: dict[str, list[dict[str, str]]] = {}
    for event in reversed(parcel.events):
        entry = {
            "time": event.at.strftime("%H:%M"),
            "message": event.en,
            "facility": event.place.title(),
        }
        days.setdefault(event.at.strftime("%d %b %Y"), []).append(entry)
    timeline = [{"date": day, "entries": entries} for day, entries in days.items()]
    status = "FOUND" if parcel.known else "NOT_FOUND"
    result = {"trackingNumber": parcel.number, "status": status, "timeline": timeline}
    return as_json({"result": result})


def _rows(request: Request) -> Reply:
    asked = [parcel_of(number) for number in request.told()]
    return as_json(_flat(asked, "no", "at", "what", "where"))


def _template_data(request: Request) -> Reply:
    (parcel,) = request.asked("n")
    events = [{"ts": event.at.strftime(_MINUTES), "tx": event.en} for event in parcel.events]
    return as_json({"known": parcel.known, "ev": events})


def _source(first: int, last: int) -> Callable[[Request], Reply]:
    """
    One of two sources: it knows some of the events.
    """

    def answer(request: Request) -> Reply:
        (parcel,) = request.asked("n")
        told = [{"ts": e.at.strftime(_MINUTES), "tx": e.en} for e in parcel.events[first:last]]
        return as_json({"known": parcel.known, "ev": told})

    return answer


def _news(request: Request) -> Reply:
    return as_json(
        [
            {"publishTime": "2026-11-10 09:00", "title": "Parcel received and accepted"},
            {"publishTime": "2026-10-20 10:30", "title": "Depot scan: what it means"},
        ]
    )


def _by_number(request: Request) -> Reply:
    return as_json({one.number: _statuses(one) for one in _listed(request, "numbers")})


def _statuses(parcel: Parcel) -> list[dict[str, str]] | None:
    if not parcel.known:
        return None
    return [
        {"time": event.at.strftime(_MINUTES), "status": event.en, "location": event.place}
        for event in reversed(parcel.events)
    ]


def _token_page(request: Request) -> Reply:
    return rendered("react_disabled", request, token="c5f0a1")


def _groups(request: Request) -> Reply:
    groups = [
        {
            "key": parcel.number,
            "text": _note(parcel),
            "rows": [[e.at.strftime("%d/%m/%Y %H:%M"), e.en, e.place] for e in parcel.events],
        }
        for parcel in request.asked("numbers")
    ]
    return as_json({"success": True, "groups": groups})


def _partial(request: Request) -> Reply:
    """
    The answer of JSF: HTML in CDATA, for the page's script to put in its place.
    """
    part = rendered("primefaces_part", request, asked=request.asked("form:nos")).body.decode()
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><partial-response id="j_id1"><changes>'
        f'<update id="form:out"><![CDATA[{part}]]></update></changes></partial-response>'
    )
    return Reply(body.encode(), "text/xml; charset=UTF-8")


def _inquired(request: Request) -> Reply:
    """
    An envelope with codes of its own: success is not 200 or 0, and a failure says which.
    """
    parcel = parcel_of(request.told()["parcelNo"])
    if not parcel.known:
        return as_json({"code": "20404", "message": "No record found", "result": None})
    tracks = [
        {"scanTime": e.at.strftime("%Y-%m-%d %H:%M:%S"), "scanDesc": e.en, "scanCity": e.place}
        for e in reversed(parcel.events)
    ]
    result = {"parcelNo": parcel.number, "tracks": tracks}
    return as_json({"code": "10000", "message": "SUCCESS", "result": result})


def _inner(request: Request) -> Reply:
    """
    Rows as a database has them: when each was written stands beside when it happened.
    """
    rows = [
        {
            "id": 9001 + at if parcel.known else None,
            "createTime": "2026-11-23 03:00:00",
            "waybillNo": parcel.number,
            "scans": [_inner_scan(event) for event in parcel.events],
        }
        for at, parcel in enumerate(_listed(request, "nos"))
    ]
    return as_json({"total": len(rows), "rows": rows, "code": 200, "msg": "ok"})


def _inner_scan(event: Event) -> dict[str, Any]:
    return {
        "createBy": "system",
        "createTime": "2026-11-23 03:00:00",
        "updateTime": "2026-11-23 03:00:01",
        "scanTime": event.at.strftime("%Y-%m-%d %H:%M:%S"),
        "status": "10",
        "statusDesc": event.en,
        "remark": None,
        "siteName": event.place,
    }


def _plan(request: Request) -> Reply:
    """
    What is planned stands beside what happened, and stays where nothing happened yet.
    """
    names = ("Shipping information received", "Parcel received and accepted")
    told = [
        {
            "no": parcel.number,
            "found": parcel.known,
            "milestones": [
                {"name": name, "planned": "2026-11-21 10:00", "actual": _actual(parcel, name)}
                for name in names
                if parcel.events
            ],
        }
        for parcel in _listed(request, "nos")
    ]
    return as_json(told)


def _actual(parcel: Parcel, name: str) -> str | None:
    return next((e.at.strftime(_MINUTES) for e in parcel.events if e.en == name), None)


def _checkpoints(request: Request) -> Reply:
    """
    Instants in UTC, which the page draws in the carrier's time.
    """
    parcel = parcel_of(request.path.rpartition("/")[2])
    if not parcel.known:
        return as_json({"message": "not found"}, 404)
    told = [
        {
            "time": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "message": event.en,
            "city": event.place,
        }
        for event in reversed(parcel.events)
    ]
    return as_json({"number": parcel.number, "checkpoints": told})


def _asmx(request: Request) -> Reply:
    """
    JSON as a string inside JSON, with the dates of ASP.NET AJAX.
    """
    parcel = parcel_of(request.told()["awb"])
    items = [
        {
            "Dt": f"/Date({int(event.at.timestamp()) * 1000})/",
            "Rm": event.en,
            "St": event.place,
        }
        for event in reversed(parcel.events)
    ]
    told = {"Awb": parcel.number, "Status": len(items) if parcel.known else -1, "Items": items}
    return as_json({"d": json.dumps(told)})


def _datatables(request: Request) -> Reply:
    rows = _flat(request.asked("l"), "number", "time", "text", "place")
    data = [[row["number"], row["text"], row["place"], row["time"]] for row in rows]
    return as_json({"draw": 1, "recordsTotal": len(data), "data": data})


def _mobile(request: Request) -> Reply:
    (parcel,) = request.asked("mailNo")
    if not parcel.events:
        code, words = (1, "暂无物流信息") if parcel.known else (2, "单号不存在")
        return as_json({"code": code, "message": words, "data": None})
    told = [
        {"ftime": event.at.strftime("%Y-%m-%d %H:%M:%S"), "context": event.zh}
        for event in reversed(parcel.events)
    ]
    return as_json({"code": 0, "message": "ok", "data": told})


#: contract.md: a 4xx is unreadable; what the page draws for its own 404 may be believed or not.
_BY_404 = {
    Story.UNKNOWN: frozenset({Outcome.NOT_FOUND, Outcome.UNREADABLE, Outcome.MISSING}),
}

SCRIPTS = (
    Lookalike(
        "xhr_tables", {ENTRY: page("xhr_tables"), "/mercuryhub/api/consignments": _consignments}
    ),
    _scripted("div_grid_enter", 1, q=_short),
    _scripted("accordion", summary=_summary, details=drawn("accordion_details", "no")),
    _scripted("modal", summary=_summary, events=_events),
    _scripted("one_table_all", bulk=_bulk),
    _scripted("paged_xhr", page=_page),
    Lookalike("spa_hash", {ENTRY: page("spa_hash"), "/mercuryhub/v1/shipments": _shipments}),
    Lookalike(
        "element_steps", {ENTRY: page("element_steps"), "/mercuryhub/api/waybill/list": _waybills}
    ),
    Lookalike("layui_nested", {ENTRY: page("layui_nested"), "/mercuryhub/trace.json": _traces}),
    _scripted("shadow_dom", parcels=_lines),
    _scripted("tag_input", lookup=_lookup),
    Lookalike(
        "icon_button",
        {ENTRY: page("icon_button"), "/mercuryhub/one/": _one},
        takes=1,
        instead=_BY_404,
    ),
    Lookalike(
        "polling",
        {ENTRY: page("polling"), "/mercuryhub/jobs": _new_job, "/mercuryhub/jobs/": _job},
    ),
    Lookalike(
        "websocket",
        {ENTRY: page("socket_page", kind="websocket"), "/mercuryhub/ws": _socket},
        takes=1,
    ),
    Lookalike(
        "eventsource",
        {ENTRY: page("socket_page", kind="eventsource"), "/mercuryhub/stream": _stream},
        takes=1,
    ),
    _scripted("jsonp", 1, jsonp=_jsonp),
    _scripted("html_fragment", _result=drawn("html_fragment_part", "trackingNos")),
    _scripted("graphql", graphql=_graph),
    _scripted("xml_answer", 1, soap=_xml),
    _scripted("encoded_answer", gw=_gateway),
    _scripted("load_more", 1, feed=_feed),
    _scripted("tabs", multi=_tabbed),
    _scripted("carousel", fragment=drawn("html_fragment_part", "n")),
    Lookalike(
        "react_disabled",
        {ENTRY: _token_page, "/mercuryhub/api/v3/tracking/search": _days},
        takes=1,
    ),
    _scripted("empty_state_first", slow=late(0.6, _rows)),
    _scripted("hidden_template", 1, t=_template_data),
    _scripted("search_history", 1, t=_template_data),
    _scripted("two_sources", 1, data=_source(0, 2), scans=late(1.2, _source(2, 4))),
    Lookalike(
        "announcements",
        {
            ENTRY: page("announcements"),
            "/mercuryhub/api/track": _by_number,
            "/mercuryhub/news": _news,
        },
    ),
    Lookalike(
        "request_per_number",
        {ENTRY: page("request_per_number"), "/mercuryhub/shipments/": _checkpoints},
        instead=_BY_404,
    ),
    Lookalike("asmx", {ENTRY: page("asmx"), "/mercuryhub/Service.asmx/Track": _asmx}, takes=1),
    _scripted("datatables", dt=_datatables),
    Lookalike(
        "toast",
        {ENTRY: page("toast"), "/mercuryhub/m/trace": _mobile},
        takes=1,
        instead=TOLD_IN_PASSING,
    ),
    _scripted("beside_buttons", summary=_summary, events=_events, act=lambda _: as_json({})),
    Lookalike("extjs_grid", {ENTRY: page("extjs_grid"), "/mercuryhub/rest/jtrack": _groups}),
    Lookalike("primefaces", {ENTRY: page("primefaces"), "/mercuryhub/jtrack.xhtml": _partial}),
    _scripted("material", 1, t=_template_data),
    Lookalike(
        "envelope", {ENTRY: page("envelope"), "/mercuryhub/open/inquire": _inquired}, takes=1
    ),
    Lookalike("two_instants", {ENTRY: page("two_instants"), "/mercuryhub/inner/list": _inner}),
)

#: A plan is no event: failed looks are right here too, false claims are not.
PLANS = (_scripted("planned_json", plan=_plan),)
