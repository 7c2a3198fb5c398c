"""
The API: its shapes are those of the commands, its document says the truth, its errors are told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.support.cli import run_tracker
from tests.support.dashboard import served
from tests.support.screens import faults_of, overflow, screen
from tests.support.twoshops import OURS, THEIRS, facts_of, two_shops
from tracker.store.people import Role
from tracker.web.api import models
from tracker.web.security.accounts import make_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser
    from schemathesis.checks import CheckFunction

    from tests.support.dashboard import Dashboard

API = "/api/v1"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """
    A dashboard of two shops, and an operator.
    """
    pace = "\n[web]\napi_requests_per_minute = 100000\n"
    folder = tmp_path_factory.mktemp("world")
    with two_shops(folder, extra=pace) as world, served(world) as dashboard:
        dashboard.person("boss", role=Role.OPERATOR)
        dashboard.person("li", OURS)
        yield dashboard


@pytest.fixture(scope="module")
def boss(house: Dashboard) -> Iterator[httpx.Client]:
    """
    A program with an operator's token.
    """
    with httpx.Client(base_url=house.url + API, headers=house.token("boss"), timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def document(boss: httpx.Client) -> dict[str, Any]:
    """
    The OpenAPI document.
    """
    found: dict[str, Any] = boss.get("/openapi.json").json()
    return found


def lines_of(*command: str) -> list[dict[str, Any]]:
    """
    What a command prints with ``--json`` on the world's database.
    """
    ended = run_tracker(*command, "--json")
    assert ended.code in {0, 1}, ended.err
    return ended.lines


def _by_id(shape: dict[str, Any]) -> int:
    return int(shape["id"])


def without_states(shapes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    The shapes without what hangs on the present, where commands live, and without the API's ids.
    """
    left_out = {"state", "working_days_left", "id"}
    return [{name: value for name, value in one.items() if name not in left_out} for one in shapes]


def test_the_shapes_are_those_of_the_commands(house: Dashboard, boss: httpx.Client) -> None:
    """
    What ``--json`` prints is what the API answers, key by key and value by value.
    """
    late = facts_of(house.world, THEIRS)
    listed = lines_of("orders", "list")
    assert len(listed) == 6
    found = boss.get("/parcels").json()["items"]
    assert without_states(found)[::-1] == without_states(listed)
    (printed,) = lines_of("orders", "show", late.late)
    (shown,) = boss.get(f"/parcels/by-number/{late.late}").json()["items"]
    assert without_states([shown]) == without_states([printed])
    assert shown == boss.get(f"/parcels/{late.parcel}").json()
    assert shown["looks"][-1]["evidence"]["sha256"] == late.sha
    alerts = boss.get("/alerts?state=all").json()["items"]
    printed_alerts = sorted(lines_of("alerts", "list", "--state", "all"), key=_by_id)
    assert without_states(alerts)[::-1] == without_states(printed_alerts)
    assert boss.get(f"/alerts/{alerts[-1]['id']}").json() == alerts[-1]
    deliveries = boss.get("/deliveries").json()["items"]
    assert deliveries == lines_of("alerts", "deliveries")
    assert len(deliveries) == 3
    counted = boss.get("/calendar/deadline?handed_over=2026-09-30T18:00&centre=Hong%20Kong").json()
    assert [counted] == lines_of(
        "calendar", "deadline", "--handed-over", "2026-09-30T18:00", "--centre", "hongkong"
    )
    month = boss.get("/calendar/show?month=2026-10").json()["items"]
    assert month == lines_of("calendar", "show", "--month", "2026-10")
    assert set(boss.get("/status").json()) == set(lines_of("status")[0])


def test_the_models_leave_nothing_out(house: Dashboard) -> None:
    """
    A key that a shape gains must be in the model too, or programs would never see it.
    """
    late = facts_of(house.world, THEIRS).late
    (whole,) = lines_of("orders", "show", late)
    pairs = [
        (models.WholeParcel, whole | {"id": 1}),
        (
            models.Event,
            lines_of("orders", "show", facts_of(house.world, OURS).scanned)[0]["events"][0],
        ),
        (models.Look, whole["looks"][-1]),
        (models.Evidence, whole["looks"][-1]["evidence"]),
        (models.Alert, whole["alerts"][0] | {"wording_lines": []}),
        (models.ListedAlert, lines_of("alerts", "list")[0] | {"wording_lines": []}),
        (models.Proof, whole["alerts"][0]["proof"]),
        (models.Delivery, whole["alerts"][0]["deliveries"][0]),
        (models.DeliveryRecord, lines_of("alerts", "deliveries")[0]),
        (models.Status, lines_of("status")[0]),
        (models.Outbox, lines_of("status")[0]["outbox"]),
        (models.CentreDay, lines_of("calendar", "show", "--month", "2026-10")[0]),
    ]
    for model, shape in pairs:
        assert set(model.model_fields) == set(shape), model.__name__


def test_pages_follow_one_another(boss: httpx.Client) -> None:
    """
    Each parcel comes once, whatever the size of a page, and the last page says that it is.
    """
    whole = boss.get("/parcels").json()
    assert whole["next_cursor"] is None
    for path in ("/parcels", "/alerts", "/deliveries"):
        all_of_them = boss.get(path).json()["items"]
        seen, cursor = [], None
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            page = boss.get(path, params={"limit": 1, **more}).json()
            seen += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == all_of_them
        assert len(seen) > 1


def test_filters_find_what_they_name(house: Dashboard, boss: httpx.Client) -> None:
    """
    State, shop and search, alone and together.
    """
    late = facts_of(house.world, THEIRS)

    def numbers(query: str) -> set[str | None]:
        return {one["tracking_number"] for one in boss.get(f"/parcels?{query}").json()["items"]}

    assert numbers(f"search={late.late.lower()}") == {late.late}
    assert numbers(f"shop={THEIRS}&state=scanned") == {late.scanned}
    assert numbers("state=no_number") == {None}
    assert numbers(f"shop={THEIRS}") == {late.late, late.scanned, None}
    assert numbers("shop=Nobody") == set()
    assert numbers("search=%2C") == set()
    assert numbers("until=1999-01-01T00:00:00Z") == set()
    assert late.late in numbers("since=1999-01-01T00:00:00%2B14:00&until=9999-12-31T00:00:00Z")


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/parcels?limit=0", 422, "limit: Input should be greater than or equal to 1"),
        ("/parcels?limit=501", 422, "limit: Input should be less than or equal to 500"),
        ("/parcels?state=lost", 422, "state: Input should be 'no_number', "),
        ("/parcels?colour=red", 422, "colour: not known here"),
        ("/parcels?centre=shenzen", 422, "Did you mean shenzhen?"),
        ("/parcels?search=a%00b", 422, "search: "),
        ("/parcels?since=yesterday", 422, "since: "),
        ("/parcels/0", 422, "parcel_id: "),
        ("/parcels/99999999999", 422, "parcel_id: "),
        ("/parcels/999", 404, "nothing at this address"),
        ("/parcels/by-number/UH0", 404, "nothing at this address"),
        ("/alerts/999", 404, "nothing at this address"),
        ("/calendar/deadline", 422, "handed_over: Field required"),
        ("/calendar/deadline?handed_over=1066-10-14", 422, "The year 1066 is outside"),
        ("/calendar/show?month=2026-13", 422, "month: "),
        ("/nowhere", 404, "nothing at this address"),
    ],
)
def test_what_is_wrong_is_said(boss: httpx.Client, path: str, status: int, sentence: str) -> None:
    """
    A problem of RFC 9457, with the value named.
    """
    answer = boss.get(path)
    problem = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert sentence in problem["detail"]


def test_only_a_token_that_holds_is_let_in(house: Dashboard) -> None:
    """
    None, a wrong one, another scheme, one that has ended, one that was revoked.
    """
    url, world = f"{house.url}{API}/centres", house.world
    with world.store.begin() as tx:
        user = tx.people.get("li")
        assert user is not None
        short, token = make_token(tx, user, "short", world.clock(), timedelta(seconds=1))
    good = {"authorization": f"Bearer {token}"}
    assert httpx.get(url, headers=good).status_code == 200
    with world.store.read() as tx:
        (kept,) = [one for one in tx.people.tokens() if one.id == short.id]
        assert kept.used_at == world.clock()
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {token}"}):
        answer = httpx.get(url, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    world.clock.now += timedelta(seconds=2)
    assert httpx.get(url, headers=good).status_code == 401
    world.clock.now -= timedelta(seconds=2)
    with world.store.begin() as tx:
        tx.people.remove_token(short.id)
    assert "revoked" in httpx.get(url, headers=good).json()["detail"]


def test_an_answer_that_is_known_is_not_sent_again(boss: httpx.Client) -> None:
    """
    The mark changes with the content only, and nobody in between keeps the answer.
    """
    first = boss.get("/parcels")
    assert first.headers["cache-control"] == "private, no-cache"
    mark = first.headers["etag"]
    for known in (mark, f'W/{mark}, "other"'):
        again = boss.get("/parcels", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == mark
    assert boss.get("/parcels", headers={"if-none-match": '"other"'}).status_code == 200
    assert boss.get("/parcels?limit=1").headers["etag"] != mark


def test_a_token_that_asks_too_often_waits(house: Dashboard) -> None:
    """
    It is told for how long; another token goes on.
    """
    few = house.house.settings.web.model_copy(update={"api_requests_per_minute": 2})
    with served(house.world, web=few) as slow:
        header = slow.token("li")
        answers = [httpx.get(f"{slow.url}{API}/centres", headers=header) for _ in range(4)]
        assert [one.status_code for one in answers[:2]] == [200, 200]
        assert answers[-1].status_code == 429
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert "asks too often" in answers[-1].json()["detail"]
        other = httpx.get(f"{slow.url}{API}/centres", headers=slow.token("boss"))
        assert other.status_code == 200


def test_a_broken_database_is_a_problem_without_details(house: Dashboard) -> None:
    """
    503, and nothing of the database in the answer.
    """
    with served(house.world) as dashboard:
        header = dashboard.token("boss")
        dashboard.world.store.close()
        with dashboard.world.store.begin() as tx:
            tx._connection.exec_driver_sql("ALTER TABLE parcels RENAME TO gone")
        try:
            answer = httpx.get(f"{dashboard.url}{API}/parcels", headers=header)
        finally:
            with dashboard.world.store.begin() as tx:
                tx._connection.exec_driver_sql("ALTER TABLE gone RENAME TO parcels")
    assert answer.status_code == 503
    assert "parcels" not in answer.text.replace("/parcels", "")


def test_every_route_is_documented_with_its_problems(document: dict[str, Any]) -> None:
    """
    The token is asked for everywhere, and what can go wrong stands there.
    """
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": API}]
    for path, methods in document["paths"].items():
        assert set(methods) == {"get"}, path
        operation = methods["get"]
        assert operation["security"] == [{"token": []}]
        assert operation["description"]
        assert {"200", "304", "401", "429", "503"} <= set(operation["responses"])
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"]


def _besides(case: schemathesis.Case) -> list[CheckFunction]:
    """
    That a hand-over must lie in our times cannot be said in the document's language.
    """
    return [positive_data_acceptance] if case.path == "/calendar/deadline" else []


def test_everything_the_document_allows_is_answered_as_it_says(
    house: Dashboard, document: dict[str, Any]
) -> None:
    """
    Schemathesis asks each route what the document allows and what it forbids; all its checks hold.
    """
    schema = schemathesis.openapi.from_dict(document)
    schema.config.base_url = house.url + API
    headers = house.token("boss")
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in schemathesis.GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)

            @given(case=strategy)
            @settings(
                max_examples=12,
                derandomize=True,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            def ask(case: schemathesis.Case) -> None:
                case.call_and_validate(headers=headers, excluded_checks=_besides(case))

            ask()


@pytest.mark.asyncio
@pytest.mark.parametrize("width", ["phone", "desk"])
async def test_the_page_of_the_api(browser: Browser, house: Dashboard, width: str) -> None:
    """
    It is read without login and without scripts, on a phone too; a name leads to its part.
    """
    language = {"phone": "zh", "desk": "en"}[width]
    async with screen(
        browser, house, "li", OURS, language=language, width=width, dark=width == "phone"
    ) as page:
        await page.context.clear_cookies()
        await page.goto(f"{API}/docs")
        assert "/api/v1/alerts/{alert_id}" in await page.inner_text("main")
        assert await overflow(page) == 0
        assert await faults_of(page) == []
        await page.click("a[href='#WholeParcel']")
        assert await page.locator("#WholeParcel dl").is_visible()
        assert await faults_of(page) == []
