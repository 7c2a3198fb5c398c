"""
Orders from files in a browser: shown first, then taken, and gone from the server.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import time
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders import NOON
from tests.support.screens import faults_of, follow, overflow, screen
from tests.support.world import SHOP, at, ds_number, order
from tracker.web.language import COOKIE
from tracker.web.security.limits import MOST_UPLOADED
from tracker.web.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from playwright.async_api import Browser

    from tests.support.dashboard import Browsing, Dashboard

OTHER = "Kano Kiosk"
HOSTILE = "<script>alert(1)</script>.csv"
HEADINGS = "Order Number,Tracking Code,Shop,Status,Created at,Customer Name\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """
    Where this test's uploads wait.
    """
    place = tmp_path / "waiting"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place
    assert list(place.glob("scan-tracker-upload-*")) == []


def rows(*lines: str) -> bytes:
    """
    An export file.
    """
    return (HEADINGS + "".join(f"{line}\n" for line in lines)).encode()


def row(index: int, shop: str = "", status: str = "Ready to Ship", number: str = "") -> str:
    """
    One data row.
    """
    order_number, number = f"31936{index:04}", number or ds_number(index)
    return f"{order_number},{number},{shop},{status},2026-11-16 10:00,Ada Buyer"


def sent(who: Browsing, content: bytes, name: str = "orders.csv", shop: str = "") -> httpx.Response:
    """
    The page after the file was sent.
    """
    return who.post("/parcels/import", {"shop": shop}, files={"files": (name, content)})


def confirmed(who: Browsing, page: httpx.Response) -> httpx.Response:
    """
    The page after the preview was confirmed.
    """
    found = re.search(r'name="upload" value="([^"]+)"', page.text)
    assert found, page.text
    return who.post("/parcels/import/confirm", {"upload": found[1]})


def counts(page: httpx.Response) -> dict[str, int]:
    """
    The counts on a page.
    """
    found = re.findall(r"<dt>([\w ]+)</dt><dd[^>]*>(\d+)</dd>", page.text)
    return {name: int(count) for name, count in found}


def test_what_is_shown_is_what_is_written(dashboard: Dashboard, folder: Path) -> None:
    """
    The preview writes nothing; the confirmation writes exactly that, once; the file is gone.
    """
    content = rows(row(1, SHOP), row(2, SHOP), row(3, SHOP, status="odd"), ",,,,,", "x;y")
    content += b"319360009,JG-NJS-000000009-5711,,Ready to Ship,no date,Eve\n"
    with dashboard.logged_in() as operator:
        preview = sent(operator, content)
        assert "Ada Buyer" not in preview.text
        assert "Customer Name" in preview.text
        assert "unknown order status" in preview.text
        assert str(folder) not in preview.text
        with dashboard.world.store.read() as tx:
            assert tx.parcels.count() == 0
        (waiting,) = folder.iterdir()
        assert waiting.stat().st_mode & 0o077 == 0
        done = confirmed(operator, preview)
        assert counts(done) == counts(preview)
        assert counts(done)["added"] == 3
        assert counts(done)["refused"] >= 1
        assert list(folder.iterdir()) == []
        with dashboard.world.store.read() as tx:
            assert tx.parcels.count() == 3
        again = operator.post("/parcels/import/confirm", {"upload": "gone"})
        assert again.status_code == 400
        assert "kept for 30 minutes" in again.text


def test_a_file_belongs_to_its_login(dashboard: Dashboard) -> None:
    """
    Nobody else confirms it; a second file replaces the first; forgetting deletes it.
    """
    with dashboard.logged_in() as operator, dashboard.logged_in("li", SHOP) as li:
        preview = sent(operator, rows(row(1, SHOP)))
        assert confirmed(li, preview).status_code == 400
        newer = sent(operator, rows(row(2, SHOP)))
        assert confirmed(operator, preview).status_code == 400
        key = re.search(r'name="upload" value="([^"]+)"', newer.text)
        assert key
        assert operator.post("/parcels/import/forget", {"upload": key[1]}).status_code == 200
        assert confirmed(operator, newer).status_code == 400


def test_a_seller_writes_for_own_shops_only(dashboard: Dashboard) -> None:
    """
    Rows of another shop are refused, and so are numbers and orders that are another shop's.
    """
    world = dashboard.world
    theirs = order(ds_number(7), order_number="319360007", shop=OTHER, sku="theirs")
    world.take(theirs, order(ds_number(8), order_number="319360008", shop=OTHER))
    before = world.parcel(ds_number(7)), world.parcel(ds_number(8))
    content = rows(
        row(1, SHOP),
        row(2),
        row(3, OTHER),
        row(7),
        row(4, number=ds_number(7)),
        row(8, number=ds_number(88)),
    )
    with dashboard.logged_in("seller", SHOP) as seller:
        preview = sent(seller, content)
        assert counts(preview)["added"] == 2
        assert counts(preview)["refused"] == 4
        assert "not one of yours" in preview.text
        assert counts(confirmed(seller, preview)) == counts(preview)
        assert sent(seller, rows(row(5)), shop=OTHER).status_code == 403
    with dashboard.logged_in("two", OTHER, "Third Stall") as two:
        # The only configured shop is not theirs: a row without a shop is nobody's.
        unknown = sent(two, rows(row(6))).text
        assert "the shop is not known; choose it when you choose the files" in unknown
        assert "--shop" not in unknown
    assert (world.parcel(ds_number(7)), world.parcel(ds_number(8))) == before
    assert world.parcel(ds_number(2)).shop == SHOP
    with world.store.read() as tx:
        assert tx.parcels.count() == 4


def test_refusals_are_chinese_on_a_chinese_page(dashboard: Dashboard) -> None:
    """
    Of rows and of whole files, with everything that stands within a sentence.
    """
    broken = row(2).replace("2026-11-16 10:00", "someday")
    with dashboard.logged_in() as operator:
        operator.client.cookies.set(COOKIE, "zh")
        page = sent(operator, rows(row(1), broken, row(3, status="Packed")), shop=SHOP).text
        assert "列的内容是" in page
        assert "不是任何已知写法的日期" in page
        assert "orders.csv，第 4 行：未知的订单状态" in page
        assert not re.search("the column|unknown order|refused<", page)
        whole = sent(operator, b"Colour;Size\nred;5\n").text
        assert "orders.csv：没有“订单号”这一列" in whole
        assert "no column" not in whole


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"<!doctype html><html>", "a web page"),
        (b"Colour;Size\nred;5\n", "no column for the order number"),
        (b"PK\x03\x04noise", "orders.xlsx"),
    ],
)
def test_what_is_no_order_file_is_one_sentence(
    dashboard: Dashboard, content: bytes, said: str
) -> None:
    """
    Under its own name, without a path, and nothing is kept.
    """
    with dashboard.logged_in() as operator:
        page = sent(operator, content, "C:\\Users\\li\\orders.xlsx")
        assert said in page.text
        assert "/waiting/" not in page.text
        assert "Users" not in page.text
        assert 'name="upload"' not in page.text
        assert operator.post("/parcels/import", {}).status_code == 400


def test_too_large_is_refused_whole(dashboard: Dashboard) -> None:
    """
    More than the limit is not kept, however it is announced; a small form has a small limit.
    """
    with dashboard.logged_in() as operator:
        page = sent(operator, b"x" * (MOST_UPLOADED + 1))
        assert (page.status_code, "20 MB" in page.text) == (413, True)
        assert sent(operator, b"x" * (MOST_UPLOADED + 300_000)).status_code == 413
        assert operator.post("/logout", {"x": "y" * 3_000_000}).status_code in {400, 413}


def test_hostile_names_stay_names(dashboard: Dashboard) -> None:
    """
    A file's name and its headings are shown as text.
    """
    content = HEADINGS.replace("Customer Name", "<b>x</b>").encode() + row(1, SHOP).encode()
    with dashboard.logged_in() as operator:
        preview = sent(operator, content, HOSTILE)
        assert "<script>alert" not in preview.text
        assert "<b>x</b>" not in preview.text
        confirmed(operator, preview)


def test_a_file_that_nobody_confirms_is_gone(folder: Path) -> None:
    """
    When its time is over, and even after the process that kept it was killed.
    """
    soon = Uploads(timedelta(seconds=0.2))
    upload = soon.keep("login", [("a.csv", BytesIO(b"x"))], None, NOON)
    assert soon.waiting("login", upload.key, NOON) == upload
    assert soon.waiting("other", upload.key, NOON) is None
    for _ in range(100):
        if not list(folder.iterdir()):
            break
        time.sleep(0.05)
    assert soon.waiting("login", upload.key, NOON) is None
    killed = Uploads()
    killed.keep("login", [("a.csv", BytesIO(b"x"))], None, NOON)
    left = next(folder.iterdir())
    os.utime(left, (NOON.timestamp(), NOON.timestamp()))
    after = Uploads()
    after.keep("login", [("b.csv", BytesIO(b"x"))], None, NOON + timedelta(hours=1))
    assert not left.exists()
    after.close()
    for timer in [one for one in threading.enumerate() if isinstance(one, threading.Timer)]:
        timer.cancel()


@pytest.mark.asyncio
async def test_the_preview_is_readable_by_everybody(browser: Browser, dashboard: Dashboard) -> None:
    """
    On a phone in Chinese and on a desk in English: chosen, shown, confirmed.
    """
    content = rows(row(1, SHOP), row(2, SHOP, status="odd"), ",,,,,")
    file: Any = {"name": "orders.csv", "mimeType": "text/csv", "buffer": content}
    for language, width, dark in (("zh", "phone", True), ("en", "desk", False)):
        async with screen(
            browser, dashboard, language=language, width=width, dark=dark, scripts=dark
        ) as page:
            await page.goto("/parcels/import")
            await page.set_input_files("#files", file)
            await follow(page, "form[enctype] button")
            if dark:
                assert await faults_of(page) == []
            assert await overflow(page) <= 0
            await follow(page, "form[action='/parcels/import/confirm'] button")
            assert await overflow(page) <= 0
    assert dashboard.world.parcel(ds_number(1)).created_at == at("2026-11-16 10:00")
