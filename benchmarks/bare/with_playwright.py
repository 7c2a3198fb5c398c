"""
A bare Playwright script on the practice jtrack page: open, type, submit, wait, read the text.

``python -m benchmarks.bare.with_playwright BROWSER`` reads one JSON question a line (url,
batches) and writes the seconds it took; the browser is shared by all questions.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from playwright.async_api import Browser


async def _ask(browser: Browser, question: dict[str, Any]) -> float:
    started = time.perf_counter()
    for batch in question["batches"]:
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(question["url"])
        await page.fill("#numbers", "\n".join(batch))
        await page.click("button")
        await page.wait_for_selector(f"section:nth-of-type({len(batch)})")
        text = await page.inner_text("#results")
        if not all(number in text for number in batch):
            raise RuntimeError("a number is not on the page")
        await context.close()
    return time.perf_counter() - started


async def _live(executable: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(await _ask(browser, json.loads(line)), flush=True)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(_live(sys.argv[1]))
