"""
Messages and each notice's way to its recipient.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from tracker.store.tables.base import metadata
from tracker.store.types import UtcDateTime

# One e-mail or chat message: its lines are frozen when it is claimed (promises.md R11).
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop", Text),
    Column("channel", String(20), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("reference", String(200), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("closing", Boolean, nullable=False),
    Column("sent_at", UtcDateTime),
    Index(None, "channel", "recipient", "created_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("shop", Text),
    Column("channel", String(20), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("notice", String(24), nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("recheck_since", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("lease_owner", String(80)),
    Column("sent_at", UtcDateTime),
    Column("last_error", Text),
    Column("message_id", ForeignKey("messages.id", ondelete="SET NULL"), index=True),
    UniqueConstraint("alert_id", "channel", "recipient", "notice"),
)

_UNSENT = deliveries.c.state.in_(("pending", "sending"))

Index(
    "ix_deliveries_unsent",
    deliveries.c.next_attempt_at,
    sqlite_where=_UNSENT,
    postgresql_where=_UNSENT,
)
# What goes to one recipient together.
Index(
    "ix_deliveries_unsent_to",
    deliveries.c.channel,
    deliveries.c.recipient,
    sqlite_where=_UNSENT,
    postgresql_where=_UNSENT,
)
