"""
Order files as XLSX workbooks.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.orders import workbooks
from tracker.orders.files import OrderFile, OrderFileError, read_orders

if TYPE_CHECKING:
    from pathlib import Path

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHEET = "xl/worksheets/sheet1.xml"


def saved(*sheets: list[list[Any]]) -> bytes:
    """
    A workbook with these sheets, as Excel would save it.
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(folder: Path, content: bytes, name: str = "orders.xlsx") -> OrderFile:
    """
    What the reader makes of this workbook, with times in Shanghai.
    """
    path = folder / name
    path.write_bytes(content)
    return read_orders(path, zone=SHANGHAI)


def replaced(workbook: bytes, part: str, content: bytes) -> bytes:
    """
    The workbook with one part's content changed.
    """
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            new.writestr(each, content if each == part else old.read(each))
    return stream.getvalue()


def sheet_xml(rows: str, before: str = "") -> bytes:
    """
    A sheet's XML with these rows.
    """
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{before}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


PLAIN = saved([["Order Number", "Tracking Code"], ["7", "A1"]])
HEADING_XML = (
    '<row r="1"><c r="A1" t="str"><v>Order Number</v></c><c r="B1" t="str"><v>Shop</v></c></row>'
)


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        (319365323, "319365323"),
        (319365323.0, "319365323"),
        ("00319365323", "00319365323"),
        (999999999999999, "999999999999999"),
        (1234567890123457, "1234567890123457"),
    ],
)
def test_numbers_become_their_digits(cell: float | str, digits: str, tmp_path: Path) -> None:
    """
    A number cell, whole or float, is the text that a person reads in it.
    """
    result = read(tmp_path, saved([["Order Number", "Shop"], [cell, "x"]]))
    assert [row.order_number for row in result.rows] == [digits]
    assert result.warnings == ()


@pytest.mark.parametrize("cell", [1.23456789012345e15, 1234567890123450, 3.19365323571112e17])
def test_number_that_excel_rounded_is_refused(cell: float, tmp_path: Path) -> None:
    """
    Beyond fifteen digits Excel rounds: such an order number is refused with its reason.
    """
    result = read(tmp_path, saved([["Order Number", "Shop"], [cell, "x"], [8, "y"]]))
    assert [row.order_number for row in result.rows] == ["8"]
    assert [row.line for row in result.refused] == [2]
    assert "digits are lost" in result.refused[0].reason


def test_date_cells_are_local_times(tmp_path: Path) -> None:
    """
    Date cells are read in the zone given; a day without a time is noon for a hand-over.
    """
    content = saved(
        [
            ["Order Number", "Created at", "Handed over at"],
            [7, datetime(2026, 11, 20, 10, 4), date(2026, 11, 21)],  # noqa: DTZ001 - cells have no zone
            [8, "2026-11-20 10:04", "2026-11-21"],
        ]
    )
    result = read(tmp_path, content)
    assert {(str(row.created_at), str(row.handed_over_at)) for row in result.rows} == {
        ("2026-11-20 02:04:00+00:00", "2026-11-21 04:00:00+00:00")
    }


def test_number_in_a_date_column_is_refused(tmp_path: Path) -> None:
    """
    A serial number that lost its date format is not guessed into a date.
    """
    result = read(tmp_path, saved([["Order Number", "Created at"], [7, 46346.42]]))
    assert ['"Created at" holds "46346.42"' in row.reason for row in result.refused] == [True]


def test_lines_are_the_sheets_rows(tmp_path: Path) -> None:
    """
    Blank rows are skipped and still counted in the row numbers of refusals.
    """
    content = saved(
        [["Order Number", "Shop"], [7, "x"], [None, None], [" ", ""], [None, "y"], [8, "z"]]
    )
    result = read(tmp_path, content)
    assert [row.line for row in result.rows] == [2, 6]
    assert [(row.line, row.reason) for row in result.refused] == [(5, "no order number")]
    assert result.data_rows == 3


def test_first_sheet_with_the_heading_is_used(tmp_path: Path) -> None:
    """
    A cover sheet and title rows above the headings do not matter.
    """
    content = saved(
        [["Notes"], ["for the accountant"]],
        [["November orders"], [], ["Order No.", "Tracking Number"], [7, "A1"]],
        [["Order Number"], [9]],
    )
    result = read(tmp_path, content)
    assert [(row.line, row.order_number) for row in result.rows] == [(4, "7")]


def test_formula_without_a_saved_value_is_empty_with_a_warning(tmp_path: Path) -> None:
    """
    No formula is ever computed: without a saved value the cell is empty, and a warning says so.
    """
    result = read(tmp_path, saved([["Order Number", "Shop"], [7, '="x"&"y"'], [8, "z"]]))
    assert [(row.order_number, row.shop) for row in result.rows] == [("7", None), ("8", "z")]
    assert len(result.warnings) == 1
    assert "line 2: the shop is a formula without a saved value" in result.warnings[0]


def test_formula_with_a_saved_value_is_that_value(tmp_path: Path) -> None:
    """
    The value that Excel saved beside a formula is read, without a warning.
    """
    row = '<row r="2"><c r="A2"><f>3+4</f><v>7</v></c><c r="B2" t="str"><v>x</v></c></row>'
    result = read(tmp_path, replaced(PLAIN, SHEET, sheet_xml(HEADING_XML + row)))
    assert [(each.order_number, each.shop) for each in result.rows] == [("7", "x")]
    assert result.warnings == ()


@pytest.mark.parametrize("name", ["orders.csv", "orders.xls", "orders"])
def test_content_decides_and_not_the_name(name: str, tmp_path: Path) -> None:
    """
    A workbook under any name is read as a workbook.
    """
    assert [row.order_number for row in read(tmp_path, PLAIN, name).rows] == ["7"]


def test_text_under_a_workbooks_name_is_read_as_text(tmp_path: Path) -> None:
    """
    A CSV file called .xlsx is read as CSV.
    """
    result = read(tmp_path, b"Order Number;Shop\n7;x\n")
    assert [row.order_number for row in result.rows] == ["7"]


def test_missing_column_names_the_headings_seen(tmp_path: Path) -> None:
    """
    A workbook without the order number is refused, with the headings that it has.
    """
    with pytest.raises(OrderFileError, match=r'no sheet has a column.*"Status", "Tracking Code"'):
        read(tmp_path, saved([["Status", "Tracking Code"], ["x", "y"]]))


def test_workbook_without_cells_is_empty(tmp_path: Path) -> None:
    """
    An empty workbook is one clear sentence.
    """
    with pytest.raises(OrderFileError, match="the workbook is empty"):
        read(tmp_path, saved([[]]))


def test_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    """
    Any other zip archive is refused as unreadable.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    with pytest.raises(OrderFileError, match="no readable XLSX"):
        read(tmp_path, stream.getvalue())


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """
    A workbook that unpacks to more than the limit is refused by its declared size.
    """
    bomb = replaced(PLAIN, SHEET, b" " * (workbooks.MAX_UNPACKED_BYTES + 1))
    assert len(bomb) < 1_000_000
    with pytest.raises(OrderFileError, match="unpacks to more than 200 MB"):
        read(tmp_path, bomb)


def test_entities_are_refused(tmp_path: Path) -> None:
    """
    XML that declares entities is hostile and never expanded.
    """
    lol = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    row = '<row r="2"><c r="A2" t="str"><v>&b;</v></c></row>'
    with pytest.raises(OrderFileError, match="no readable XLSX"):
        read(tmp_path, replaced(PLAIN, SHEET, sheet_xml(HEADING_XML + row, lol)))


def test_row_number_beyond_excels_is_refused(tmp_path: Path) -> None:
    """
    A sheet that claims a row in the billions ends with a sentence instead of running for ever.
    """
    row = '<row r="9999999999"><c r="A9999999999" t="str"><v>7</v></c></row>'
    with pytest.raises(OrderFileError, match="more than 1048576 rows"):
        read(tmp_path, replaced(PLAIN, SHEET, sheet_xml(HEADING_XML + row)))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A2" t="s"><v>99</v></c>',
        '<c r="A2"><v>not a number</v></c>',
        '<c r="A2" s="77"><v>1</v></c>',
        f'<c r="A2"><v>{"9" * 5000}</v></c>',
        '<c r="2A"><v>1</v></c>',
        "<c r='A2'><v>1</v>",
    ],
)
def test_damaged_cell_takes_nothing_in(cell: str, tmp_path: Path) -> None:
    """
    A damaged sheet either refuses the file as a whole or leaves a result that adds up.
    """
    content = replaced(PLAIN, SHEET, sheet_xml(f'{HEADING_XML}<row r="2">{cell}</row>'))
    try:
        result = read(tmp_path, content)
    except OrderFileError:
        return
    assert result.data_rows == len(result.rows) + len(result.refused)


def test_huge_numbers_are_no_crash(tmp_path: Path) -> None:
    """
    Infinite and endless numbers in cells are refused rows or text, never a failure.
    """
    rows = "".join(
        f'<row r="{line}"><c r="A{line}"><v>{value}</v></c></row>'
        for line, value in enumerate(["1E400", "-1E400", "1" + "0" * 400, "-5", "12.5"], 2)
    )
    result = read(tmp_path, replaced(PLAIN, SHEET, sheet_xml(HEADING_XML + rows)))
    assert result.data_rows == 5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(position=st.integers(0, len(PLAIN) - 1), value=st.integers(0, 255))
def test_any_flipped_byte_is_read_or_refused(position: int, value: int, tmp_path: Path) -> None:
    """
    A workbook with any byte changed gives a result or the reader's own error.
    """
    content = bytearray(PLAIN)
    content[position] = value
    try:
        result = read(tmp_path, bytes(content))
    except OrderFileError:
        return
    assert result.data_rows == len(result.rows) + len(result.refused)


def test_buyer_columns_of_a_workbook_stay_outside(tmp_path: Path) -> None:
    """
    A buyer's cells in a workbook reach neither rows nor reasons.
    """
    content = saved(
        [
            ["Order Number", "Customer Name", "Customer Email", "Created at"],
            [7, "Ada Buyerson", "ada@buyer.example", "2026-11-20"],
            [None, "Bola Buyerson", "bola@buyer.example", "never"],
            [9, "Chi Buyerson", "chi@buyer.example", "never"],
        ]
    )
    result = read(tmp_path, content)
    assert len(result.refused) == 2
    assert "Buyerson" not in repr(result)
    assert "buyer.example" not in repr(result)
