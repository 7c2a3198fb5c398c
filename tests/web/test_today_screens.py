"""
The page of the day in a real browser: readable for everybody, and whole without scripts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.busyday import OTHER_SHOP
from tests.support.screens import faults_of, follow, overflow, screen
from tests.support.world import SHOP, ds_number, postal_number
from tracker.model import Act, AlertState

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from tests.support.dashboard import Dashboard
    from tests.support.world import World
    from tracker.model import Alert

PAGES = (
    "/",
    "/?view=in-hand",
    f"/today/group/urge_scan?shop={SHOP}",
    f"/today/by-hand?shop={SHOP}",
)


def alert_of(world: World, number: str) -> Alert:
    """
    The newest alert on the parcel itself.
    """
    parcel = world.parcel(number)
    with world.store.read() as tx:
        return tx.alerts.on_parcel(parcel.id)[-1]


async def check(page: Page) -> None:
    """
    Nobody is shut out, and nothing lies beside the screen; unfolded details included.
    """
    await page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    assert await faults_of(page) == []
    assert await overflow(page) == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("width", ["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page_reads(
    browser: Browser, morning: Dashboard, language: str, width: str
) -> None:
    """
    In both languages and widths, the text to be copied too; dark on the phone.
    """
    dark = width == "phone"
    urged, claimed = (
        alert_of(morning.world, number).id for number in (ds_number(9), postal_number(21))
    )
    texts = (f"/today/text/urge-text?id={urged}", f"/today/text/claim-text?id={claimed}")
    async with screen(browser, morning, language=language, width=width, dark=dark) as page:
        for path in (*PAGES, *texts):
            await page.goto(path)
            await check(page)
            words = await page.inner_text("main")
            assert bool(re.search("[\u4e00-\u9fff]{4}", words)) is (language == "zh")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("language", "width", "serial", "scripts"),
    [("zh", "phone", 41, True), ("en", "desk", 42, True), ("en", "desk", 53, False)],
)
async def test_a_filled_list_reads(
    browser: Browser,
    morning: Dashboard,
    tmp_path: Path,
    *,
    language: str,
    width: str,
    serial: int,
    scripts: bool,
) -> None:
    """
    Sent from the page of the day, looked over, and confirmed; without scripts as well.
    """
    path = tmp_path / "list.csv"
    number = ds_number(serial)
    rows = [f"{number},2026-11-19 09:00,chat", "NOBODY-1,2026-11-19 09:00,chat"]
    path.write_text("\n".join(["运单号,扫描时间,来源", *rows]), encoding="utf-8")
    async with screen(browser, morning, language=language, width=width, scripts=scripts) as page:
        await page.click("details.by-list summary")
        await page.set_input_files("#filled", path)
        await follow(page, "details.by-list button")
        assert await page.inner_text("td.amount") == "3"
        if scripts:
            await check(page)
        await follow(page, "main form button")
        if scripts:
            await check(page)
        assert number in await page.inner_text("main")
    assert morning.world.parcel(number).scanned


@pytest.mark.asyncio
async def test_marked_without_scripts(browser: Browser, morning: Dashboard) -> None:
    """
    Two are ticked, their text is read, and the button below it marks them both.
    """
    world = morning.world
    first, second = ds_number(51), ds_number(52)
    async with screen(browser, morning, "wang", OTHER_SHOP, scripts=False) as page:
        assert not await page.is_visible("text=Tick all shown")
        for number in (first, second):
            await page.check(f"input[name=id][value='{alert_of(world, number).id}']")
        await follow(page, "button:has-text('Text for Seko')")
        assert first in await page.input_value("#text-1")
        assert "没有入库扫描记录" in await page.input_value("#text-2")
        await follow(page, "button:has-text('Mark urged')")
        assert await page.inner_text("[role=status]") == f"Marked as urged: {first}, {second}"
        await page.click("text=In hand")
        assert await page.is_visible(f"a:has-text('{first}')")
    for number in (first, second):
        assert alert_of(world, number).state is AlertState.ACTED


@pytest.mark.asyncio
async def test_choosing_with_scripts(browser: Browser, morning: Dashboard) -> None:
    """
    One tick for all that are shown, a count of them, and one for the whole group.
    """
    async with screen(browser, morning, "li", SHOP) as page:
        group = page.locator("section.group").filter(has_text="Urge the scan")
        counted = group.locator("[data-counts] b")
        boxes = group.locator("input[name=id]")
        assert await counted.inner_text() == "0"
        await group.get_by_label("Tick all shown").check()
        assert await counted.inner_text() == str(await boxes.count()) == "10"
        await boxes.first.uncheck()
        assert await counted.inner_text() == "9"
        assert await group.locator("[data-ticks]").evaluate("box => box.indeterminate")
        await group.get_by_label("All 12 of this group").check()
        assert await counted.inner_text() == "12"
        assert await boxes.first.is_disabled()


@pytest.mark.asyncio
async def test_answers_in_a_browser(browser: Browser, morning: Dashboard) -> None:
    """
    A hand-over with the time that stands there, a scan seen by hand, and a claim's case id.
    """
    world = morning.world
    async with screen(browser, morning, "zhao", SHOP, width="phone") as page:
        await page.check(f"input[name=id][value='{alert_of(world, ds_number(31)).id}']")
        await follow(page, "button:has-text('Confirm the hand-over')")
        assert ds_number(31) in await page.inner_text("[role=status]")
        await page.check(f"input[name=number][value='{ds_number(43)}']")
        await follow(page, "button:has-text('It is scanned')")
        assert ds_number(43) in await page.inner_text("[role=status]")
        await page.check(f"input[name=id][value='{alert_of(world, postal_number(23)).id}']")
        claim = page.locator("section.group").filter(has_text="Raise a claim")
        await claim.get_by_label("Case ID").fill("87654321")
        await follow(page, claim.get_by_role("button", name="Mark claimed"))
        assert postal_number(23) in await page.inner_text("[role=status]")
    assert world.parcel(ds_number(31)).handed_over_at == world.clock()
    assert world.parcel(ds_number(43)).scanned
    assert alert_of(world, postal_number(23)).case_id == "87654321"
    with world.store.read() as tx:
        done = tx.acts.of(world.parcel(ds_number(31)).id)
    assert [(one.act, one.author) for one in done] == [(Act.HANDED_OVER, "zhao")]
