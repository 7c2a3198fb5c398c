"""
One's own account: password, language, tokens, and how long a login lasts.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.dashboard import PASSWORD, served
from tests.support.screens import faults_of, follow, overflow, screen
from tracker.web.security.passwords import fingerprint
from tracker.web.security.tries import LoginTries, TokenPace, network_of
from tracker.web.security.viewers import COOKIE

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.dashboard import Dashboard
    from tests.support.world import World

NEW = "another horse battery"
SHOP = "Lagos Lights"


def try_login(
    dashboard: Dashboard,
    name: str,
    password: str = PASSWORD,
    *,
    source: str = "127.0.0.1",
    **headers: str,
) -> httpx.Response:
    """
    The login form sent by itself, from an address of this machine.
    """
    with httpx.Client(transport=httpx.HTTPTransport(local_address=source)) as client:
        form = {"name": name, "password": password}
        return client.post(f"{dashboard.url}/login", data=form, headers=headers)


def test_changing_the_password_ends_the_other_logins(dashboard: Dashboard) -> None:
    """
    Here one stays logged in, under a new cookie; elsewhere and with the old password one is out.
    """
    with dashboard.logged_in("li", SHOP) as here, dashboard.logged_in("li", SHOP) as there:
        before = here.client.cookies[COOKIE]
        form = {"current": PASSWORD, "new": NEW, "again": NEW}
        answer = here.post("/account/password", form)
        assert "Your password is changed." in answer.text
        assert here.client.cookies[COOKIE] != before
        assert there.get("/account").url.path == "/login"
        assert here.get("/account").url.path == "/account"
    assert try_login(dashboard, "li").status_code == 401
    assert try_login(dashboard, "li", NEW).status_code == 303


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"current": "wrong", "new": NEW, "again": NEW}, "The current password is wrong."),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "The new password is too short."),
        ({"current": PASSWORD, "new": NEW, "again": NEW + "!"}, "was typed in two ways."),
        ({}, "The current password is wrong."),
    ],
)
def test_a_password_that_will_not_do_is_told(
    dashboard: Dashboard, form: dict[str, str], sentence: str
) -> None:
    """
    One sentence at the form, and the old password holds.
    """
    with dashboard.logged_in("li", SHOP) as here:
        answer = here.post("/account/password", form)
        assert answer.status_code == 400
        assert sentence in answer.text
    assert try_login(dashboard, "li").status_code == 303


def test_tokens_are_seen_once_and_are_ones_own(dashboard: Dashboard) -> None:
    """
    The answer shows the new token, no later page does; another person can neither see nor end it.
    """
    with dashboard.logged_in("li", SHOP) as li, dashboard.logged_in("wang", SHOP) as wang:
        made = li.post("/account/tokens", {"name": "<warehouse>", "days": 30})
        token = re.search(r'<textarea id="token"[^>]*>([^<]+)<', made.text)
        assert token
        listed = li.get("/account").text
        assert token[1] not in listed
        assert "&lt;warehouse&gt;" in listed
        assert "warehouse" not in wang.get("/account").text
        wang.post("/account/tokens/1/revoke")
        now = dashboard.world.clock()
        with dashboard.world.store.read() as tx:
            reader = tx.people.reader(fingerprint(token[1]), now)
            assert reader is not None
            assert reader[0].name == "li"
            assert tx.people.reader(fingerprint(token[1]), now + timedelta(30)) is None
        assert "opens nothing any more" in li.post("/account/tokens/1/revoke").text
        with dashboard.world.store.read() as tx:
            assert tx.people.reader(fingerprint(token[1]), now) is None
        assert li.post("/account/tokens", {"name": " ", "days": 30}).status_code == 400
        assert li.post("/account/tokens", {"name": "x", "days": 31}).status_code == 400
        with dashboard.world.store.read() as tx:
            assert tx.people.tokens() == ()


def test_ones_own_language_holds_in_every_browser(dashboard: Dashboard) -> None:
    """
    It is kept with the account, and outweighs what this browser chose before.
    """
    with dashboard.logged_in("li", SHOP) as here:
        here.get("/language/en")
        here.post("/account/language", {"language": "zh"})
        assert "我的账户" in here.get("/account").text
        here.post("/account/language", {"language": "tlh"})
        assert "我的账户" in here.get("/account").text
    with dashboard.logged_in("li", SHOP) as elsewhere:
        assert "我的账户" in elsewhere.get("/account").text


def test_log_out_everywhere(dashboard: Dashboard) -> None:
    """
    Every login of the person has ended, nobody else's.
    """
    with (
        dashboard.logged_in("li", SHOP) as here,
        dashboard.logged_in("li", SHOP) as there,
        dashboard.logged_in("wang", SHOP) as wang,
    ):
        assert here.post("/account/log-out-everywhere").url.path == "/login"
        assert there.get("/account").url.path == "/login"
        assert wang.get("/account").url.path == "/account"


def test_a_login_ends_by_itself(dashboard: Dashboard) -> None:
    """
    After a week without use, and after thirty days however much it is used.
    """
    clock = dashboard.world.clock
    with dashboard.logged_in("li", SHOP) as idle:
        clock.now += timedelta(days=7)
        assert idle.get("/account").url.path == "/login"
    with dashboard.logged_in("li", SHOP) as busy:
        for _ in range(5):
            clock.now += timedelta(days=6)
            ended = busy.get("/account").url.path == "/login"
        assert ended
    with dashboard.world.store.begin() as tx:
        assert tx.people.forget_logins(clock()) == 2
        assert tx.people.forget_logins(clock()) == 0


def test_housekeeping_forgets_ended_logins(dashboard: Dashboard) -> None:
    """
    The hourly step removes what has run out.
    """
    with dashboard.logged_in("li", SHOP):
        dashboard.world.clock.now += timedelta(days=8)
        dashboard.world.watcher.keep_house()
        with dashboard.world.store.begin() as tx:
            assert tx.people.forget_logins(dashboard.world.clock()) == 0


def test_a_login_is_a_new_one(dashboard: Dashboard) -> None:
    """
    A cookie that somebody planted before the login opens nothing after it.
    """
    with dashboard.logged_in("li", SHOP) as here:
        planted = here.client.cookies[COOKIE]
        here.log_in("li")
        assert here.client.cookies[COOKIE] != planted
        answer = httpx.get(f"{dashboard.url}/account", cookies={COOKIE: planted})
        assert answer.status_code == 303


def test_trying_too_often_must_wait(dashboard: Dashboard) -> None:
    """
    The eleventh try of a quarter of an hour is refused in words, with the right password too.

    The person is let in at another address, and others are at this one.
    """
    dashboard.person("li", SHOP)
    dashboard.person("wang", SHOP)
    for _ in range(10):
        assert try_login(dashboard, "li", "wrong").status_code == 401
    refused = try_login(dashboard, "LI")
    assert refused.status_code == 429
    assert re.search(r"Too many tries. Try again in 1\d minutes\.", refused.text)
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert try_login(dashboard, "wang").status_code == 303
    assert try_login(dashboard, "li", source="127.0.0.2").status_code == 303


def test_a_success_forgets_the_tries(dashboard: Dashboard) -> None:
    """
    Whoever mistypes and then gets it right begins anew.
    """
    dashboard.person("li", SHOP)
    for _ in range(3):
        for _ in range(9):
            assert try_login(dashboard, "li", "wrong").status_code == 401
        assert try_login(dashboard, "li").status_code == 303


def test_strangers_cannot_keep_a_person_out() -> None:
    """
    Tries of one name from everywhere are held, but not where that person has logged in before.
    """
    tries = LoginTries()
    assert tries.wait("198.51.100.1", "li") == 0
    tries.succeeded("198.51.100.1", "li")
    waits = [tries.wait(f"203.0.113.{last}", "li") for last in range(70)]
    assert waits.count(0) == 60
    assert max(waits) <= 600
    assert tries.wait("198.51.100.1", "Li") == 0
    assert tries.wait("198.51.100.2", "li") > 0
    assert tries.wait("198.51.100.2", "wang") == 0


def test_one_address_cannot_try_every_name() -> None:
    """
    An IPv6 customer has one address in this sense, however many are used.
    """
    tries = LoginTries()
    waits = [tries.wait(f"2001:db8::{last:x}", f"user{last}") for last in range(101)]
    assert waits[:100] == [0] * 100
    assert 0 < waits[100] <= 900
    assert tries.wait("2001:db8:0:1::1", "user1") == 0
    assert network_of("::ffff:203.0.113.9") == "203.0.113.9"
    assert network_of("not an address") == "unknown"


def test_each_token_has_its_own_pace() -> None:
    """
    One that asks too often waits, another does not.
    """
    pace = TokenPace(3)
    assert [pace.wait("one") for _ in range(3)] == [0, 0, 0]
    assert 0 < pace.wait("one") <= 60
    assert pace.wait("two") == 0


def test_behind_tls_the_cookie_is_for_tls_only(dashboard: Dashboard) -> None:
    """
    A web server on this machine says what its visitors speak; nobody else is believed.
    """
    dashboard.person("li", SHOP)
    told = {"x-forwarded-proto": "https"}
    plain = try_login(dashboard, "li")
    proxied = try_login(dashboard, "li", **told)
    stranger = try_login(dashboard, "li", source="127.0.0.2", **told)
    assert "secure" not in plain.headers["set-cookie"].lower()
    assert "strict-transport-security" not in plain.headers
    assert "; secure" in proxied.headers["set-cookie"].lower()
    assert "max-age=" in proxied.headers["strict-transport-security"]
    assert "secure" not in stranger.headers["set-cookie"].lower()


def test_a_named_web_server_is_believed(world: World) -> None:
    """
    One in a container's network tells what its visitors speak, once it is named.
    """
    web = world.settings.web.model_copy(update={"trusted_proxies": ("127.0.0.0/30",)})
    with served(world, web) as house:
        house.person("li", SHOP)
        named = try_login(house, "li", source="127.0.0.2", **{"x-forwarded-proto": "https"})
        other = try_login(house, "li", source="127.0.0.9", **{"x-forwarded-proto": "https"})
    assert "; secure" in named.headers["set-cookie"].lower()
    assert "secure" not in other.headers["set-cookie"].lower()


def test_a_name_that_cannot_be_one_is_a_wrong_name(dashboard: Dashboard) -> None:
    """
    Control characters never reach the database.
    """
    assert try_login(dashboard, "li\x00").status_code == 401


@pytest.mark.asyncio
@pytest.mark.parametrize("width", ["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_account_in_a_browser(
    browser: Browser, dashboard: Dashboard, language: str, width: str
) -> None:
    """
    A token is made and revoked by clicking, and nothing of the page shuts anybody out.
    """
    dark = width == "phone"
    async with screen(
        browser, dashboard, "li", SHOP, language=language, width=width, dark=dark
    ) as page:
        await follow(page, "a.who")
        await page.fill("#token-name", "warehouse display")
        await follow(page, 'form[action="/account/tokens"] button')
        assert await page.input_value("#token")
        assert await faults_of(page) == []
        assert await overflow(page) == 0
        await follow(page, 'form[action$="/revoke"] button')
        assert await page.locator("table").count() == 0
        assert await faults_of(page) == []
        assert await overflow(page) == 0
