"""
Alerts, what they cover, and of whom nobody wants to hear.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from tracker.store.tables.base import metadata
from tracker.store.types import UtcDateTime

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(24), nullable=False),
    # Whom it is about: "parcel:12", "carrier:seko", "wording:<hash>".
    Column("subject", String(120), nullable=False),
    # What tells two alerts of one kind on one subject apart: the deadline, else the opening.
    Column("occasion", String(40), nullable=False),
    Column("parcel_id", ForeignKey("parcels.id", ondelete="CASCADE"), index=True),
    Column("shop", Text),
    Column("carrier", String(16)),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("deadline", UtcDateTime),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("closed_because", String(20)),
    Column("proof_look_id", ForeignKey("looks.id", ondelete="SET NULL")),
    Column("case_id", String(16)),
    Column("acted_at", UtcDateTime),
    UniqueConstraint("subject", "kind", "occasion"),
)

_OPEN = alerts.c.closed_at.is_(None)

Index(
    "uq_alerts_open",
    alerts.c.subject,
    alerts.c.kind,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

# Read in the order of opening, at every deciding: the closed ones are a hundred times as many.
Index("ix_alerts_open", alerts.c.id, sqlite_where=_OPEN, postgresql_where=_OPEN)

# Of whom nobody wants to hear until then: an alert's subject, or "shop:<name>" (promises.md R15).
snoozes = Table(
    "snoozes",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Column("author", Text),
    Column("made_at", UtcDateTime, nullable=False),
)

# What people did about a parcel or an alert, in the order of doing.
acts = Table(
    "acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("act", String(16), nullable=False),
    # The name of who was logged in; null: by command.
    Column("author", Text),
    Column("parcel_id", ForeignKey("parcels.id", ondelete="CASCADE"), index=True),
    Column("alert_id", ForeignKey("alerts.id", ondelete="CASCADE"), index=True),
    # Snoozed until, handed over or scanned at.
    Column("speaks_of", UtcDateTime),
    # The case id, Jumia's answer, who told of a scan.
    Column("detail", Text),
)

# What an operator's alert covers: a growing list (promises.md R4).
alert_parcels = Table(
    "alert_parcels",
    metadata,
    Column("alert_id", ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("parcel_id", ForeignKey("parcels.id", ondelete="CASCADE"), primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
    Index(None, "parcel_id"),
)
