"""
What was seen of a parcel, by whom, and what that rests on.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    true,
)

from tracker.store.tables.base import metadata
from tracker.store.types import UtcDateTime

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parcel_id", ForeignKey("parcels.id", ondelete="CASCADE"), nullable=False),
    Column("carrier", String(16), nullable=False),
    # Instant + code-or-normalised-text, never the place (promises.md R7).
    Column("identity", String(64), nullable=False),
    Column("occurred_at", UtcDateTime),
    Column("zone", Text),
    Column("zone_assumed", Boolean, nullable=False),
    Column("stage", String(24), nullable=False),
    Column("is_scan", Boolean, nullable=False),
    Column("code", Text),
    Column("text", Text, nullable=False),
    Column("location", Text),
    Column("first_seen_at", UtcDateTime, nullable=False),
    # Whose meaning, told by a person, gave the stage; null: the tables did, or nothing.
    Column("wording_id", ForeignKey("wordings.id", ondelete="SET NULL")),
    UniqueConstraint("parcel_id", "identity"),
)
# The few events that no table knows, or that a person explained.
_UNKNOWN = events.c.stage == "unclassified"
Index(
    "ix_events_unclassified",
    events.c.carrier,
    sqlite_where=_UNKNOWN,
    postgresql_where=_UNKNOWN,
)
_TOLD = events.c.wording_id.is_not(None)
Index("ix_events_wording_id", events.c.wording_id, sqlite_where=_TOLD, postgresql_where=_TOLD)

# A scan that a person knows of: from Seko's chat, or a look by hand. Never mixed with events.
sightings = Table(
    "sightings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parcel_id", ForeignKey("parcels.id", ondelete="CASCADE"), nullable=False),
    Column("scanned_at", UtcDateTime, nullable=False),
    Column("source", Text, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    UniqueConstraint("parcel_id", "scanned_at", "source"),
)

# What a portal answered, kept once however many looks rest on it (promises.md R20).
evidence = Table(
    "evidence",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of address, status and body
    Column("url", Text),
    Column("http_status", Integer),
    Column("content_type", Text),
    Column("reader", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),  # zlib
    Column("screenshot", LargeBinary),  # PNG
    Column("size", Integer, nullable=False, server_default="0"),  # bytes of both, as stored
    Column("last_seen_at", UtcDateTime, nullable=False, index=True),
)

looks = Table(
    "looks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parcel_id", ForeignKey("parcels.id", ondelete="CASCADE"), nullable=False),
    Column("carrier", String(16)),
    Column("looked_at", UtcDateTime, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("scanned", Boolean),
    Column("detail", Text),
    # "scan_lost": a good answer lacked a scan that we had seen (promises.md R7).
    Column("flag", String(24)),
    Column("evidence", ForeignKey("evidence.sha256", ondelete="SET NULL"), index=True),
    # Which reader made this of the answer: a newer one may read the same answer otherwise.
    Column("reader", Text),
    # The portal before the time: SQLite would else look through all looks at the portal for the
    # few at the parcel.
    Index(None, "parcel_id", "carrier", "looked_at"),
    Index(None, "carrier", "looked_at"),
)

# Each text that no stage table knows, once (domain.md 4).
wordings = Table(
    "wordings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("carrier", String(16), nullable=False),
    Column("normalised", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("parcel_id", ForeignKey("parcels.id", ondelete="SET NULL")),
    Column("alerted_at", UtcDateTime),
    # What a person says that it means; null: nobody has said, or it was taken back.
    Column("stage", String(24)),
    # When and by whom its meaning was told or taken back.
    Column("classified_at", UtcDateTime),
    Column("classified_by", Text),
    # Whether the stored events follow that already.
    Column("settled", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("carrier", "normalised"),
)
