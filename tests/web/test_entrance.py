"""
Logging in and out, languages, and what keeps other sites out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.dashboard import PASSWORD
from tests.support.screens import faults_of, follow, overflow, screen

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.dashboard import Dashboard


def test_nobody_sees_a_page_without_login(dashboard: Dashboard) -> None:
    """
    The login page comes instead, and leads back afterwards.
    """
    answer = httpx.get(f"{dashboard.url}/parcels?state=overdue")
    assert answer.status_code in {303, 404}
    answer = httpx.get(f"{dashboard.url}/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_wrong_password_is_one_sentence(dashboard: Dashboard) -> None:
    """
    An unknown name and a wrong password are told alike, and no cookie is given.
    """
    dashboard.person("li")
    for name, password in (("li", "wrong password"), ("nobody", PASSWORD)):
        answer = httpx.post(f"{dashboard.url}/login", data={"name": name, "password": password})
        assert answer.status_code == 401
        assert "Name or password is wrong." in answer.text
        assert "set-cookie" not in answer.headers


def test_the_way_back_stays_on_this_site(dashboard: Dashboard) -> None:
    """
    A prepared link cannot send people elsewhere after the login.
    """
    dashboard.person("li")
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"):
        form = {"name": "li", "password": PASSWORD, "next": target}
        answer = httpx.post(f"{dashboard.url}/login", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_form_without_its_token_changes_nothing(dashboard: Dashboard) -> None:
    """
    The token of the login's own pages is needed, and the browser's word that it is our own page.
    """
    with dashboard.logged_in() as operator:
        assert operator.client.post("/logout").status_code == 403
        assert operator.client.post("/logout", data={"form_token": "guessed"}).status_code == 403
        foreign = {"sec-fetch-site": "cross-site"}
        assert operator.post("/logout", headers=foreign).status_code == 403
        elsewhere = {"origin": "https://evil.example"}
        assert operator.post("/logout", headers=elsewhere).status_code == 403
        assert operator.get("/").url.path == "/"


def test_logging_out_ends_the_login(dashboard: Dashboard) -> None:
    """
    The cookie opens nothing any more, even if it was copied before.
    """
    with dashboard.logged_in() as operator:
        cookies = dict(operator.client.cookies)
        operator.post("/logout")
        answer = httpx.get(f"{dashboard.url}/", cookies=cookies)
        assert answer.headers["location"] == "/login"


def test_headers_are_strict(dashboard: Dashboard) -> None:
    """
    No script but ours, no frame, nothing kept in caches; the cookie is not for scripts.
    """
    dashboard.person("li")
    answer = httpx.post(f"{dashboard.url}/login", data={"name": "li", "password": PASSWORD})
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.asyncio
@pytest.mark.parametrize("width", ["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_login_in_a_browser(
    browser: Browser, dashboard: Dashboard, language: str, width: str
) -> None:
    """
    The form works in both languages and widths, and nothing of the page shuts anybody out.
    """
    async with screen(browser, dashboard, language=language, width=width) as page:
        assert (
            await page.title()
            == {"en": "Today · Scan Tracker", "zh": "今日 · Scan Tracker"}[language]
        )
        assert await faults_of(page) == []
        assert await overflow(page) == 0
        await follow(page, "header form button")
        assert await faults_of(page) == []
        assert await overflow(page) == 0


@pytest.mark.asyncio
async def test_other_language_by_link(browser: Browser, dashboard: Dashboard) -> None:
    """
    One click changes the language of the page that is open.
    """
    async with screen(browser, dashboard, dark=True) as page:
        await follow(page, "text=简体中文")
        assert await page.get_attribute("html", "lang") == "zh-Hans"
        assert await faults_of(page) == []
