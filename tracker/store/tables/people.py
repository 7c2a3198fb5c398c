"""
Who may use the dashboard and its API, and their open logins.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from tracker.store.tables.base import metadata
from tracker.store.types import UtcDateTime

# People who may use the dashboard. A seller sees the named shops only, an operator all of them.
users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", String(12), nullable=False),  # operator, seller
    Column("password_hash", Text, nullable=False),  # argon2id
    Column("language", String(8)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("password_at", UtcDateTime, nullable=False),
)

user_shops = Table(
    "user_shops",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("shop", Text, primary_key=True),
)

# Open logins. The cookie's token is kept as its SHA-256 only.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("form_token", String(64), nullable=False),
    # What the next page says once: "3 alerts marked as urged".
    Column("flash", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_sessions_user_id", "user_id"),
)

# What programs read the API with; each has the rights of its user, for reading only.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Index("ix_api_tokens_user_id", "user_id"),
)
