"""
Column types that keep our values whole on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, TypeDecorator
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine


class _SqliteInstant(sqlite.DATETIME):
    """
    SQLAlchemy's own text of an instant, written and read in half the time.

    Times are most of what a row of ours costs on SQLite.
    """

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:
        """
        The UTC instant as "2026-11-20 01:00:00.000000".
        """
        del dialect
        return lambda value: None if value is None else value.isoformat(" ", "microseconds")[:26]

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[str | None], datetime | None]:
        """
        The naive time that the text says.
        """
        del dialect, coltype
        return lambda text: None if text is None else datetime.fromisoformat(text)


class UtcDateTime(TypeDecorator[datetime]):
    """
    An aware instant in UTC: SQLite would give it back naive, and a naive one is refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """
        The engine's own type.
        """
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteInstant())  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(self.impl)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """
        The instant in UTC; raises ``ValueError`` for a naive one.
        """
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time cannot be stored: {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """
        The instant, aware and in UTC.
        """
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
