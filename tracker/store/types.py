"""
Column types that keep our values whole on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

    from sqlalchemy import Dialect


class UtcDateTime(TypeDecorator[datetime]):
    """
    An aware instant in UTC: SQLite would give it back naive, and a naive one is refused.

    On SQLite its text is that of SQLAlchemy's own type, written and read in one step: instants are
    most of what a row of ours costs.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """
        The instant in UTC as the driver takes it; the processor raises for a naive one.
        """
        return _text_of_instant if dialect.name == "sqlite" else _in_utc

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        """
        The instant, aware and in UTC.
        """
        del coltype
        return _instant_of_text if dialect.name == "sqlite" else _in_utc


def _in_utc(value: datetime | None) -> datetime | None:
    """
    Raises ``ValueError`` for a naive time.
    """
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"a naive time cannot be stored: {value.isoformat()}")
    return value.astimezone(UTC)


def _text_of_instant(value: datetime | None) -> str | None:
    known = _in_utc(value)
    return None if known is None else known.isoformat(" ", "microseconds")[:26]


def _instant_of_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def storable(text: str) -> str:
    """
    The text without what a database cannot hold: NUL (PostgreSQL) and lone surrogates (both).
    """
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def text_of(value: StrEnum | None) -> str | None:
    """
    An enum member as its column holds it.
    """
    return None if value is None else value.value
