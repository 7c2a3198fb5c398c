"""
The watch list on the dashboard, and one parcel: shown to whom it concerns, and acted upon.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.support.builders import announced, event
from tests.support.dashboard import served
from tests.support.screens import faults_of, follow, overflow, screen
from tests.support.world import (
    SHOP,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.model import CarrierName, Evidence, LookReport, Outcome, ParcelState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser

    from tests.support.dashboard import Dashboard
    from tests.support.world import World

HOSTILE = "<script>alert(1)</script>\"'>=HYPERLINK(\u202e)"
OTHER = "Kano Kiosk"
LATE, POSTAL, SCANNED, FOREIGN = ds_number(1), postal_number(7), ds_number(2), ds_number(99)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4"
    "890000000d4944415478da63fcffff3f030005fe02fea72981f00000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """
    A week in the life of a few parcels of two shops, one of them hostile in every field.
    """
    clock = ScriptedClock(at("2026-11-16 09:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    folder = tmp_path_factory.mktemp("lived")
    with (
        pytest.MonkeyPatch.context() as patch,
        opened_world(folder, patch, clock, crawls=crawls) as world,
    ):
        _live(world, crawls)
        with served(world) as dashboard:
            yield dashboard


def _live(world: World, crawls: dict[CarrierName, ScriptedCrawl]) -> None:
    facts = {"created_at": at("2026-11-14 11:00"), "handed_over_at": at("2026-11-16 16:30")}
    station = {"station": "NG-JG-Seko-Shenzhen-Seko-Station"}
    world.take(
        order(LATE, **facts, **station, courier="SF Express", waybill="SF1029384756"),
        order(SCANNED, **facts, **station),
        order(POSTAL, created_at=at("2026-11-15 10:00"), service_text="Economy Shipping"),
        order(None, order_number="399999999", created_at=at("2026-11-16 08:00")),
        order(FOREIGN, **facts, shop=OTHER),
        order(
            ds_number(3),
            **facts,
            station=HOSTILE,
            courier=HOSTILE,
            waybill=HOSTILE,
            sku=HOSTILE,
            status_text=HOSTILE,
            order_item_id="1",
        ),
    )
    seko = crawls[CarrierName.SEKO]
    for number in (LATE, FOREIGN):
        seko.tell(number, "2026-11-16 10:00", (announced(occurred_at=at("2026-11-15 09:00")),))
    received = event(occurred_at=at("2026-11-17 10:11"))
    seko.tell(SCANNED, "2026-11-17 10:30", (received,))
    hostile = event(HOSTILE, location=HOSTILE, occurred_at=at("2026-11-17 12:00"))
    seko.tell(ds_number(3), "2026-11-17 12:30", (hostile,))
    seko.outages.append((at("2026-11-17 12:00"), at("2026-11-17 15:00"), Outcome.UNREACHABLE))
    world.run_until(at("2026-11-19 11:00"), timedelta(hours=1))


def parcel_id(dashboard: Dashboard, number: str) -> int:
    """
    The id in the parcel's address.
    """
    return dashboard.world.parcel(number).id


# -- the list ------------------------------------------------------------------------------


def test_the_list_counts_and_finds(lived: Dashboard) -> None:
    """
    States with their numbers, a parcel by any number, and nothing for what nobody has.
    """
    with lived.logged_in() as operator:
        everything = operator.get("/parcels").text
        assert "6 parcels" in everything
        assert LATE in operator.get("/parcels?state=overdue").text
        assert SCANNED not in operator.get("/parcels?state=overdue").text
        for asked in (LATE.lower(), "SF1029384756", "sf10", f"{LATE} {SCANNED}"):
            assert LATE in operator.get(f"/parcels?q={asked}").text
        assert "Nothing matches." in operator.get("/parcels?q=ZZZZ99").text
        many = "+".join([LATE[:-1], *(f"ZZZZ{number}" for number in range(100, 119))])
        assert LATE in operator.get(f"/parcels?q={many}").text
        more = operator.get(f"/parcels?q={many}+ZZZZ119").text
        assert "only whole ones are found" in more
        assert LATE not in more


def test_a_seller_gets_nothing_of_another_shop(lived: Dashboard) -> None:
    """
    Not by a search, a filter, a count, a download nor the parcel's own address.
    """
    foreign = parcel_id(lived, FOREIGN)
    with lived.logged_in("seller", SHOP) as seller:
        assert "5 parcels" in seller.get("/parcels").text
        for address in (
            "/parcels",
            f"/parcels?q={FOREIGN}",
            f"/parcels?shop={OTHER}",
            "/parcels/parcels.csv",
            f"/parcels/parcels.csv?q={FOREIGN}",
        ):
            shown = seller.get(address).text
            assert f'href="/parcels/{foreign}"' not in shown
            assert not any(line.startswith(FOREIGN) for line in shown.splitlines())
        for address in ("", "/evidence/1", "/evidence/1/picture"):
            assert seller.get(f"/parcels/{foreign}{address}").status_code == 404
        for act in ("handover", "scanned", "look", "snooze", "not-scanned"):
            form = {"at": "2026-11-18", "source": "me", "until": "2026-12-01"}
            assert seller.post(f"/parcels/{foreign}/{act}", form).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/parcels?state=nonsense",
        "/parcels?centre=paris",
        "/parcels?from=yesterday",
        "/parcels?after=x",
        "/parcels?after=9~x",
        "/parcels?sort=1",
    ],
)
def test_a_wrong_address_is_one_sentence(lived: Dashboard, address: str) -> None:
    """
    What no form of ours sends is refused.
    """
    with lived.logged_in() as operator:
        answer = operator.get(address)
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


def test_downloads_hold_what_the_list_shows(lived: Dashboard) -> None:
    """
    All rows of the filter, times in words, and no cell that a spreadsheet would run.
    """
    with lived.logged_in() as operator:
        text = operator.get("/parcels/parcels.csv?sort=deadline").text
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert len(rows) == 7
        assert [row for row in rows for cell in row if cell.startswith(("=", "+", "@"))] == []
        late = next(row for row in rows if row[0] == LATE)
        assert "2026-11-16 16:30" in late
        only = operator.get(f"/parcels/parcels.csv?q={SCANNED}").text
        assert SCANNED in only
        assert LATE not in only
        book = operator.get("/parcels/parcels.xlsx?state=overdue").content
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert LATE in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells if cell.value} == {"s"}


# -- one parcel ----------------------------------------------------------------------------


def test_a_parcel_tells_its_story(lived: Dashboard) -> None:
    """
    Facts, the picture, looks good and bad, alerts with their messages, the counted days.
    """
    with lived.logged_in("seller", SHOP) as seller:
        text = seller.get(f"/parcels/{parcel_id(lived, LATE)}").text
    for said in ("SF Express", "SF1029384756", "Overdue", "<svg", 'class="cross"', "urge scan"):
        assert said in text
    assert "counts as the hand-over day" in text
    assert "seller@lagos-lights.example" in text


def test_hostile_texts_stay_texts(lived: Dashboard) -> None:
    """
    Whatever a file or a portal says is shown, and never becomes part of the page.
    """
    with lived.logged_in() as operator:
        for address in ("/parcels", f"/parcels/{parcel_id(lived, ds_number(3))}"):
            text = operator.get(address).text
            assert "<script>alert" not in text
            assert "&lt;script&gt;" in text


def test_what_people_say_counts(dashboard: Dashboard) -> None:
    """
    Hand-over, scan, its withdrawal, quiet and a wish for a look, each noted with its author.
    """
    world = dashboard.world
    world.take(order(LATE, created_at=at("2026-11-16 11:00")))
    address = f"/parcels/{parcel_id(dashboard, LATE)}"
    with dashboard.logged_in("li", SHOP) as li:
        given = {"at": "2026-11-18T16:30", "courier": " SF  Express ", "waybill": "SF1"}
        assert "The hand-over is noted." in li.post(f"{address}/handover", given).text
        parcel = world.parcel(LATE)
        assert (parcel.handed_over_at, parcel.courier) == (at("2026-11-18 16:30"), "SF Express")
        told = {"at": "2026-11-18 18:00", "source": "Seko's chat"}
        assert "The scan is noted." in li.post(f"{address}/scanned", told).text
        assert world.parcel(LATE).state is ParcelState.SCANNED
        assert "taken back" in li.post(f"{address}/not-scanned").text
        assert world.parcel(LATE).state is ParcelState.WAITING
        quiet = li.post(f"{address}/snooze", {"until": "2026-11-25"}).text
        assert "before 2026-11-25 08:30" in quiet
        assert "Quiet ended." in li.post(f"{address}/snooze").text
        assert "looked up next" in li.post(f"{address}/look").text
        world.tick()
        assert "less than 10 minutes ago" in li.post(f"{address}/look").text
    with world.store.read() as tx:
        assert {act.author for act in tx.acts.of(parcel.id)} == {"li"}


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("handover", {"at": "tomorrow"}),
        ("handover", {"at": "2026-11-30T10:00"}),
        ("handover", {"at": "2026-11-18", "courier": "x" * 500}),
        ("scanned", {"at": "2026-11-18T10:00", "source": " "}),
        ("scanned", {"at": "2026-11-01T10:00", "source": "me"}),
        ("snooze", {"until": "2026-11-01"}),
        ("not-scanned", {}),
    ],
)
def test_what_cannot_be_is_refused(lived: Dashboard, act: str, form: dict[str, object]) -> None:
    """
    One sentence, and nothing is changed.
    """
    before = lived.world.parcel(LATE)
    with lived.logged_in() as operator:
        answer = operator.post(f"/parcels/{before.id}/{act}", form)
        assert answer.status_code == 400
        stale = operator.post(f"/parcels/{before.id}/{act}", form | {"form_token": "old"})
        assert stale.status_code == 403
    assert lived.world.parcel(LATE) == before


# -- evidence ------------------------------------------------------------------------------


def _looked(dashboard: Dashboard, number: str, body: str) -> int:
    """
    The id of a look that rests on the body.
    """
    kept = Evidence(
        url="https://portal.example/",
        http_status=200,
        content_type="text/html",
        body=body,
        reader="portal/1",
        screenshot=PNG,
    )
    report = LookReport(
        tracking_number=number,
        carrier=CarrierName.SEKO,
        outcome=Outcome.NO_EVENTS,
        looked_at=dashboard.world.clock(),
        evidence=kept,
    )
    with dashboard.world.store.begin() as tx:
        return tx.looks.record(dashboard.world.parcel(number).id, report).look_id


def test_an_answer_is_shown_and_never_run(dashboard: Dashboard) -> None:
    """
    The page of a portal comes as plain text in a sandbox, its picture as a picture.
    """
    dashboard.world.take(order(LATE))
    body = f"<script>alert(1)</script> {LATE}"
    address = f"/parcels/{parcel_id(dashboard, LATE)}/evidence/{_looked(dashboard, LATE, body)}"
    with dashboard.logged_in("seller", SHOP) as seller:
        shown = seller.get(address)
        assert shown.text == body
        assert shown.headers["content-type"] == "text/plain; charset=utf-8"
        assert "sandbox" in shown.headers["content-security-policy"]
        assert shown.headers["x-content-type-options"] == "nosniff"
        picture = seller.get(f"{address}/picture")
        assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
        assert seller.get(f"{address}99").status_code == 404
        assert seller.get("/parcels/99999999999/evidence/1").status_code == 404


def test_an_answer_about_others_is_the_operators(dashboard: Dashboard) -> None:
    """
    A batch's page that names another shop's parcel is not shown to this shop.
    """
    dashboard.world.take(order(LATE), order(FOREIGN, shop=OTHER))
    look = _looked(dashboard, LATE, f"{LATE} nothing; {FOREIGN.lower()} nothing")
    address = f"/parcels/{parcel_id(dashboard, LATE)}/evidence/{look}"
    with dashboard.logged_in("seller", SHOP) as seller:
        refused = seller.get(address)
        assert refused.status_code == 403
        assert FOREIGN.lower() not in refused.text
        assert seller.get(f"{address}/picture").status_code == 403
    with dashboard.logged_in() as operator:
        assert operator.get(address).status_code == 200


def test_a_changed_answer_is_no_evidence(dashboard: Dashboard) -> None:
    """
    Its digest is taken again before it is shown.
    """
    from sqlalchemy import update  # noqa: PLC0415 - only here somebody meddles

    from tracker.store.tables import evidence  # noqa: PLC0415

    dashboard.world.take(order(LATE))
    address = f"/parcels/{parcel_id(dashboard, LATE)}/evidence/{_looked(dashboard, LATE, 'true')}"
    with dashboard.world.store.begin() as tx:
        tx._connection.execute(update(evidence).values(url="https://other.example/"))
    with dashboard.logged_in() as operator:
        answer = operator.get(address)
    assert answer.status_code == 409
    assert "it proves nothing" in answer.text


# -- in a browser --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "width", "dark"),
    [("en", "desk", False), ("zh", "phone", True), ("zh", "desk", True), ("en", "phone", False)],
)
@pytest.mark.asyncio
async def test_pages_are_readable_by_everybody(
    browser: Browser,
    lived: Dashboard,
    language: str,
    width: str,
    dark: bool,  # noqa: FBT001 - the parameter of a test
) -> None:
    """
    The accessibility checks find nothing, and nothing lies beyond the screen.
    """
    addresses = ["/parcels", f"/parcels?q={LATE}&carrier=seko", "/parcels/import"]
    addresses += [f"/parcels/{parcel_id(lived, one)}" for one in (LATE, ds_number(3), POSTAL)]
    async with screen(browser, lived, language=language, width=width, dark=dark) as page:
        for address in addresses:
            await page.goto(address)
            assert await faults_of(page) == [], address
            assert await overflow(page) <= 0, address


@pytest.mark.asyncio
async def test_a_person_finds_and_acts_without_scripts(
    browser: Browser, dashboard: Dashboard
) -> None:
    """
    Search, the parcel, its hand-over: all of it by links and forms alone.
    """
    dashboard.world.take(order(LATE, created_at=at("2026-11-16 11:00")))
    async with screen(browser, dashboard, "seller", SHOP, scripts=False) as page:
        await follow(page, "nav >> text=Parcels")
        await page.fill("#q", LATE.lower())
        await follow(page, "button:has-text('Search')")
        await follow(page, ".list a.number")
        await page.fill("#handover-at", "2026-11-18T16:30")
        await follow(page, "text=Note the hand-over")
        assert "The hand-over is noted." in await page.inner_text("main")
    assert dashboard.world.parcel(LATE).handed_over_at == at("2026-11-18 16:30")
