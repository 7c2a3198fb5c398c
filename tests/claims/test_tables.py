"""
The claim tables: which parcels stand in which file, and every cell read back.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from alerts.claims.cases import Step
from alerts.claims.workbook import _write
from tests.support.builders import NOON, after, number, open_alert
from tests.support.claims import (
    SHOP,
    cells,
    failed,
    looked,
    packed,
    rows,
    settings_with,
    to_claim,
)
from tracker.model import AlertKind, AlertState, Outcome, UsageError
from tracker.store.parcels import PlacedItem

if TYPE_CHECKING:
    from openpyxl.cell import Cell

    from tracker.store import Store

HOSTILE = [
    '=HYPERLINK("https://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "＝1＋1",
    "#N/A",
    "{=1}",
]


def test_a_claim_holds_every_fact(store: Store) -> None:
    """
    One row with the whole safe superset of domain.md 1.6, in the centre's time.
    """
    parcel_id = to_claim(store)
    with store.begin() as tx:
        tx.parcels.place_items(
            {
                (str(319365001), "a"): PlacedItem(parcel_id=parcel_id, sku="JU-002"),
                (str(319365001), "b"): PlacedItem(parcel_id=parcel_id, sku="JU-001"),
            }
        )
    looked(store, parcel_id)
    failed(store, parcel_id, Outcome.UNREACHABLE, after(minutes=5))
    shelf, done = packed(store)
    (row,) = rows(shelf.files["claims-NG.xlsx"])
    english = row.pop("Comment (English)")
    chinese = row.pop("Comment (Chinese) 备注（中文）")
    assert row == {
        "Shop Name 店铺名称": SHOP,
        "Registered E-mail 注册邮箱": "seller@lagos-lights.example",
        "Country 国家": "NG",
        "Order Number 订单号": "319365001",
        "Order Created 下单时间": "2026-11-14 12:00 (Asia/Shanghai)",
        "Jumia SKU Number 商品编码": "JU-001, JU-002",
        "Tracking Number 物流跟踪号": number(),
        "Service (DS/postal) 物流方式": "DS",
        "Station 站点": "NG-JG-Seko-Shenzhen-Seko-Station",
        "Domestic Courier 国内快递": "SF Express",
        "Domestic Waybill 国内快递单号": "00123456789012",
        "Handed over at 送达时间": "2026-11-16 12:00 (Asia/Shanghai)",
        "Scan due before 应扫描时间": "2026-11-18 00:00 (Asia/Shanghai)",
        "Last carrier event 最后物流信息": (
            "2026-11-17 12:00 (Asia/Shanghai): Shipping information received"
        ),
        "Looks since the deadline 逾期后查询记录": (
            "2: events 1, unreachable 1; "
            "2026-11-18 12:00 (Asia/Shanghai) - 2026-11-18 12:05 (Asia/Shanghai)"
        ),
        "Urged at 催促时间": "2026-11-18 04:00 (Asia/Shanghai)",
    }
    for comment in (english, chinese):
        assert number() in comment
        assert "319365001" in comment
    assert "not scanned within the time of the rules" in english
    assert "未在规定时间内扫描" in chinese
    assert done.problems == []


def test_no_cell_is_a_formula_and_nothing_is_lost(store: Store) -> None:
    """
    Whatever a text begins with, the cell read back is that very text; a digit string keeps its 0s.
    """
    for index, text in enumerate(HOSTILE, start=1):
        to_claim(store, index, waybill=text, sku=text, order_number=f"{text}{index}")
    shelf, _ = packed(store)
    headings, *found = cells(shelf.files["claims-NG.xlsx"])
    filled = [cell for row in [headings, *found] for cell in row if cell.value is not None]
    assert {cell.data_type for cell in filled} == {"s"}
    place = [cell.value for cell in headings].index("Domestic Waybill 国内快递单号")
    assert [row[place].value for row in found] == HOSTILE
    quoted = [row[place].value for row in found if row[place].quotePrefix]
    assert quoted == HOSTILE[:6]


def in_a_cell(text: str) -> Cell:
    """
    The cell that holds the text, written and read back.
    """
    book = Workbook()
    _write(book.worksheets[0], (1, 1), text)
    stream = io.BytesIO()
    book.save(stream)
    return cells(stream.getvalue())[0][0]


@pytest.mark.parametrize("text", ["a\x00b\x1fc", "a\ud800b", "x" * 40_000, "a\rb"])
def test_text_that_no_workbook_can_hold_is_made_to_fit(text: str) -> None:
    """
    Control characters, half characters and endless texts neither break the file nor end it.
    """
    shown = str(in_a_cell(text).value)
    assert len(shown) <= 32_767
    assert shown[0] == text[0]
    assert not any(char in shown for char in "\x00\x1f\r\ud800")


@given(
    st.text(
        st.characters(
            exclude_categories=["Cs"], exclude_characters="\r\ufffe\uffff", min_codepoint=32
        )
        | st.sampled_from("=+-@\t\n "),
        min_size=1,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    """
    Blanks at the ends, line ends and every script: the text read back is the text, and a text.
    """
    cell = in_a_cell(text)
    assert cell.value == text
    assert cell.data_type == "s"


def test_one_file_for_each_country_site(store: Store) -> None:
    """
    Countries are told apart by parcel, then by shop; ``--country`` and ``--shop`` choose.
    """
    to_claim(store, 1)
    to_claim(store, 2, shop="Nairobi Home", country=None)
    to_claim(store, 3, shop="Elsewhere", country=None)
    to_claim(store, 4, shop="Elsewhere", country="../../etc/passwd")
    shelf, _ = packed(store)
    tables = sorted(name for name in shelf.files if name.endswith(".xlsx"))
    assert [*tables[:2], tables[3]] == ["claims-KE.xlsx", "claims-NG.xlsx", "claims-unknown.xlsx"]
    assert tables[2].startswith("claims-etc-passwd-")
    assert all("/" not in name and ".." not in name for name in shelf.files)
    kenya, _ = packed(store, country="KE")
    assert [name for name in kenya.files if name.endswith(".xlsx")] == ["claims-KE.xlsx"]
    lagos, _ = packed(store, shop=SHOP)
    assert [name for name in lagos.files if name.endswith(".xlsx")] == ["claims-NG.xlsx"]


def test_a_claim_is_never_put_up_twice(store: Store) -> None:
    """
    Claimed ones stand in no table; those to follow up have one of their own, with their case.
    """
    claimed, asked = to_claim(store, 1), to_claim(store, 2)
    with store.begin() as tx:
        for parcel_id, case_id in ((claimed, "12345678"), (asked, "87654321")):
            (alert,) = tx.alerts.on_parcel(parcel_id)
            tx.alerts.set_state(alert.id, AlertState.ACTED, NOON, case_id=case_id)
        open_alert(tx, asked, kind=AlertKind.FOLLOW_UP_CLAIM)
    shelf, _ = packed(store)
    assert [name for name in shelf.files if name.endswith(".xlsx")] == ["follow-up-NG.xlsx"]
    (row,) = rows(shelf.files["follow-up-NG.xlsx"])
    assert row["Case ID 案件编号"] == "87654321"
    assert "This is no new claim" in row["Comment (English)"]
    assert "87654321" in row["Comment (Chinese) 备注（中文）"]
    index = shelf.text("index.txt")
    assert "NOT TO CLAIM AGAIN" in index
    assert f"{number(1)}: case 12345678" in index


@pytest.mark.parametrize(("reason", "again"), [("no_events", False), ("lost", True)])
def test_a_parcel_that_was_claimed_once_is_not_claimed_anew(
    store: Store, reason: str, *, again: bool
) -> None:
    """
    Whatever opened the alert since, a claim is never sent twice; a loss since is another issue.
    """
    parcel_id = to_claim(store, reason=reason)
    with store.begin() as tx:
        tx.parcels.mark(parcel_id, claimed_at=after(hours=-1))
    shelf, done = packed(store)
    assert ("claims-NG.xlsx" in shelf.files) is again
    assert done.count(Step.CLAIMED) == (0 if again else 1)


@pytest.mark.parametrize(
    ("created_at", "old"),
    [
        (after(days=-91), False),  # 19 August: three months end on 19 November
        (after(days=-92), True),  # 18 August, the same hour
        (None, False),
    ],
)
def test_orders_older_than_three_months_are_listed_apart(
    store: Store, created_at: object, *, old: bool
) -> None:
    """
    By calendar months; an order of unknown date is left to the reader.
    """
    to_claim(store, created_at=created_at)
    shelf, _ = packed(store)
    tables = [name for name in shelf.files if name.endswith(".xlsx")]
    assert tables == ["too-old-NG.xlsx" if old else "claims-NG.xlsx"]
    assert ("OLDER THAN THREE MONTHS" in shelf.text("index.txt")) is old


def test_columns_are_a_setting(store: Store) -> None:
    """
    The chosen columns stand there in the chosen order, and no others.
    """
    to_claim(store)
    chosen = settings_with(claims={"columns": ["tracking_number", "Shop", "comment-zh"]})
    shelf, _ = packed(store, chosen)
    assert [cell.value for cell in cells(shelf.files["claims-NG.xlsx"])[0]] == [
        "Tracking Number 物流跟踪号",
        "Shop Name 店铺名称",
        "Comment (Chinese) 备注（中文）",
    ]


def test_an_unknown_column_is_named_with_the_nearest() -> None:
    """
    A misspelt column is a configuration error that helps.
    """
    with pytest.raises(UsageError, match="did you mean waybill"):
        settings_with(claims={"columns": ["waybil"]})
    with pytest.raises(UsageError, match="known are shop, registered_email"):
        settings_with(claims={"columns": ["zzz"]})


def test_many_rows_make_several_files(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    No row is lost or doubled, and the parts are numbered.
    """
    monkeypatch.setattr("alerts.claims.packing.MOST_ROWS", 2)
    for index in range(1, 6):
        to_claim(store, index)
    shelf, _ = packed(store)
    names = [f"claims-NG-part-{part}-of-3.xlsx" for part in (1, 2, 3)]
    found = [rows(shelf.files[name]) for name in names]
    assert [len(part) for part in found] == [2, 2, 1]
    listed = [row["Tracking Number 物流跟踪号"] for part in found for row in part]
    assert listed == [number(index) for index in range(1, 6)]
