"""
The evidence pages: what they prove, what they must not claim, and how they keep within their size.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from parsel import Selector
from PIL import Image
from sqlalchemy import update

from alerts.claims.fitting import in_files
from alerts.claims.pictures import NotSplitError, strips
from tests.support.builders import NOON, after, new_alert, number, report
from tests.support.claims import failed, looked, noise, packed, png, to_claim
from tracker.model import AlertKind, ClosedBecause, Outcome
from tracker.store.tables import evidence

if TYPE_CHECKING:
    from tests.support.claims import MemoryShelf
    from tracker.store import Store

LIMIT = 3_000_000


def page_of(shelf: MemoryShelf, index: int = 1) -> str:
    """
    The one evidence page of the parcel.
    """
    (name,) = [
        name
        for name in shelf.files
        if name.startswith(f"evidence-{number(index)}-") and name.endswith(".html")
    ]
    return shelf.text(name)


def test_page_holds_the_whole_proof(store: Store) -> None:
    """
    Hand-over, the working days with their reasons, urging, the portal's words, looks and hashes.
    """
    parcel_id = to_claim(store, handed_over_at=after(days=-5), created_at=after(days=-6))
    picture = noise(20, 20)
    looked(store, parcel_id, picture)
    failed(store, parcel_id, Outcome.UNREACHABLE, after(minutes=5))
    shelf, _ = packed(store)
    page = page_of(shelf)
    text = " ".join(Selector(page).xpath("//body//text()").getall())
    with store.read() as tx:
        look = tx.looks.of(parcel_id)[0]
    assert look.evidence is not None
    for fact in (
        "SF Express",
        "00123456789012",
        "2026-11-14 Sat 周六",
        "Saturday",
        "the hand-over counts for this day",
        "Shipping information received",
        "2026-11-18 04:00 (Asia/Shanghai)",
        look.evidence.sha256,
        hashlib.sha256(picture).hexdigest(),
        "portal-3",
        "could not look: no connection",
        "proves neither",
        "送达分拣中心",
        "工作日逐日计算",
    ):
        assert fact in text
    inlined = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert [base64.b64decode(one) for one in inlined] == [picture]
    assert "<script" not in page
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in page


def test_a_parcel_without_looks_proves_nothing_and_says_so(store: Store) -> None:
    """
    The page and the table say that there was no look; nobody is accused by silence.
    """
    to_claim(store)
    shelf, _ = packed(store)
    assert "this page does not prove that the parcel is unscanned" in page_of(shelf)
    assert "没有查询记录" in page_of(shelf)


def test_looks_before_the_deadline_do_not_count(store: Store) -> None:
    """
    Only what was seen after the deadline stands there.
    """
    parcel_id = to_claim(store)
    looked(store, parcel_id, looked_at=after(hours=-13))
    shelf, _ = packed(store)
    assert "this page does not prove" in page_of(shelf)


def test_an_assumed_hand_over_is_called_assumed(store: Store) -> None:
    """
    A guess is never shown as a proof of delivery.
    """
    to_claim(store, handover_assumed=True, waybill=None)
    shelf, _ = packed(store)
    page = page_of(shelf)
    assert "Nobody has said when this parcel reached the sorting centre" in page
    assert "given by the seller" not in page
    assert "attach the courier's proof of delivery" in page


def test_hostile_texts_are_shown_and_run_nowhere(store: Store) -> None:
    """
    What portals and files say is escaped, in the page and in the names of files.
    """
    bad = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    parcel_id = to_claim(store, courier=bad, tracking_number=f"../{bad}", station=bad)
    failed(store, parcel_id, Outcome.UNREADABLE, NOON)
    shelf, _ = packed(store)
    (name,) = [name for name in shelf.files if name.startswith("evidence-")]
    assert re.fullmatch(r"[A-Za-z0-9.-]+", name)
    page = Selector(shelf.text(name))
    assert page.xpath("//script | //img | //b").getall() == []
    assert bad in "".join(page.xpath("//td//text()").getall())


def test_a_changed_answer_is_named(store: Store) -> None:
    """
    An answer that is not the one that was stored proves nothing, and the command says so.
    """
    parcel_id = to_claim(store)
    looked(store, parcel_id)
    with store.begin() as tx:
        tx._connection.execute(update(evidence).values(body=zlib.compress(b"forged")))
    shelf, done = packed(store)
    assert "has changed since it was stored" in page_of(shelf)
    assert len(done.problems) == 1
    assert "it proves nothing" in done.problems[0]


def test_big_pictures_go_into_files_beside_the_page(store: Store) -> None:
    """
    Real pictures of 1.7 MB: the page keeps one, the others lie beside it; none is lost or doubled.
    """
    parcel_id = to_claim(store)
    pictures = [noise(700, 800, seed) for seed in (1, 2, 3)]
    for step, picture in enumerate(pictures):
        looked(store, parcel_id, picture, body=f"<p>{step}", looked_at=after(minutes=step))
    shelf, done = packed(store)
    assert max(map(len, shelf.files.values())) <= LIMIT
    page = page_of(shelf)
    inlined = [
        base64.b64decode(one) for one in re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    ]
    beside = {name: content for name, content in shelf.files.items() if name.endswith(".png")}
    assert len(inlined) == 1
    assert sorted([*inlined, *beside.values()]) == sorted(pictures)
    assert all(f'<a href="{name}">' in page for name in beside)
    assert done.problems == []


def test_a_picture_beyond_the_limit_is_cut_without_loss(store: Store) -> None:
    """
    A picture of 4.5 MB becomes strips; put together they are the picture, pixel for pixel.
    """
    parcel_id = to_claim(store)
    picture = noise(1200, 1250)
    assert len(picture) > LIMIT
    looked(store, parcel_id, picture)
    shelf, done = packed(store)
    assert max(map(len, shelf.files.values())) <= LIMIT
    cut = [content for name, content in sorted(shelf.files.items()) if name.endswith(".png")]
    assert len(cut) == 2
    assert b"".join(pixels(strip) for strip in cut) == pixels(picture)
    assert "cut into strips" in page_of(shelf)
    assert done.problems == []


def pixels(picture: bytes) -> bytes:
    """
    The picture's own bytes, row by row.
    """
    return Image.open(BytesIO(picture)).tobytes()


def test_a_picture_made_to_exhaust_us_is_not_worked_on() -> None:
    """
    A small file that unpacks to very many pixels is refused before it is unpacked.
    """
    file = BytesIO()
    Image.new("1", (30_000, 1_000)).save(file, "PNG")
    with pytest.raises(NotSplitError, match="too large to be worked on"):
        strips(file.getvalue(), 30)


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + bytes(50),
        noise(30, 30)[:400],
        b"\x89PNG\r\n\x1a\n" + bytes(60),
        png(2000, 1, [bytes(1) + bytes(6000)]) + bytes(400),
    ],
    ids=["no PNG", "cut off", "no header", "one row"],
)
def test_what_cannot_be_cut_is_said(content: bytes) -> None:
    """
    A broken picture is refused with a reason and never crashes the pack.
    """
    with pytest.raises(NotSplitError):
        strips(content, 30)


def test_a_picture_that_cannot_be_cut_is_left_out_and_named(store: Store) -> None:
    """
    The page says which one, and the pack counts it as a problem.
    """
    parcel_id = to_claim(store)
    looked(store, parcel_id, b"GIF89a" + bytes(LIMIT))
    shelf, done = packed(store)
    assert "is left out: it is no PNG" in page_of(shelf)
    assert len(done.problems) == 1


def test_many_looks_make_several_pages(store: Store) -> None:
    """
    A parcel looked up a thousand times has three pages, and each look stands on one of them.
    """
    parcel_id = to_claim(store)
    with store.begin() as tx:
        for minute in range(1000):
            tx.looks.record(
                parcel_id,
                report(outcome=Outcome.UNREACHABLE, looked_at=after(minutes=minute), detail="x"),
            )
    shelf, _ = packed(store, now=after(days=2))
    pages = [shelf.text(name) for name in sorted(shelf.files) if name.endswith(".html")]
    assert len(pages) == 3
    assert sum(page.count("could not look: no connection") for page in pages) == 1000


def test_a_lost_parcel_needs_no_deadline(store: Store) -> None:
    """
    The carrier's own word is the proof; all looks stand there, and the comment speaks of a loss.
    """
    parcel_id = to_claim(store, handed_over_at=None, scan_deadline=None)
    with store.begin() as tx:
        (first,) = tx.alerts.on_parcel(parcel_id)
        tx.alerts.close(first.id, ClosedBecause.MANUAL, NOON)
        lost = new_alert(parcel_id, kind=AlertKind.RAISE_CLAIM, reason="lost", deadline=None)
        tx.alerts.open(lost, NOON)
    looked(store, parcel_id, looked_at=after(days=-3))
    shelf, _ = packed(store)
    page = page_of(shelf)
    assert "calls the parcel lost" in page
    assert "compensate the loss" in page
    assert "No hand-over is known" in page


def test_files_halve_until_they_fit() -> None:
    """
    The order is kept; one row that is too large alone stays.
    """
    rows = ["a" * 3, "b" * 3, "c" * 30, "d"]
    parts = in_files(rows, lambda part: "".join(part).encode(), limit=7, most=3)
    assert [part for part, _ in parts] == [("aaa",), ("bbb",), ("c" * 30,), ("d",)]
