"""
Tables that print each number once and leave its cell blank in the rows below.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tracker.model import CarrierName, LookReport, Outcome
from tracker.pages.capture import PageCapture
from tracker.pages.portal import read_portal
from tracker.profiles import parse_profile

ONE, OTHER, THIRD = "JG-NJS-319365323-5711", "JG-NJS-319366047-8137", "UH473124829KG"
HEAD = "<tr><th>HAWB No.</th><th>Date</th><th>Status</th></tr>"
PRE_ADVICE = ("2026-11-18 16:02", "Shipping information received")
SCAN = ("2026-11-19 10:11", "Parcel received and accepted")


def _row(number: str, event: tuple[str, str]) -> str:
    return f"<tr><td>{number}</td><td>{event[0]}</td><td>{event[1]}</td></tr>"


def _looks(*rows: str, asked: tuple[str, ...]) -> dict[str, LookReport]:
    page = f"<!DOCTYPE html><html><body><table>{HEAD}{''.join(rows)}</table></body></html>"
    capture = PageCapture(
        url="https://portal.example/jtrack",
        status=200,
        html_before="<!DOCTYPE html><html><body></body></html>",
        html=page,
    )
    told = read_portal(
        capture,
        asked,
        carrier=CarrierName.SEKO,
        looked_at=datetime(2026, 11, 22, tzinfo=UTC),
        profile=parse_profile({}, "test").read,
    )
    return dict(zip(asked, told, strict=True))


def test_rows_with_a_blank_number_belong_to_the_number_above() -> None:
    """
    Each number has its own rows when all asked ones stand in the table, each once.
    """
    rows = (_row(ONE, PRE_ADVICE), _row("", SCAN), _row(OTHER, PRE_ADVICE))
    told = _looks(*rows, asked=(ONE, OTHER))
    assert [told[ONE].scanned, told[OTHER].scanned] == [True, False]


def test_a_lost_number_leaves_its_rows_to_nobody() -> None:
    """
    Where an asked number is not in the table, rows without one may be its own.
    """
    told = _looks(_row(ONE, PRE_ADVICE), _row("", SCAN), asked=(ONE, OTHER))
    assert {report.outcome.is_good for report in told.values()} == {False}


def test_repeated_numbers_are_no_such_table() -> None:
    """
    A blank cell among repeated numbers is a damaged row, which nobody gets.
    """
    rows = (_row(ONE, PRE_ADVICE), _row(ONE, SCAN), _row("", SCAN), _row(OTHER, PRE_ADVICE))
    told = _looks(*rows, asked=(ONE, OTHER))
    assert [report.outcome for report in told.values()] == [Outcome.UNREADABLE] * 2


def test_a_stranger_in_the_table_undoes_it() -> None:
    """
    With a number that nobody asked for in the table, blank rows are not believed.
    """
    rows = (_row(ONE, PRE_ADVICE), _row("", SCAN), _row(THIRD, PRE_ADVICE))
    assert _looks(*rows, asked=(ONE,))[ONE].outcome is Outcome.UNREADABLE
