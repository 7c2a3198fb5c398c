"""
The sellers' access to the Vendor Center API.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, String, Table, Text

from tracker.store.tables.base import metadata
from tracker.store.types import UtcDateTime

# A seller's access to the Vendor Center API (domain.md 5.2). Both tokens are secrets, in the clear:
# each renewal kills the token before it, so the living one can be nowhere but here.
vendor_accounts = Table(
    "vendor_accounts",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("refresh_token", Text, nullable=False),
    # Hashes of every token that came from the settings: an old one never replaces the chain.
    Column("seeds", JSON, nullable=False),
    Column("access_token", Text),
    Column("expires_at", UtcDateTime),
    Column("rotated_at", UtcDateTime),
    # A renewal was sent and its answer never came: the new token may be lost.
    Column("unsure_at", UtcDateTime),
    # The token was refused: a person must generate another.
    Column("refused_at", UtcDateTime),
    # One renews at a time.
    Column("lease_until", UtcDateTime),
    Column("lease_owner", String(80)),
    # When the next request may be sent, whoever sends it.
    Column("next_slot_at", UtcDateTime),
    Column("tried_at", UtcDateTime),
    Column("synced_at", UtcDateTime),
    # Every order changed before this instant is known, of the shops that this stands for.
    Column("synced_until", UtcDateTime),
    Column("scope", Text),
    Column("problem", Text),
)
