"""
How the watcher itself is, running totals, and small facts about the store.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, String, Table, Text

from tracker.store.tables.base import metadata
from tracker.store.types import UtcDateTime

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("detail", Text),
)

# Small facts about the store itself, such as the calendar its deadlines were counted with.
notes = Table(
    "notes",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

# Running totals for /metrics, kept by every process that does the work.
counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("labels", String(120), primary_key=True),
    Column("value", BigInteger, nullable=False, server_default="0"),
)
