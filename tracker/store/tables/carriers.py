"""
Each carrier's pace, health and canaries.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from tracker.store.tables.base import metadata
from tracker.store.types import UtcDateTime

# Pace, cool-down and health of each carrier, shared by all workers (promises.md R19, R22).
carriers = Table(
    "carriers",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("state", String(8), nullable=False, server_default="unknown"),
    Column("cooldown_since", UtcDateTime),
    Column("cooldown_until", UtcDateTime),
    Column("cooldown_reason", Text),
    Column("last_good_look_at", UtcDateTime),
    Column("confirmed_at", UtcDateTime),
    # Why the last round proved nothing, in words; null: it may prove (promises.md R9).
    Column("doubt", Text),
    Column("doubted_at", UtcDateTime),
    # When the next question may be asked, whoever asks it.
    Column("next_slot_at", UtcDateTime),
    # Rounds without any good look since the last one with some: the circuit breaker's count.
    Column("failing_rounds", Integer, nullable=False, server_default="0"),
    # The daily check of the portal, and which step of it failed.
    Column("checked_at", UtcDateTime),
    Column("check_failure", Text),
)

# Numbers whose answer is known beforehand, with what the portal last said (promises.md R9).
canaries = Table(
    "canaries",
    metadata,
    Column("carrier", String(16), primary_key=True),
    Column("tracking_number", Text, primary_key=True),
    Column("expected", String(12), nullable=False),  # "scanned" or "unknown"
    Column("looked_at", UtcDateTime, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("right", Boolean),  # null: the look failed and says nothing
    Column("detail", Text),
)
