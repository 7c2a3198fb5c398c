"""
Rows as JSON values that mean the same on every engine: what a backup is made of.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, LargeBinary, Text

from tracker.store.tables import metadata
from tracker.store.types import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table
    from sqlalchemy.types import TypeEngine

#: Open logins are nobody's to restore, and heartbeats are of the process that ran there.
LEFT_OUT = frozenset({"sessions", "heartbeats"})
#: What each kind of column is on the way back into a database.
TYPES: Mapping[str, TypeEngine[Any]] = {
    "instant": UtcDateTime(),
    "day": Date(),
    "flag": Boolean(),
    "bytes": LargeBinary(),
    "json": JSON(none_as_null=True),
    "number": BigInteger(),
    "text": Text(),
}
#: Rows that travel together; pictures are large.
_AT_ONCE = 500
_AT_ONCE_WITH_BYTES = 8


def saved_tables() -> tuple[Table, ...]:
    """
    What is saved, each after what it refers to.
    """
    return tuple(one for one in metadata.sorted_tables if one.name not in LEFT_OUT)


def kinds_of(table: Table) -> dict[str, str]:
    """
    Each column's kind, by name; what the database derives by itself is no part of it.
    """
    return {column.name: _kind(column.type) for column in table.columns if not column.computed}


def at_once(kinds: Mapping[str, str]) -> int:
    """
    How many rows of such columns are in memory together.
    """
    return _AT_ONCE_WITH_BYTES if "bytes" in kinds.values() else _AT_ONCE


def told(value: Any, kind: str) -> Any:
    """
    A column's value as JSON has it.
    """
    if value is None:
        return None
    if kind == "instant":
        return value.astimezone(UTC).isoformat()
    if kind == "day":
        return value.isoformat()
    return b64encode(value).decode("ascii") if kind == "bytes" else value


def heard(value: Any, kind: str) -> Any:
    """
    The value that :func:`told` told; raises ``ValueError`` or ``TypeError`` for anything else.
    """
    if value is None:
        return None
    if kind == "instant":
        return datetime.fromisoformat(value)
    if kind == "day":
        return date.fromisoformat(value)
    return b64decode(value, validate=True) if kind == "bytes" else value


def _kind(of: TypeEngine[Any]) -> str:
    for kind, known in TYPES.items():
        if isinstance(of, type(known)):
            return kind
    return "text" if of.python_type is str else "number"
