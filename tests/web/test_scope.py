"""
Nobody reaches another shop's things: asked of every route that there is.

A new route fails here until it stands in one of the tables below, with addresses that name the
other shop's things in every way that the route knows.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from tests.support.dashboard import served
from tests.support.twoshops import OURS, THEIRS, Facts, facts_of, two_shops
from tracker.shapes import alert_shape, parcel_shape
from tracker.store.people import Role
from tracker.web.app import make_app
from tracker.web.security.passwords import fingerprint
from tracker.web.security.viewers import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.support.dashboard import Dashboard

API = "/api/v1"
FORM_TOKEN = "the form token"

#: Routes that anybody may ask: they hold nothing of any shop.
PUBLIC = {
    "/login": ["/login?next=/%3Fshop={shop}"],
    "/language/{language}": ["/language/zh"],
    "/static": ["/static/style.css"],
    "/healthz": ["/healthz"],
    f"{API}/docs": [f"{API}/docs"],
    f"{API}/openapi.json": [f"{API}/openapi.json"],
}

#: Each route for people and programs of a shop: addresses that try to reach the other shop's.
ASKED = {
    "/": ["/", "/?shop={shop}"],
    "/today/group/{kind}": [
        "/today/group/urge_scan",
        "/today/group/urge_scan?shop={shop}",
        "/today/group/unverified?shop={shop}",
    ],
    "/today/by-hand": ["/today/by-hand", "/today/by-hand?shop={shop}"],
    "/today/by-hand.csv": ["/today/by-hand.csv", "/today/by-hand.csv?shop={shop}"],
    "/today/do/{deed}": ["/today/do/urged?id={alert}"],
    "/today/scanned": ["/today/scanned?number={late}"],
    "/today/text/{deed}": ["/today/text/urge-text?id={alert}", "/today/text/claim-text?id={alert}"],
    "/parcels": [
        f"/parcels{query}"
        for query in (
            "",
            "?shop={shop}",
            "?q={late}",
            "?q={order}",
            "?q={mark}202",
            "?state=overdue",
            "?after={scanned_parcel}",
            "?sort=deadline",
        )
    ],
    "/parcels/parcels.csv": ["/parcels/parcels.csv", "/parcels/parcels.csv?shop={shop}&q={late}"],
    "/parcels/parcels.xlsx": ["/parcels/parcels.xlsx", "/parcels/parcels.xlsx?shop={shop}"],
    "/parcels/import": ["/parcels/import"],
    "/parcels/{parcel_id:int}": ["/parcels/{parcel}", "/parcels/{scanned_parcel}"],
    "/parcels/{parcel_id:int}/evidence/{look_id:int}": ["/parcels/{parcel}/evidence/{look}"],
    "/parcels/{parcel_id:int}/evidence/{look_id:int}/picture": [
        "/parcels/{parcel}/evidence/{look}/picture"
    ],
    "/centres": ["/centres", "/centres?shop={shop}"],
    "/centres/{name}/extension": [
        "/centres/shenzhen/extension",
        "/centres/shenzhen/extension?shop={shop}",
    ],
    "/claims/pack.zip": ["/claims/pack.zip", "/claims/pack.zip?shop={shop}"],
    "/trends": ["/trends", "/trends?shop={shop}"],
    "/trends/weeks.csv": ["/trends/weeks.csv", "/trends/weeks.csv?shop={shop}"],
    "/trends/alerts.csv": ["/trends/alerts.csv", "/trends/alerts.csv?shop={shop}"],
    "/trends/claims.csv": ["/trends/claims.csv", "/trends/claims.csv?shop={shop}"],
    "/account": ["/account"],
    f"{API}/parcels": [
        f"{API}/parcels{query}"
        for query in (
            "",
            "?limit=500",
            "?shop={shop}",
            "?search={late}",
            "?search={order}",
            "?search={mark}",
            "?search=JG-N",
            "?state=overdue",
            "?state=scanned&carrier=seko&centre=shenzhen",
            "?cursor={scanned_parcel}",
            "?dated_by=ordered&since=2026-11-01T00:00:00Z",
        )
    ],
    f"{API}/parcels/{{parcel_id}}": [
        f"{API}/parcels/{{parcel}}",
        f"{API}/parcels/{{scanned_parcel}}",
    ],
    f"{API}/parcels/by-number/{{number}}": [
        f"{API}/parcels/by-number/{one}" for one in ("{late}", "{scanned}", "{order}", "{mark}202")
    ],
    f"{API}/alerts": [
        f"{API}/alerts{query}"
        for query in ("", "?state=all", "?shop={shop}", "?kind=urge_scan", "?kind=unverified")
    ],
    f"{API}/alerts/{{alert_id}}": [f"{API}/alerts/{{alert}}", f"{API}/alerts/3"],
    f"{API}/deliveries": [
        f"{API}/deliveries{query}" for query in ("", "?shop={shop}", "?channel=email")
    ],
    f"{API}/centres": [f"{API}/centres"],
    f"{API}/calendar/deadline": [f"{API}/calendar/deadline?handed_over=2026-11-20"],
    f"{API}/calendar/show": [f"{API}/calendar/show?month=2026-11"],
}

#: Routes for operators only.
OPERATORS = {
    f"{API}/status": [f"{API}/status"],
    "/health": ["/health"],
    "/settings": ["/settings"],
    "/settings/calendar": ["/settings/calendar"],
    "/settings/calendar/enter": ["/settings/calendar/enter"],
    "/settings/calendar/entries/{entry_id}": ["/settings/calendar/entries/1"],
}

#: For machines: this machine itself, or an operator's token.
MACHINES = {"/metrics": ["/metrics"]}

#: Each form: where it is sent and what it holds, in as many ways as it knows; none where anybody
#: may send it.
FORMS: dict[str, list[tuple[str, dict[str, str]]]] = {
    "/login": [],
    "/logout": [("/logout", {})],
    "/account/language": [("/account/language", {"language": "zh"})],
    "/account/password": [("/account/password", {"current": "x", "new": "y", "again": "z"})],
    "/account/tokens": [("/account/tokens", {"name": "mine", "days": "30"})],
    "/account/tokens/{token_id}/revoke": [("/account/tokens/{token}/revoke", {})],
    "/account/log-out-everywhere": [("/account/log-out-everywhere", {})],
    "/today/do/{deed}": [
        *((f"/today/do/{deed}", {"id": "{alert}"}) for deed in ("urged", "acknowledged")),
        ("/today/do/claimed", {"id": "{alert}", "case_id": "12345678"}),
        ("/today/do/answered", {"id": "{alert}", "outcome": "accepted"}),
        ("/today/do/snoozed", {"id": "{alert}", "until": "tomorrow"}),
        ("/today/do/urge-text", {"id": "{alert}"}),
        (
            "/today/do/urged",
            {
                "whole": "1",
                "shop": "{shop}",
                "kind": "urge_scan",
                "newest": "{alert}",
                "count": "1",
            },
        ),
    ],
    "/today/by-hand/upload": [("/today/by-hand/upload", {})],
    "/today/by-hand/confirm": [("/today/by-hand/confirm", {"upload": "guessed"})],
    "/today/scanned": [
        ("/today/scanned", {"number": "{late}", "at": "2026-11-17T10:00", "source": "chat"})
    ],
    "/parcels/{parcel_id:int}/handover": [
        ("/parcels/{parcel}/handover", {"at": "2026-11-16T15:00", "courier": "x", "waybill": "y"})
    ],
    "/parcels/{parcel_id:int}/scanned": [
        ("/parcels/{parcel}/scanned", {"at": "2026-11-17T10:00", "source": "chat"})
    ],
    "/parcels/{parcel_id:int}/not-scanned": [("/parcels/{parcel}/not-scanned", {})],
    "/parcels/{parcel_id:int}/look": [("/parcels/{parcel}/look", {})],
    "/parcels/{parcel_id:int}/snooze": [("/parcels/{parcel}/snooze", {"until": "2026-11-30"})],
    "/parcels/import": [("/parcels/import", {"shop": "{shop}"})],
    "/parcels/import/confirm": [("/parcels/import/confirm", {"upload": "guessed"})],
    "/parcels/import/forget": [("/parcels/import/forget", {"upload": "guessed"})],
}
#: Forms for operators only.
OPERATORS_FORMS: dict[str, list[tuple[str, dict[str, str]]]] = {
    "/settings/calendar/enter": [
        (
            "/settings/calendar/enter",
            {"centre": "shenzhen", "first": "2026-11-30", "effect": "closed"},
        )
    ],
    "/settings/calendar/entries/{entry_id}/withdraw": [
        ("/settings/calendar/entries/1/withdraw", {})
    ],
    "/health/wordings/{wording_id}": [("/health/wordings/1", {"stage": "received"})],
    "/health/wordings/{wording_id}/withdraw": [("/health/wordings/1/withdraw", {})],
}

#: Routes whose addresses above name one thing: of another shop it is not found.
OF_ONE_THING = {
    "/today/text/{deed}",
    "/parcels/{parcel_id:int}",
    "/parcels/{parcel_id:int}/evidence/{look_id:int}",
    "/parcels/{parcel_id:int}/evidence/{look_id:int}/picture",
    f"{API}/parcels/{{parcel_id}}",
    f"{API}/parcels/by-number/{{number}}",
    f"{API}/alerts/{{alert_id}}",
}

#: Routes whose answer shows an operator something of the other shop, so that leaks can be seen.
SHOWING = [
    "/",
    "/today/group/{kind}",
    "/today/text/{deed}",
    "/parcels",
    "/parcels/parcels.csv",
    "/parcels/parcels.xlsx",
    "/parcels/{parcel_id:int}",
    "/parcels/{parcel_id:int}/evidence/{look_id:int}",
    f"{API}/parcels",
    f"{API}/parcels/{{parcel_id}}",
    f"{API}/parcels/by-number/{{number}}",
    f"{API}/alerts",
    f"{API}/alerts/{{alert_id}}",
    f"{API}/deliveries",
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """
    The dashboard of two shops with a seller each, and an operator.
    """
    with two_shops(tmp_path_factory.mktemp("world")) as world, served(world) as dashboard:
        dashboard.person("ours", OURS)
        dashboard.person("theirs", THEIRS)
        dashboard.person("boss", role=Role.OPERATOR)
        yield dashboard


@pytest.fixture(scope="module")
def theirs(house: Dashboard) -> Facts:
    """
    The other shop's things.
    """
    return facts_of(house.world, THEIRS)


def routes(house: Dashboard) -> Iterator[tuple[str, str]]:
    """
    Method and path of everything that is served.
    """

    def walk(found: Iterable[Any], above: str) -> Iterator[tuple[str, str]]:
        for context in iter_route_contexts(found):
            route = context.original_route
            path = above + (context.path or "")
            if isinstance(route, Mount) and route.routes:
                yield from walk(route.routes, path)
            else:
                for method in set(context.methods or {"GET"}) - {"HEAD"}:
                    yield method, path

    yield from walk(make_app(house.house).routes, "")


def browsing(house: Dashboard, name: str) -> httpx.Client:
    """
    Somebody's browser, logged in without the form, and with the form's token known.
    """
    token = f"login of {name}"
    now = house.world.clock()
    with house.world.store.begin() as tx:
        user = tx.people.get(name)
        assert user is not None
        tx.people.log_out(fingerprint(token))
        later = now.replace(year=now.year + 1)
        tx.people.log_in(user, fingerprint(token), FORM_TOKEN, now, later)
    return httpx.Client(base_url=house.url, cookies={COOKIE: token}, timeout=60)


def asked_as(house: Dashboard, name: str, path: str) -> httpx.Response:
    """
    The answer to a GET by somebody's browser, or by somebody's program below the API.
    """
    with browsing(house, name) as client:
        headers = house.token(name) if path.startswith(API) else {}
        return client.get(path, headers=headers)


def text_of(answer: httpx.Response) -> str:
    """
    Everything that the answer says, in headers and body; what is packed is unpacked.
    """
    body = answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    said = body.decode("utf-8", "replace")
    return said + "\n".join(f"{name}: {value}" for name, value in answer.headers.items())


def leaks(answer: httpx.Response, theirs: Facts, asked: str) -> list[str]:
    """
    What the answer shows of the other shop; an address that is said back is no news.
    """
    said = text_of(answer)
    return [mark for mark in theirs.marks if mark not in asked and mark in said]


def test_every_route_is_asked(house: Dashboard) -> None:
    """
    No route is missing in the tables, and none stands there that is gone.
    """
    found = set(routes(house))
    assert {path for method, path in found if method == "GET"} == {
        *(PUBLIC | ASKED | OPERATORS | MACHINES)
    }
    unsafe = {path for method, path in found if method not in {"GET", "OPTIONS"}}
    assert unsafe == {*FORMS, *OPERATORS_FORMS}
    assert {method for method, _ in found} <= {"GET", "POST"}


@pytest.mark.parametrize("route", [*PUBLIC, *ASKED, *OPERATORS, *MACHINES])
def test_nothing_of_another_shop_is_shown(house: Dashboard, theirs: Facts, route: str) -> None:
    """
    Whatever a seller asks for, no mark of the other shop is in the answer.

    A thing of the other shop is not found, and says no more than one that does not exist.
    """
    for template in (PUBLIC | ASKED | OPERATORS | MACHINES)[route]:
        path = theirs.fill(template)
        answer = asked_as(house, "ours", path)
        assert answer.status_code < 500 or route == "/healthz", path
        assert leaks(answer, theirs, path) == [], path
        if route in OF_ONE_THING:
            assert answer.status_code == 404, path


@pytest.mark.parametrize("route", SHOWING)
def test_the_marks_would_be_seen(house: Dashboard, theirs: Facts, route: str) -> None:
    """
    An operator who asks the same is shown the other shop, and so is its own seller.
    """
    for name in ("boss", "theirs"):
        shown = [
            leaks(asked_as(house, name, path), theirs, "")
            for path in map(theirs.fill, ASKED[route])
        ]
        assert any(shown), name


@pytest.mark.parametrize("route", OPERATORS)
def test_operators_routes_refuse_sellers(house: Dashboard, theirs: Facts, route: str) -> None:
    """
    A seller is told so; an operator is shown it, or that there is no such entry.
    """
    for path in map(theirs.fill, OPERATORS[route]):
        assert asked_as(house, "ours", path).status_code == 403
        assert asked_as(house, "boss", path).status_code in {200, 400, 404}


@pytest.mark.parametrize("route", [*ASKED, *OPERATORS])
def test_nobody_is_shown_nothing(house: Dashboard, theirs: Facts, route: str) -> None:
    """
    Without a login the way leads to it; a program is told 401, and a cookie opens no API.
    """
    for path in map(theirs.fill, (ASKED | OPERATORS)[route]):
        answer = httpx.get(house.url + path)
        if path.startswith(API):
            assert answer.status_code == 401
            with browsing(house, "boss") as client:
                assert client.get(path).status_code == 401
        else:
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/login")
        assert leaks(answer, theirs, path) == []


@pytest.mark.parametrize("route", [name for name, sent in FORMS.items() if sent])
def test_forms_want_their_token_and_keep_to_the_shop(
    house: Dashboard, theirs: Facts, route: str
) -> None:
    """
    Without the login or the form's token nothing happens; with both, nothing to the other shop.
    """
    with house.world.store.begin() as tx:
        owner = tx.people.get("theirs")
        assert owner is not None
        token = tx.people.add_token(owner, "theirs", fingerprint(route), house.world.clock(), None)
    before = kept_of(house, theirs)
    for template, values in FORMS[route]:
        path = theirs.fill(template).replace("{token}", str(token))
        fields = {name: theirs.fill(value) for name, value in values.items()}
        stranger = httpx.post(house.url + path, data=fields)
        assert (stranger.status_code, stranger.headers.get("location")) == (303, "/login")
        with browsing(house, "ours") as client:
            for wrong in ({}, {"form_token": "guessed"}):
                assert client.post(path, data=fields | wrong).status_code == 403
            answer = client.post(path, data=fields | {"form_token": FORM_TOKEN})
        assert answer.status_code < 500
        assert leaks(answer, theirs, " ".join((path, *fields.values()))) == []
        assert kept_of(house, theirs) == before


@pytest.mark.parametrize("route", OPERATORS_FORMS)
def test_operators_forms_refuse_sellers(house: Dashboard, theirs: Facts, route: str) -> None:
    """
    Token or not.
    """
    before = kept_of(house, theirs)
    for template, values in OPERATORS_FORMS[route]:
        filled = {name: theirs.fill(value) for name, value in values.items()}
        for more in ({}, {"form_token": FORM_TOKEN}):
            with browsing(house, "ours") as client:
                answer = client.post(theirs.fill(template), data=filled | more)
            assert answer.status_code in {403, 404}
    assert kept_of(house, theirs) == before


def test_the_form_would_be_obeyed(house: Dashboard, theirs: Facts) -> None:
    """
    The other shop's own seller may do what ours may not, so that the refusal is one.
    """
    before = kept_of(house, theirs)
    with browsing(house, "theirs") as client:
        data = {"id": str(theirs.alert), "form_token": FORM_TOKEN}
        assert client.post("/today/do/acknowledged", data=data).status_code == 303
    assert kept_of(house, theirs) != before


def test_figures_are_for_this_machine_and_operators(house: Dashboard) -> None:
    """
    What a web server passes on needs an operator's token; a cookie opens nothing.
    """
    passed_on = {"x-forwarded-for": "203.0.113.7"}

    def status(**headers: str) -> int:
        with browsing(house, "boss") as client:
            return client.get("/metrics", headers=headers).status_code

    assert status() == 200
    assert status(**passed_on) == 401
    assert status(**passed_on, **house.token("ours")) == 403
    assert status(**house.token("ours")) == 403
    assert status(**passed_on, **house.token("boss")) == 200
    assert "scan_tracker_watcher_ok" in httpx.get(f"{house.url}/metrics").text
    assert set(httpx.get(f"{house.url}/healthz").json()) == {"ok", "database", "steps", "outbox"}


def test_the_api_changes_nothing(house: Dashboard) -> None:
    """
    Every other method is refused.
    """
    header = house.token("boss")
    for path in [path for _, path in routes(house) if path.startswith(API)]:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = httpx.request(method, house.url + path, headers=header)
            assert answer.status_code in {404, 405}


def kept_of(house: Dashboard, shop: Facts) -> list[object]:
    """
    What the store holds of the shop: its parcels, alerts, users and tokens.
    """
    world = house.world
    with world.store.read() as tx:
        user = tx.people.get("theirs")
        assert user is not None
        return [
            user,
            tx.people.tokens(user),
            [parcel_shape(one) for one in tx.parcels.matching(world.clock(), shop=shop.shop)],
            [alert_shape(one) for one in tx.alerts.matching(state="all", shop=shop.shop)],
        ]
