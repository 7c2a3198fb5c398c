"""
A bare Playwright script on the practice jtrack page: type, submit, wait, read the text.

The page is loaded once a question; then each batch is typed into it, and the script waits for the
answer and until it is drawn. A question that wants ``pictures`` has the page loaded for each batch,
and a picture taken of its answer. ``python -m benchmarks.bare.with_playwright BROWSER`` reads one
JSON question a line (url, batches, pictures) and writes the seconds it took; the browser is shared
by all.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page


async def _ask(browser: Browser, question: dict[str, Any]) -> float:
    started = time.perf_counter()
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(question["url"])
    for at, batch in enumerate(question["batches"]):
        if at and question["pictures"]:
            await page.goto(question["url"])
        await _ask_batch(page, batch)
        if question["pictures"]:
            await page.screenshot(full_page=True)
    await context.close()
    return time.perf_counter() - started


async def _ask_batch(page: Page, batch: list[str]) -> None:
    await page.fill("#numbers", "\n".join(batch))
    async with page.expect_response("**/api/consignments"):
        await page.click("button")
    # The results of the batch before may still stand there: its own last number is waited for.
    await page.wait_for_selector(f"section:nth-of-type({len(batch)}) h2:text-is('{batch[-1]}')")
    text = await page.inner_text("#results")
    if not all(number in text for number in batch):
        raise RuntimeError("a number is not on the page")


async def _live(executable: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(await _ask(browser, json.loads(line)), flush=True)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(_live(sys.argv[1]))
