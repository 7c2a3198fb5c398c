"""
Instants in SQLite: the text that SQLAlchemy itself writes, so that older databases read the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.dialects.sqlite import DATETIME

from tracker.store.types import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

_DIALECT = create_engine("sqlite://").dialect
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_SINCE_1970 = st.timedeltas(timedelta(days=-700_000), timedelta(days=2_900_000))
_INSTANTS = st.builds(
    lambda since, zone: (datetime(1970, 1, 1, tzinfo=UTC) + since).astimezone(zone),
    _SINCE_1970,
    _ZONES,
)


@given(_INSTANTS)
def test_an_instant_has_sqlalchemys_text_and_comes_back(instant: datetime) -> None:
    """
    Whatever its zone; microseconds and early years included.
    """
    kind = UtcDateTime().dialect_impl(_DIALECT)
    write = kind.bind_processor(_DIALECT)
    theirs: Callable[[datetime], str] | None = DATETIME().bind_processor(_DIALECT)
    read = kind.result_processor(_DIALECT, None)
    assert write is not None
    assert theirs is not None
    assert read is not None
    text = write(instant)
    assert text == theirs(instant.astimezone(UTC))
    assert read(text) == instant
    assert read(text).tzinfo is UTC


def test_no_instant_is_no_text() -> None:
    """
    In both directions.
    """
    kind = UtcDateTime().dialect_impl(_DIALECT)
    write, read = kind.bind_processor(_DIALECT), kind.result_processor(_DIALECT, None)
    assert write is not None
    assert read is not None
    assert write(None) is None
    assert read(None) is None


def test_a_time_without_a_fraction_is_read() -> None:
    """
    As SQLite's own clock writes it.
    """
    read = UtcDateTime().dialect_impl(_DIALECT).result_processor(_DIALECT, None)
    assert read is not None
    assert read("2026-11-20 01:00:00") == datetime(2026, 11, 20, 1, tzinfo=UTC)
