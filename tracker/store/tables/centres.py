"""
What people entered of a sorting centre's calendar.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, String, Table, Text, false

from tracker.store.tables.base import metadata
from tracker.store.types import UtcDateTime

# What a person entered on the dashboard or by command of a centre's calendar (contract.md,
# ``[[calendar.exceptions]]``); the settings file holds the others.
closures = Table(
    "closures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("centre", String(32)),
    Column("carrier", String(16)),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("effect", String(20), nullable=False),  # closed, open, cutoff, extra_working_days
    Column("value", String(16)),  # the cut-off's "16:00", the peak's "2"
    Column("note", Text),
    Column("author", Text),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_by", Text),
    # Whether the stored deadlines follow the entry, or its withdrawal, already.
    Column("counted", Boolean, nullable=False, server_default=false()),
)
