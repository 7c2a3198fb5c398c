"""
Order files in text form: headings, delimiters, encodings, refused rows, buyer data.
"""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tracker.model import OrderRow, SellerStatus, UsageError
from tracker.orders.columns import ORDER_ALIASES
from tracker.orders.files import OrderFile, OrderFileError, read_orders

SHANGHAI = ZoneInfo("Asia/Shanghai")
SAMPLES = Path(__file__).parent / "samples"
NUMBER = "JG-NJS-319365323-5711"

DATED = {"created_at", "updated_at", "ready_to_ship_at", "handed_over_at"}
ALIASES = [
    (our_field, heading)
    for our_field, headings in ORDER_ALIASES.headings.items()
    for heading in headings
]


def written(folder: Path, text: str | bytes, name: str = "orders.csv") -> Path:
    """
    A file with this content.
    """
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, text: str | bytes, **options: dict[str, str]) -> OrderFile:
    """
    What the reader makes of this content, with times in Shanghai.
    """
    return read_orders(written(folder, text), zone=SHANGHAI, **options)


def refusals(result: OrderFile) -> list[tuple[int, str]]:
    """
    Line and reason of each refused row.
    """
    return [(row.line, row.reason) for row in result.refused]


@pytest.mark.parametrize(("our_field", "heading"), ALIASES)
def test_each_alias_fills_its_field(our_field: str, heading: str, tmp_path: Path) -> None:
    """
    Every heading of the table in domain.md 5.1 is read into its field.
    """
    value = "2026-11-20T00:00:00Z" if our_field in DATED else "12345"
    headings, cells = (heading, value)
    if our_field != "order_number":
        headings, cells = f"Order Number;{heading}", f"12345;{value}"
    result = read(tmp_path, f"{headings}\n{cells}\n")
    attribute = {"service": "service_text", "status": "status_text"}.get(our_field, our_field)
    got = getattr(result.rows[0], attribute)
    assert (got.isoformat() if our_field in DATED else got) == (
        "2026-11-20T00:00:00+00:00" if our_field in DATED else "12345"
    )
    assert result.columns[our_field] == heading


@pytest.mark.parametrize(
    "heading",
    ["ORDER_NUMBER", "order-number", '" Order  Number "', "Order Nr.", "order.no.", "“Order No”"],
)
def test_headings_are_folded(heading: str, tmp_path: Path) -> None:
    """
    Case, quotes, blanks and the separators ``_ - .`` of a heading do not matter.
    """
    assert read(tmp_path, f"{heading},Status\n7,pending\n").rows[0].order_number == "7"


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_each_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    """
    Semicolon, comma and tab are told apart by the heading line, quoted ones left alone.
    """
    lines = [
        ["Order Number", '"Item; name, long"', "Tracking Code"],
        ["7", '"a;b,c\td"', NUMBER],
    ]
    result = read(tmp_path, "".join(delimiter.join(line) + "\r\n" for line in lines))
    assert [(row.order_number, row.tracking_number) for row in result.rows] == [("7", NUMBER)]


def test_excels_own_delimiter_line_is_obeyed(tmp_path: Path) -> None:
    """
    A first line ``sep=;`` is no heading row.
    """
    result = read(tmp_path, f"sep=;\nOrder Number;Tracking Code\n7;{NUMBER}\n")
    assert [(row.line, row.tracking_number) for row in result.rows] == [(3, NUMBER)]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("gb18030", b""),
    ],
)
def test_each_encoding_is_read(encoding: str, mark: bytes, tmp_path: Path) -> None:
    """
    The encodings that sellers' programs write give the same row; only GB18030 is warned about.
    """
    text = f"Order Number;Shop;Tracking Code\n7;深圳数码店;{NUMBER}\n"
    result = read(tmp_path, mark + text.encode(encoding))
    assert [(row.order_number, row.shop) for row in result.rows] == [("7", "深圳数码店")]
    assert ["GB18030" in warning for warning in result.warnings] == [True] * (encoding == "gb18030")


def test_export_of_the_platform_family_is_read_row_by_row() -> None:
    """
    A Seller Center export gives its items with lines, falls back per row, and refuses two rows.
    """
    result = read_orders(SAMPLES / "seller-center.csv", zone=SHANGHAI)
    assert [
        (row.line, row.order_number, row.tracking_number, row.station) for row in result.rows
    ] == [
        (2, "319365323", NUMBER, "NG-JG-SEKO-Shenzhen-Seko Station"),
        (4, "319365324", "MPDS-339416786-7389", "NG-JG-Seko-HongKong-Seko-Station"),
        (6, "319365325", "UH473124829KG", "China Post"),
        (9, "319365328", None, None),
    ]
    assert [line for line, _ in refusals(result)] == [7, 8]
    assert result.data_rows == 6


def test_first_item_of_the_export_in_full() -> None:
    """
    All used cells of a row arrive, times in UTC, and nothing else.
    """
    row = read_orders(SAMPLES / "seller-center.csv", zone=SHANGHAI).rows[0]
    assert row.created_at is not None
    assert row.updated_at is not None
    assert row == OrderRow(
        line=2,
        order_number="319365323",
        order_item_id="70001",
        tracking_number=NUMBER,
        station="NG-JG-SEKO-Shenzhen-Seko Station",
        service_text="Dropshipping",
        country="Nigeria",
        status=SellerStatus.READY_TO_SHIP,
        status_text="ready_to_ship",
        created_at=row.created_at,
        updated_at=row.updated_at,
        sku="SKU-RED",
    )
    assert row.created_at.isoformat() == "2026-11-16T01:12:44+00:00"


def test_vendor_center_statement_is_read() -> None:
    """
    The headings of a real Vendor Center statement are known.
    """
    result = read_orders(SAMPLES / "vendor-statement.csv", zone=SHANGHAI)
    assert [(row.order_number, row.order_item_id, row.status) for row in result.rows] == [
        ("319365323", "70001", SellerStatus.DELIVERED),
        ("319365324", "70002", SellerStatus.FAILED),
    ]


def test_buyer_data_are_nowhere_in_the_result() -> None:
    """
    No name, address, phone or e-mail of a buyer is in the rows, the reasons or the warnings.
    """
    read = read_orders(SAMPLES / "seller-center.csv", zone=SHANGHAI)
    assert "Customer Name" in read.unused  # a heading, told as not read; nothing beneath it is
    shown = repr(replace(read, unused=()))
    assert not [
        word
        for word in ("Buyerson", "buyer.example", "0803", "Street", "Road", "Secret", "Customer")
        if word in shown
    ]


def test_refusals_name_line_and_reason(tmp_path: Path) -> None:
    """
    Each bad row is refused alone, at the line it starts at, and its neighbours go in.
    """
    text = (
        "Order Number;Created at;Tracking Code;Item Name\n"
        "1;2026-11-20;A1;fine\n"
        ";2026-11-20;A2;x\n"
        "\n"
        ";;;\n"
        "3;20th of November\x07;A3;x\n"
        '4;2026-11-20;A4;"two\nlines"\n'
        "5;2026-11-20;A5;x;too;many\n"
        "6\n"
        '7;2026-11-20;A7;"never closed\n'
        "8;2026-11-20;A8;fine\n"
        "9;1999-11-20;A9;x\n"
    )
    result = read(tmp_path, text)
    assert [(row.line, row.order_number) for row in result.rows] == [(2, "1"), (7, "4"), (12, "8")]
    assert refusals(result) == [
        (3, "no order number"),
        (
            6,
            (
                'the column "Created at" holds "20th of November": '
                "it is no date in any known form, such as 2026-11-20 10:04"
            ),
        ),
        (9, "malformed row: 6 cells under 4 headings"),
        (10, "malformed row: 1 cells under 4 headings"),
        (11, "malformed row: a quotation mark is opened and never closed"),
        (13, 'the column "Created at" holds "1999-11-20": the year is outside 2015-2100'),
    ]
    assert result.data_rows == 9


def test_open_quote_closed_by_a_later_row_swallows_nothing(tmp_path: Path) -> None:
    """
    A quote that a later row happens to close is refused alone: the rows between go in.
    """
    text = 'Order Number;Tracking Code;Item Name\n1;A1;"open\n2;A2;x\n3;A3;x"\n4;A4;x\n'
    result = read(tmp_path, text)
    assert [row.order_number for row in result.rows] == ["2", "3", "4"]
    assert refusals(result) == [
        (2, "malformed row: a quotation mark is opened and closed only in a later row")
    ]


def test_trailing_empty_cells_may_be_missing(tmp_path: Path) -> None:
    """
    Excel leaves trailing empty cells out: such a row is read; one cut off at the end is not.
    """
    text = "Order Number;Status;Tracking Code;Handed over at\n1;pending\n2;pending;A2\n3;pending;A"
    result = read(tmp_path, text)
    assert [(row.order_number, row.tracking_number) for row in result.rows] == [
        ("1", None),
        ("2", "A2"),
    ]
    assert refusals(result) == [
        (4, "malformed row: the file ends in the middle of the row: 3 of 4 cells")
    ]


def test_rows_with_another_delimiter_than_the_headings_are_refused(tmp_path: Path) -> None:
    """
    A row in which the heading's delimiter does not occur is no order with a long number.
    """
    result = read(tmp_path, "Order Number;Tracking Code\n1,Ada Buyerson\n")
    assert refusals(result) == [(2, "malformed row: 1 cells under 2 headings")]


def test_unknown_status_is_kept_with_a_warning(tmp_path: Path) -> None:
    """
    An unknown status drops nothing: the text stays, and the warning names file and line.
    """
    result = read(tmp_path, "Order Number;Status\n1;packed by elves\n")
    assert (result.rows[0].status, result.rows[0].status_text) == (
        SellerStatus.UNKNOWN,
        "packed by elves",
    )
    assert result.warnings == (
        (
            f"{tmp_path / 'orders.csv'}, line 2: "
            'unknown order status "packed by elves"; it is kept as it stands'
        ),
    )


def test_row_without_a_tracking_number_is_accepted(tmp_path: Path) -> None:
    """
    An empty number, and what programs write for nothing, are no number and no refusal.
    """
    result = read(tmp_path, "Order Number;Tracking Code\n1;\n2;N/A\n3;null\n4; - \n")
    assert [row.tracking_number for row in result.rows] == [None] * 4
    assert result.refused == ()


@pytest.mark.parametrize(
    "cell", ['="319365323"', "'319365323", " 319365323 ", "319365323.0", "3.19365323E+08"]
)
def test_whole_number_in_excels_clothes_is_repaired(cell: str, tmp_path: Path) -> None:
    """
    A number whose digits are all there is read as its digits; a float is warned about.
    """
    result = read(tmp_path, f"Order Number;Tracking Code\n{cell};A1\n")
    assert [row.order_number for row in result.rows] == ["319365323"]
    assert len(result.warnings) == (1 if "." in cell else 0)


def test_number_whose_digits_are_lost_is_refused(tmp_path: Path) -> None:
    """
    An order number rounded by Excel would join strangers' orders: the row is refused.
    """
    result = read(tmp_path, "Order Number;Tracking Code\n3.19365E+08;A1\n")
    assert refusals(result) == [
        (
            2,
            (
                'Excel has turned the order number into "3.19365E+08" and its digits are lost; '
                "export again and keep the column as text"
            ),
        )
    ]


def test_item_id_whose_digits_are_lost_is_left_out(tmp_path: Path) -> None:
    """
    A spoilt item id costs the id and not the parcel, and is warned about.
    """
    result = read(tmp_path, "Order Number;Order Item Id\n1;7.00012E+15\n")
    assert [row.order_item_id for row in result.rows] == [None]
    assert "order item id" in result.warnings[0]


@pytest.mark.parametrize("waybill", ["4E12", "1E5", "SF1234567890", "12.34"])
def test_number_that_only_resembles_a_float_is_kept(waybill: str, tmp_path: Path) -> None:
    """
    A waybill with an E among its digits is no float of Excel's: it stays as written.
    """
    result = read(tmp_path, f"Order Number;Waybill\n1;{waybill}\n")
    assert [row.waybill for row in result.rows] == [waybill]
    assert result.warnings == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_line_end_counts_one_line(end: str, tmp_path: Path) -> None:
    """
    Files of every system have the same line numbers.
    """
    result = read(tmp_path, end.join(["Order Number;Shop", "1;x", "", ";y", "3;z", ""]))
    assert [row.line for row in result.rows] == [2, 5]
    assert [row.line for row in result.refused] == [4]


def test_tracking_number_falls_back_per_row(tmp_path: Path) -> None:
    """
    A row whose preferred column is empty takes the next alias column, in the table's order.
    """
    text = (
        "Tracking Code (first mile);CD Tracking Code;Tracking No.;Order Number\n"
        "F1;C1;T1;1\nF2;C2;;2\nF3;;;3\n;;;4\n"
    )
    result = read(tmp_path, text)
    assert [row.tracking_number for row in result.rows] == ["T1", "C2", "F3", None]
    assert result.columns["tracking_number"] == "Tracking No."


def test_zero_date_is_a_missing_date(tmp_path: Path) -> None:
    """
    The database's way to write "no date" is no date.
    """
    result = read(tmp_path, "Order Number;Updated at\n1;0000-00-00 00:00:00\n")
    assert [row.updated_at for row in result.rows] == [None]


def test_bare_hand_over_day_is_noon_of_that_day(tmp_path: Path) -> None:
    """
    A hand-over given as a day lies within that day, before the cut-off.
    """
    result = read(tmp_path, "Order Number;Handed over at\n1;2026-11-20\n")
    at = result.rows[0].handed_over_at
    assert at is not None
    assert at.isoformat() == "2026-11-20T04:00:00+00:00"


def test_headings_alone_are_a_file_without_rows(tmp_path: Path) -> None:
    """
    An export of no orders is fine.
    """
    result = read(tmp_path, "Order Number;Tracking Code\n")
    assert (result.rows, result.refused, result.data_rows) == ((), (), 0)


def test_mapping_beats_the_aliases(tmp_path: Path) -> None:
    """
    A shop's own heading is used even where an alias is present.
    """
    result = read(
        tmp_path,
        "Order Number;Tracking Code;My Parcel\n1;A1;B1\n",
        mapping={"tracking_number": "my parcel"},
    )
    assert result.rows[0].tracking_number == "B1"
    assert result.columns["tracking_number"] == "My Parcel"


def test_mapped_heading_that_is_absent_is_named(tmp_path: Path) -> None:
    """
    A mapped heading that the file lacks refuses the file and names the headings seen.
    """
    with pytest.raises(OrderFileError, match=r'"My Parcel".*tracking number.*"Order Number"'):
        read(tmp_path, "Order Number;Status\n1;x\n", mapping={"tracking_number": "My Parcel"})


def test_mapping_to_a_field_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    """
    A misspelt field of the map names the nearest one.
    """
    with pytest.raises(UsageError, match="did you mean tracking_number"):
        read(tmp_path, "Order Number\n1\n", mapping={"traking_number": "x"})


def test_heading_that_stands_twice_is_warned_about(tmp_path: Path) -> None:
    """
    The first of two equal headings is used, and a warning says so.
    """
    result = read(tmp_path, "Order Number;Status;STATUS\n1;pending;shipped\n")
    assert result.rows[0].status is SellerStatus.PENDING
    assert "stands twice" in result.warnings[0]


WHOLE_FILES = [
    ("empty", b"", "the file is empty"),
    ("blank", b" \r\n\n", "the file is empty"),
    ("mark only", codecs.BOM_UTF8, "the file is empty"),
    ("empty cells", b";;;\n,,\n", "the file is empty"),
    ("HTML", b"\xef\xbb\xbf <!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    ("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old .xls"),
    ("binary", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 9, "neither UTF-8|no text file"),
    ("zeros", b"Order\0Number\n", "no text file"),
    ("broken zip", b"PK\x03\x04 and then nothing", "no readable XLSX"),
    ("no encoding", "Order Number;Shop\n1;caf\u00e9\n".encode("latin-1"), "neither UTF-8"),
    ("cut UTF-16", codecs.BOM_UTF16_LE + b"O\0r", "neither UTF-8"),
    ("other delimiter", b"Order Number|Status\n1|x\n", "single cell.*semicolon, comma or tab"),
    (
        "missing column",
        b"Status;Tracking Code\nx;y\n",
        'no column for the order number.*"Status", "Track',
    ),
]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [case[1:] for case in WHOLE_FILES],
    ids=[case[0] for case in WHOLE_FILES],
)
def test_file_that_is_no_order_file_is_one_clear_sentence(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    """
    Each kind of wrong file is refused as a whole, by name and with its reason in one line.
    """
    with pytest.raises(OrderFileError, match=sentence) as caught:
        read(tmp_path, content)
    assert str(caught.value).startswith(str(tmp_path / "orders.csv"))
    assert "\n" not in str(caught.value)


def test_file_without_headings_is_not_quoted(tmp_path: Path) -> None:
    """
    When the first row is a buyer's order, the message does not repeat it.
    """
    with pytest.raises(OrderFileError, match="values, not headings") as caught:
        read(tmp_path, "319365323;Ada Buyerson;ada@buyer.example\n")
    assert "Buyerson" not in str(caught.value)


def test_absent_file_and_folder_are_named(tmp_path: Path) -> None:
    """
    A path that is no file is a sentence with the path.
    """
    with pytest.raises(OrderFileError, match="no such file"):
        read_orders(tmp_path / "absent.csv", zone=SHANGHAI)
    with pytest.raises(OrderFileError, match="not a file"):
        read_orders(tmp_path, zone=SHANGHAI)


def test_long_used_cell_is_refused(tmp_path: Path) -> None:
    """
    A used cell that has swallowed a page of text is no shop's name.
    """
    result = read(tmp_path, f"Order Number;Shop\n1;{'x' * 501}\n")
    assert refusals(result) == [(2, "the shop has 501 characters")]


CELLS = st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        '"',
        '""',
        ";",
        "\n",
        "\r\n",
        "2026-11-20",
        "1E5",
        "9.9E+999",
        "1",
        "-",
        '="1"',
        "2026-11-20 1:00",
    ]
)
PAGES = st.lists(CELLS, max_size=40).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(body=PAGES, heading=st.sampled_from(["", "Order Number;Status;Created at;Tracking Code\n"]))
@example(body='1;"' + "\n" * 300, heading="Order Number;Status\n")
def test_any_text_file_is_read_or_refused(body: str, heading: str, tmp_path: Path) -> None:
    """
    Whatever the text, the reader answers with a result whose rows add up, or with its own error.
    """
    try:
        result = read(tmp_path, heading + body)
    except OrderFileError:
        return
    assert result.data_rows == len(result.rows) + len(result.refused)
    lines = [row.line for row in result.rows]
    assert lines == sorted(set(lines))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    content=st.binary(max_size=400),
    magic=st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"Order No\n"]),
)
def test_any_bytes_are_read_or_refused(content: bytes, magic: bytes, tmp_path: Path) -> None:
    """
    No bytes make the reader fail in another way than with its own error.
    """
    try:
        result = read(tmp_path, magic + content)
    except OrderFileError:
        return
    assert isinstance(result, OrderFile)
