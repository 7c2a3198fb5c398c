"""
The rooms in a real browser: nobody is shut out, nothing overflows, forms work without scripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.screens import faults_of, follow, overflow, screen

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.dashboard import Dashboard

PAGES = (
    "/centres",
    "/centres/shenzhen/extension",
    "/trends",
    "/health",
    "/settings",
    "/settings/calendar?month=2026-10",
    "/settings/calendar/enter?centre=shenzhen&first=2026-11-18&effect=closed",
)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("language", "width", "dark"),
    [("en", "phone", True), ("en", "desk", False), ("zh", "phone", False), ("zh", "desk", True)],
)
async def test_every_room_is_open_to_everybody(
    browser: Browser, lived: Dashboard, language: str, width: str, *, dark: bool
) -> None:
    """
    axe-core finds nothing, and no page is wider than its screen, with everything unfolded.
    """
    async with screen(browser, lived, language=language, width=width, dark=dark) as page:
        for path in PAGES:
            await page.goto(path)
            await page.evaluate(
                "for (const one of document.querySelectorAll('details')) one.open = true"
            )
            assert (path, await faults_of(page), await overflow(page)) == (path, [], 0)


@pytest.mark.asyncio
async def test_a_closure_by_hand_without_scripts(browser: Browser, lived: Dashboard) -> None:
    """
    From the centre's card to the calendar and back, by links and forms alone.
    """
    async with screen(browser, lived, scripts=False) as page:
        await page.goto("/centres")
        await follow(page, "#centre-shenzhen >> xpath=../.. >> text=Enter a closure")
        await page.fill("#first", "2026-12-01")
        await page.fill("#note", "stocktaking")
        await follow(page, "text=Show what it would change")
        assert await page.text_content("#foreseen") == "What it would change"
        await follow(page, "text=Enter it")
        assert "month=2026-12" in page.url
        assert "closure: stocktaking" in await page.text_content("table.month")
        await follow(page, "table.rows a >> text=Withdraw")
        await follow(page, "button.danger")
        assert "stocktaking" not in await page.text_content("main")


@pytest.mark.asyncio
async def test_filters_are_sent_when_chosen(browser: Browser, lived: Dashboard) -> None:
    """
    The pictures are those of the centre that was chosen, with its name in their words.
    """
    async with screen(browser, lived) as page:
        await page.goto("/trends")
        assert await page.locator("figure.plot").count() == 2
        await page.select_option("#centre", "ningbo")
        await page.wait_for_url("**centre=ningbo**")
        assert await page.locator("figure.plot").count() == 1
        said = await page.get_attribute("figure.plot svg", "aria-label")
        assert said is not None
        assert said.startswith("Ningbo")


@pytest.mark.asyncio
async def test_a_text_is_explained_by_hand(browser: Browser, lived: Dashboard) -> None:
    """
    The choice says beforehand what counts as a scan.
    """
    async with screen(browser, lived, language="zh", width="phone") as page:
        await page.goto("/health")
        group = page.locator("optgroup", has=page.locator("option[value=received]"))
        assert await group.get_attribute("label") == "算作扫描"
        await page.select_option("select[name=stage]", "held")
        await follow(page, "form button:has-text('确认')")
        await page.click("summary")
        await follow(page, "main button.plain")
        assert await page.locator("select[name=stage]").count() == 1
