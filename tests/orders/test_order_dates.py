"""
Dates of order files become instants.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.orders.dates import BARE_HANDOVER, UnreadableDateError, parse_instant

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAGOS = ZoneInfo("Africa/Lagos")

FORMS = [
    ("2026-11-20", "2026-11-19T16:00:00Z"),
    ("2026-11-20 10:04", "2026-11-20T02:04:00Z"),
    ("2026-11-20 10:04:59", "2026-11-20T02:04:59Z"),
    ("2026-11-20T10:04:59.123", "2026-11-20T02:04:59Z"),
    ("2026-11-20T10:04:59Z", "2026-11-20T10:04:59Z"),
    ("2026-11-20T10:04:59+01:00", "2026-11-20T09:04:59Z"),
    ("2026-11-20 10:04:59 -0330", "2026-11-20T13:34:59Z"),
    ("2026/11/2 9:04", "2026-11-02T01:04:00Z"),
    ("2026/11/20 10:04", "2026-11-20T02:04:00Z"),
    ("20/11/2026 10:04", "2026-11-20T02:04:00Z"),
    ("03/04/2026 10:04", "2026-04-03T02:04:00Z"),
    ("Oct 05, 2026 13:04", "2026-10-05T05:04:00Z"),
    ("oct 5,  2026", "2026-10-04T16:00:00Z"),
    ("2026年11月20日 10:04", "2026-11-20T02:04:00Z"),
    ("2026年11月20日10：04", "2026-11-20T02:04:00Z"),
]


@pytest.mark.parametrize(("text", "instant"), FORMS)
def test_each_form_is_read_as_local_time_unless_it_has_an_offset(text: str, instant: str) -> None:
    """
    Every date form of domain.md 5.1 gives the instant that a person reads in it.
    """
    assert parse_instant(text, zone=SHANGHAI) == datetime.fromisoformat(instant)


def test_naive_time_is_in_the_zone_given() -> None:
    """
    The same text is seven hours later in Lagos than in Shanghai.
    """
    in_lagos = parse_instant("2026-11-20 10:04", zone=LAGOS)
    assert in_lagos == datetime(2026, 11, 20, 9, 4, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2026-11-20", datetime(2026, 11, 20)])  # noqa: DTZ001 - as cells are
def test_bare_day_of_a_hand_over_is_noon(value: str | datetime) -> None:
    """
    A day without a time, as text or as a workbook's date cell, is the given time of that day.
    """
    noon = parse_instant(value, zone=SHANGHAI, bare_day_at=BARE_HANDOVER)
    assert noon == datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30 10:00",
        "11/20/2026 10:04",
        "2026-11-20 24:01",
        "2026-11-20 10:04 +25:00",
        "2026-11-20 10:04 +01:75",
        "Foo 05, 2026 13:04",
        "46346.42",
        "1970-01-01",
        "2014-12-31 23:59",
        "2101-01-01",
        "9999-12-31 23:59:59",
        "2026-11-20 10:04 or so",
    ],
)
def test_what_is_no_plausible_date_is_refused(text: str) -> None:
    """
    A text in no known form, an impossible day and an implausible year are all unreadable.
    """
    with pytest.raises(UnreadableDateError):
        parse_instant(text, zone=SHANGHAI)


@given(st.datetimes(min_value=datetime(2015, 1, 2), max_value=datetime(2100, 12, 30)))  # noqa: DTZ001 - naive on purpose
def test_iso_text_comes_back_as_the_same_local_second(moment: datetime) -> None:
    """
    Any local second written as ISO 8601 is read back as that second.
    """
    local = moment.replace(microsecond=0, fold=0)
    read = parse_instant(local.isoformat(sep=" "), zone=LAGOS)
    assert read.astimezone(LAGOS).replace(tzinfo=None) == local


@given(st.text(max_size=40))
def test_any_text_is_an_instant_or_unreadable(text: str) -> None:
    """
    No text makes the reader fail in another way, and every instant is in UTC.
    """
    try:
        instant = parse_instant(text, zone=SHANGHAI, bare_day_at=time(12))
    except UnreadableDateError:
        return
    assert instant.tzinfo is UTC
