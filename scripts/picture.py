"""
Draws docs/images/mail.png: a golden e-mail of the tests, as a mail program shows it.

    .venv/bin/python scripts/picture.py
"""

import asyncio
from pathlib import Path

from playwright.async_api import async_playwright

from tracker.browser import find_browser

SOURCE = Path("tests/messages/golden/one_ds_parcel.html")
TARGET = Path("docs/images/mail.png")
SIZE = {"width": 760, "height": 860}


async def draw(html: str) -> None:
    """
    The golden HTML as a PNG of a mail window's width.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(find_browser(None)), args=["--no-sandbox"]
        )
        page = await browser.new_page(viewport=SIZE)
        await page.set_content(html)
        await page.screenshot(path=TARGET, clip={"x": 0, "y": 0} | SIZE)
        await browser.close()


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(SOURCE.read_text(encoding="utf-8")))
