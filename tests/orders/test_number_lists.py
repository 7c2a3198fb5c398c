"""
Small files of tracking numbers.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.orders.columns import OrderFileError
from tracker.orders.numberlists import NumberFile, NumberRow, read_numbers

SHANGHAI = ZoneInfo("Asia/Shanghai")
SAMPLES = Path(__file__).parent / "samples"
NUMBER = "JG-NJS-319365323-5711"
AT = datetime(2026, 11, 20, 2, 4, tzinfo=UTC)


def read(folder: Path, content: bytes) -> NumberFile:
    """
    What the reader makes of this content, with times in Shanghai.
    """
    path = folder / "numbers"
    path.write_bytes(content)
    return read_numbers(path, zone=SHANGHAI)


def test_plain_list_gives_its_numbers_with_lines() -> None:
    """
    Comments and blank lines are skipped, prose is refused at its line.
    """
    result = read_numbers(SAMPLES / "numbers.txt", zone=SHANGHAI)
    assert result.rows == (
        NumberRow(line=2, tracking_number=NUMBER),
        NumberRow(line=4, tracking_number="UH473124829KG"),
    )
    assert [row.line for row in result.refused] == [5]


def test_single_number_without_a_line_end_is_a_list(tmp_path: Path) -> None:
    """
    One number, with a byte-order mark and no line end, is a list of one.
    """
    result = read(tmp_path, b"\xef\xbb\xbf" + NUMBER.encode())
    assert [row.tracking_number for row in result.rows] == [NUMBER]


@pytest.mark.parametrize(
    "heading",
    ["Handed over at", "Delivered to Warehouse at", "Hand-over Time", "Scanned at", "Time", "At"],
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_table_of_numbers_is_read_by_headings(heading: str, delimiter: str, tmp_path: Path) -> None:
    """
    Number, time, courier, waybill and source are found by their headings in any order.
    """
    lines = [
        ["Source", "Tracking Number", heading, "Courier", "Waybill"],
        ["Seko chat", NUMBER, "2026-11-20 10:04", "SF", "SF123"],
    ]
    text = "# from the counter\n" + "\n".join(delimiter.join(line) for line in lines)
    assert read(tmp_path, text.encode()).rows == (
        NumberRow(
            line=3, tracking_number=NUMBER, at=AT, courier="SF", waybill="SF123", source="Seko chat"
        ),
    )


def test_workbook_of_numbers_is_read(tmp_path: Path) -> None:
    """
    The same table as XLSX gives the same row.
    """
    book = openpyxl.Workbook()
    book.active.append(["Tracking Number", "Scanned at"])
    book.active.append([NUMBER, datetime(2026, 11, 20, 10, 4)])  # noqa: DTZ001 - cells have no zone
    stream = io.BytesIO()
    book.save(stream)
    result = read(tmp_path, stream.getvalue())
    assert result.rows == (NumberRow(line=2, tracking_number=NUMBER, at=AT),)


def test_bad_rows_of_a_table_are_refused_alone(tmp_path: Path) -> None:
    """
    A row without a number, with a bad time, or malformed is refused at its line.
    """
    text = f'Tracking Number;At\n{NUMBER};\n;2026-11-20\nA2;soon\nA3;x;y\n# A4\n\nA5;"2026\n'
    result = read(tmp_path, text.encode())
    assert [row.tracking_number for row in result.rows] == [NUMBER]
    assert [(row.line, row.reason) for row in result.refused] == [
        (3, "no tracking number"),
        (
            4,
            (
                'the column "At" holds "soon": '
                "it is no date in any known form, such as 2026-11-20 10:04"
            ),
        ),
        (5, "malformed row: 3 cells under 2 headings"),
        (8, "malformed row: a quotation mark is opened and never closed"),
    ]


def test_table_without_a_heading_row_is_refused_line_by_line(tmp_path: Path) -> None:
    """
    Cells without headings are not guessed, and not quoted.
    """
    result = read(tmp_path, f"{NUMBER};Ada Buyerson\n".encode())
    assert result.rows == ()
    assert "Buyerson" not in repr(result)


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"<html></html>", b"PK\x03\x04x"])
def test_what_is_no_list_is_one_clear_sentence(content: bytes, tmp_path: Path) -> None:
    """
    An empty file, a binary, a web page and a broken workbook are refused as a whole.
    """
    with pytest.raises(OrderFileError):
        read(tmp_path, content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_a_list_or_refused(content: bytes, tmp_path: Path) -> None:
    """
    No content makes the reader fail in another way than with its own error.
    """
    try:
        result = read(tmp_path, content)
    except OrderFileError:
        return
    assert isinstance(result, NumberFile)


@pytest.mark.parametrize(
    ("headings", "waybill"),
    [
        ("运单号,快递单号,签收时间", "SF1"),
        ("跟踪号,运单号,签收时间", "SF1"),
        ("物流跟踪号,国内快递单号,送达时间", "SF1"),
        ("Tracking Number,快递单号,签收日期", "SF1"),
        ("运单号,备注,签收时间", None),
    ],
)
def test_chinese_headings_are_known(headings: str, waybill: str | None, tmp_path: Path) -> None:
    """
    The tracking number, the domestic waybill and the time each come from their own column.
    """
    result = read(tmp_path, f"{headings}\n{NUMBER},SF1,2026-11-20 10:04\n".encode())
    assert result.refused == ()
    assert result.rows == (NumberRow(line=2, tracking_number=NUMBER, at=AT, waybill=waybill),)
