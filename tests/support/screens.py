"""
The dashboard in a real browser: widths, languages, colours, and what axe-core says of a page.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from axe_playwright_python.async_playwright import Axe

from tests.support.dashboard import PASSWORD
from tracker.store.people import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Locator, Page

    from tests.support.dashboard import Dashboard

#: A phone and a desk, in CSS pixels.
WIDTHS = {"phone": (375, 760), "desk": (1280, 900)}


@asynccontextmanager
async def screen(
    browser: Browser,
    dashboard: Dashboard,
    name: str = "operator",
    *shops: str,
    language: str = "en",
    width: str = "desk",
    dark: bool = False,
    scripts: bool = True,
) -> AsyncIterator[Page]:
    """
    A page of the dashboard, logged in through its form; errors of its scripts fail the test.
    """
    dashboard.person(name, *shops, role=Role.SELLER if shops else Role.OPERATOR)
    wide, high = WIDTHS[width]
    context = await browser.new_context(
        base_url=dashboard.url,
        viewport={"width": wide, "height": high},
        locale="zh-CN" if language == "zh" else "en-GB",
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
    )
    troubles: list[str] = []
    try:
        page = await context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
        await page.goto("/login")
        await page.fill("#name", name)
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_url("**/")
        yield page
    finally:
        await context.close()
    assert troubles == []


async def follow(page: Page, target: str | Locator) -> None:
    """
    Clicks what leads to another page and waits until that one has loaded.

    A click alone returns while the new page is still on its way, and what is read next would be
    the old page's, or nobody's.
    """
    async with page.expect_navigation():
        await (page.locator(target).first if isinstance(target, str) else target).click()


async def faults_of(page: Page) -> list[str]:
    """
    What axe-core finds wrong with the page (WCAG 2.2 A and AA, and best practice), one line each.

    The page must have been opened with scripts: axe-core waits for ever without.
    """
    assert await page.evaluate("() => matchMedia('(scripting: enabled)').matches")
    found = await Axe().run(page)
    return [
        f"{violation['id']}: {violation['help']} at {node['target']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


async def overflow(page: Page) -> int:
    """
    How many pixels of the page lie beyond the right edge of the screen: none should.
    """
    return int(
        await page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )
