"""
Saved pages: made by a real browser, and hostile ones that give one clear sentence.
"""

from __future__ import annotations

import asyncio
import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import async_playwright

from tests.support.portals import ds
from tests.support.smallportal import SmallPortal, Told
from tracker.browser import find_browser
from tracker.model import UsageError
from tracker.practice.server import JTRACK_DATA_PATH, JTRACK_PATH, start_practice
from tracker.teaching.savedfile import read_saved

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.teaching.savedpage import SavedPage

NUMBER = ds("scanned-today")
HTML = f"<html><body><h2>{NUMBER}</h2><p>Track</p></body></html>"


async def _save(url: str, folder: Path, numbers: str) -> None:
    """
    What a person does: open the page, ask, save it in each form the browser has.
    """
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=find_browser())
        context = await browser.new_context(
            record_har_path=folder / "page.har", record_har_content="embed"
        )
        page = await context.new_page()
        await page.goto(url)
        if numbers:
            await page.fill("#numbers", numbers)
            async with page.expect_response(f"**{JTRACK_DATA_PATH}"):
                await page.click("button")
        await page.wait_for_load_state("networkidle")
        (folder / "page.html").write_text(await page.content(), "utf-8")
        session = await context.new_cdp_session(page)
        saved = await session.send("Page.captureSnapshot", {"format": "mhtml"})
        (folder / "page.mhtml").write_text(saved["data"], "utf-8", newline="")
        await context.close()
        await browser.close()


def save(url: str, folder: Path, numbers: str = "") -> None:
    """
    The page at the address, saved as page.html, page.mhtml and page.har.
    """
    with ThreadPoolExecutor(1) as apart:  # a loop of its own, beside the tests' one
        apart.submit(asyncio.run, _save(url, folder, numbers)).result()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    The practice jtrack page with an answer on it, saved by a real browser.
    """
    folder = tmp_path_factory.mktemp("saved")
    with start_practice() as portal:
        save(portal.url + JTRACK_PATH, folder, f"{NUMBER}\n{ds('not-found')}")
    return folder


@pytest.mark.parametrize("name", ["page.html", "page.mhtml"])
def test_a_page_saved_by_a_browser_is_what_it_drew(saved: Path, name: str) -> None:
    """
    The drawn table stands in the HTML and in the MHTML file.
    """
    page = read_saved(saved / name)
    assert page.kind == {"page.html": "HTML", "page.mhtml": "MHTML"}[name]
    assert "Parcel received and accepted" in page.capture.html
    assert NUMBER in page.capture.html
    assert page.capture.answers == ()


def test_a_har_saved_by_a_browser_is_what_was_asked_and_told(saved: Path) -> None:
    """
    The numbers from the request, the page as it was sent, the data as it came.
    """
    page = read_saved(saved / "page.har")
    assert (page.kind, page.asked) == ("HAR", (NUMBER, ds("not-found")))
    (answer,) = page.capture.answers
    assert answer.url.endswith(JTRACK_DATA_PATH)
    assert "Parcel received and accepted" in answer.body
    assert page.capture.url.endswith(JTRACK_PATH)


def test_frames_and_shadow_roots_of_an_mhtml_stand_where_they_are_drawn(tmp_path: Path) -> None:
    """
    Results in a frame, and in a shadow root, are read like the live page's.
    """
    outer = """<html><body><h1>Track</h1><iframe src="/inner"></iframe><div id=s></div><script>
      document.getElementById("s").attachShadow({mode: "open"}).innerHTML = "<b>in the shadow</b>";
    </script></body></html>"""
    pages = {"/": Told(outer), "/inner": Told("<html><body><p>in the frame</p></body></html>")}
    with SmallPortal(pages) as portal:
        save(f"{portal.url}/", tmp_path)
    html = read_saved(tmp_path / "page.mhtml").capture.html
    assert "<p>in the frame</p>" in html
    assert "<b>in the shadow</b>" in html
    assert "<iframe" not in html
    assert "<template" not in html
    assert len(read_saved(tmp_path / "page.html").remarks) == 2


def test_the_address_comes_from_the_browsers_own_remark(tmp_path: Path) -> None:
    """
    "Web page, complete" tells where it was saved from; else only the file's name is told.
    """
    remark = (
        "<!-- saved from url=(0058)https://portal.sekosynergy.com.hk:4434/mercuryhub/jtrack -->"
    )
    url = "https://portal.sekosynergy.com.hk:4434/mercuryhub/jtrack"
    assert read(tmp_path, f"<!DOCTYPE html>\n{remark}\n{HTML}").capture.url == url
    assert read(tmp_path, HTML).capture.url == "file:///saved"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "windows-1252"])
def test_a_page_is_read_in_its_own_encoding(tmp_path: Path, encoding: str) -> None:
    """
    By its byte order mark or what its own head declares.
    """
    words = "Colis reçu à Guangzhou" if encoding == "windows-1252" else "包裹已到达仓库"
    declared = encoding.removesuffix("-sig")
    html = f'<html><head><meta charset="{declared}"></head><body><p>{words}</p></body></html>'
    assert words in read(tmp_path, html.encode(encoding)).capture.html


def read(folder: Path, content: str | bytes) -> SavedPage:
    """
    A file with this content, read.
    """
    file = folder / "saved"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_saved(file)


def har(*entries: Any) -> str:
    """
    A HAR of entries.
    """
    return json.dumps({"log": {"entries": list(entries)}})


def entry(kind: str = "application/json", **content: Any) -> dict[str, Any]:
    """
    One HAR entry with this content.
    """
    return {
        "request": {"url": "https://portal.example/a", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"mimeType": kind, **content}},
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b" \n\t ", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no HTML, no MHTML and no HAR"),
        (b"%PDF-1.7 not a page", "no HTML, no MHTML and no HAR"),
        (b"PK\x03\x04" + bytes(400), "no HTML, no MHTML and no HAR"),
        (b"just some words", "no HTML, no MHTML and no HAR"),
        (b'{"log": {"entries": [', "begins like JSON and is broken"),
        (b'{"a":' * 100_000, "begins like JSON and is broken"),
        (b'{"tracking": "page"}', "the file is JSON and no HAR"),
        (b'{"log": {"entries": {}}}', "the file is JSON and no HAR"),
        (har().encode(), "the HAR is empty"),
        (har(entry()).encode(), "the HAR holds no bodies"),
        (har(entry(text="", encoding="base64")).encode(), "the HAR holds no bodies"),
        (har(entry(text="a", encoding="base64")).encode(), "the HAR holds no bodies"),
        (har(entry("image/png", text="iVBORw0KGgo=")).encode(), "the HAR holds no bodies"),
        (har(None, 7, {}, {"request": 1, "response": []}).encode(), "the HAR holds no bodies"),
        (b"Content-Type: multipart/related; boundary=x\n\n--x--\n", "holds no page"),
        (
            b"Content-Type: multipart/related; boundary=x\n\n--x\nContent-Type: image/png\n\nA\n",
            "holds no page",
        ),
    ],
)
def test_a_file_that_is_no_saved_page_is_one_sentence(
    tmp_path: Path, content: bytes, told: str
) -> None:
    """
    What it is not, and what to save instead.
    """
    with pytest.raises(UsageError) as raised:
        read(tmp_path, content)
    assert told in str(raised.value)
    assert str(tmp_path / "saved") in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_or_a_folder_is_one_sentence(tmp_path: Path) -> None:
    """
    The file is named and why it cannot be read.
    """
    for path in (tmp_path / "nowhere.html", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_saved(path)


def test_what_is_endless_is_cut_or_refused(tmp_path: Path) -> None:
    """
    A file beyond the limit is refused; a body that swells when decoded is read to its limit only.
    """
    with (tmp_path / "huge.html").open("wb") as file:
        file.truncate(80_000_001)
    with pytest.raises(UsageError, match="larger than 80 MB"):
        read_saved(tmp_path / "huge.html")
    swollen = base64.b64encode(b"[" + b" " * 20_000_000 + b"]").decode()
    page = read(tmp_path, har(entry(text=swollen, encoding="base64")))
    assert len(page.capture.answers[0].body) <= 5_000_000
    deep = "".join(f"Content-Type: multipart/related; boundary=b{n}\n\n--b{n}\n" for n in range(90))
    with pytest.raises(UsageError, match="holds no page"):
        read(tmp_path, deep)
    assert len(read(tmp_path, "<html>" + "<div>" * 200_000).capture.html) > 1_000_000


def test_a_frame_that_holds_itself_ends(tmp_path: Path) -> None:
    """
    An MHTML whose frame points at itself is drawn a few times and no more.
    """
    part = (
        "--x\nContent-Type: text/html\nContent-Location: {}\n\n"
        '<html><body><p>again</p><iframe src="cid:me"></iframe></body></html>\n'
    )
    parts = part.format("https://p.example/") + part.format("cid:me").replace(
        "\n\n", "\nContent-ID: <me>\n\n", 1
    )
    page = read(tmp_path, f"Content-Type: multipart/related; boundary=x\n\n{parts}--x--\n")
    assert 2 <= page.capture.html.count("again") <= 10


def test_headers_of_a_har_tell_what_must_not_be_kept(tmp_path: Path) -> None:
    """
    Cookies and tokens of requests and answers are noted, so that they can be taken out.
    """
    told = entry(text="{}")
    told["request"]["headers"] = [
        {"name": "Cookie", "value": "sid=abc123def456; theme=dark"},
        {"name": "Authorization", "value": "Bearer t0ken-in-request"},
    ]
    told["response"]["headers"] = [
        {"name": "Set-Cookie", "value": "one=first-c00kie-1; Path=/"},
        {
            "name": "set-cookie",
            "value": "two=second-c00kie-2; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        },
    ]
    page = read(tmp_path, har(told))
    assert set(page.secrets) == {
        "abc123def456", "t0ken-in-request", "first-c00kie-1", "second-c00kie-2",
    }  # fmt: skip
