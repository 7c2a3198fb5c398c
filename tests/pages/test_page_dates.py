"""
Portal dates: read exactly or not at all.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.pages.dates import (
    is_clock,
    is_relative,
    leading_clock,
    leading_date,
    looks_dated,
    read_instant,
    trailing_date,
)

SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-20 10:04", "2026-11-20T02:04:00"),
        ("2026-11-20T10:04:05", "2026-11-20T02:04:05"),
        ("2026-11-20T10:04:05.5", "2026-11-20T02:04:05.500000"),
        ("2026/11/20 10:04:05", "2026-11-20T02:04:05"),
        ("20/11/2026 10:04", "2026-11-20T02:04:00"),
        ("05/10/2026 10:04", "2026-10-05T02:04:00"),
        ("Oct 05, 2026 13:04", "2026-10-05T05:04:00"),
        ("5 October 2026, 1:04 PM", "2026-10-05T05:04:00"),
        ("2026年11月20日 10:04", "2026-11-20T02:04:00"),
        ("2026年11月20日10时04分05秒", "2026-11-20T02:04:05"),
        ("2026年11月20日 下午3:04", "2026-11-20T07:04:00"),
        ("２０２６－１１－２０　１０：０４", "2026-11-20T02:04:00"),
        ("2026-11-20", "2026-11-19T16:00:00"),
        ("20-Nov-26 10:04", "2026-11-20T02:04:00"),
        ("20261120 10:04:05", "2026-11-20T02:04:05"),
        ("Friday, 20 November 2026 at 10:04 AM", "2026-11-20T02:04:00"),
        ("2026-11-20 (Fri) 10:04", "2026-11-20T02:04:00"),
        ("2026年11月20日 星期五 10:04", "2026-11-20T02:04:00"),
        ("2026-11-20 10:04 (Local time)", "2026-11-20T02:04:00"),
    ],
)
def test_local_forms_are_read_in_the_given_zone(text: str, utc: str) -> None:
    """
    A date without an offset is local time of the given zone, and says that it was assumed.
    """
    found = read_instant(text, zone=SHANGHAI)
    assert found is not None
    assert found.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert (found.zone, found.zone_assumed) == (SHANGHAI, True)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-11-20T02:04:00Z", "UTC"),
        ("2026-11-20T10:04:00+08:00", "+08:00"),
        ("2026-11-20 10:04 +0800", "+08:00"),
        ("2026-11-20 10:04 (GMT+8)", "+08:00"),
        ("2026-11-19T21:04:00-05:00", "-05:00"),
        ("2026-11-20 10:04 HKT", "+08:00"),
        ("2026-11-20 10:04 北京时间", "+08:00"),
    ],
)
def test_offsets_are_believed(text: str, zone: str) -> None:
    """
    A date with an offset is that instant, whatever zone was given.
    """
    found = read_instant(text, zone="Africa/Lagos")
    assert found is not None
    assert found.at == datetime(2026, 11, 20, 2, 4, tzinfo=UTC)
    assert (found.zone, found.zone_assumed) == (zone, False)


@pytest.mark.parametrize(
    "text",
    [
        "2018-28-28T09:00:00",
        "31/02/2026 10:00",
        "2026-11-20 25:00",
        "2026年13月01日",
        "13/13/2026",
        "2026-11-20 13:00 pm",
    ],
)
def test_impossible_dates_are_dated_and_unread(text: str) -> None:
    """
    An impossible date has a date's form and no instant.
    """
    assert looks_dated(text)
    assert read_instant(text, zone=SHANGHAI) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10:04",
        "Shenzhen",
        "1-2",
        "319365323",
        "JG-NJS-319365323-5711",
        "2026-11-20 10:04 Shenzhen",
    ],
)
def test_other_texts_are_no_dates(text: str) -> None:
    """
    A text that is more or less than a date is none.
    """
    assert not looks_dated(text)
    assert read_instant(text, zone=SHANGHAI) is None


def test_leading_date_leaves_the_rest() -> None:
    """
    A line that begins with a date gives the date and the text behind it.
    """
    found = leading_date("2026-11-20 10:04 | Parcel received", zone=SHANGHAI)
    assert found is not None
    assert found.instant is not None
    assert found.rest == "Parcel received"


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("Parcel received (SHENZHEN) 2026-11-20 10:04", "Parcel received (SHENZHEN)"),
        ("Parcel received on 20 November 2026, 10:04", "Parcel received"),
        ("包裹已到达仓库 2026年11月20日 10:04", "包裹已到达仓库"),
    ],
)
def test_trailing_date_leaves_what_stands_before(text: str, before: str) -> None:
    """
    A line that ends with a date gives the date and the text before it.
    """
    found = trailing_date(text, zone=SHANGHAI)
    assert found is not None
    assert found.instant is not None
    assert found.instant.at == datetime(2026, 11, 20, 2, 4, tzinfo=UTC)
    assert found.rest == before


@pytest.mark.parametrize(
    "text", ["2 days ago", "3小时前", "Yesterday", "Monday", "星期五", "just now"]
)
def test_relative_times_are_no_dates(text: str) -> None:
    """
    A time that only counts from now, or a weekday alone, is known and is no date.
    """
    assert is_relative(text)
    assert not looks_dated(text)


def test_leading_clock_leaves_the_rest() -> None:
    """
    A line below a day begins with its time of day.
    """
    assert leading_clock("10:04 Parcel received") == ("10:04", "Parcel received")
    assert leading_clock("Parcel received 10:04") is None


def test_clock_alone_is_known() -> None:
    """
    A time of day alone is a clock and no date.
    """
    assert is_clock("10:04")
    assert not is_clock("10:04 Shenzhen")


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)))  # noqa: DTZ001 -- local times are the input
def test_every_iso_minute_is_read_back(local: datetime) -> None:
    """
    Any local minute in ISO form is read as eight hours before it in UTC.
    """
    found = read_instant(local.strftime("%Y-%m-%d %H:%M"), zone="Etc/GMT-8")
    assert found is not None
    assert found.at.hour == (local.hour - 8) % 24
    assert found.at.minute == local.minute


@given(st.text(max_size=40))
def test_no_text_raises(text: str) -> None:
    """
    Whatever a portal prints, reading it raises nothing.
    """
    read_instant(text, zone=SHANGHAI)
