"""
The tables, as SQLAlchemy Core sees them; the migrations build the same ones.

Instants are UTC. Texts from files and portals have no length: PostgreSQL would refuse what SQLite
takes, and a refused text is a scan that nobody sees. A partial index serves each question that a
tick asks, so that its cost grows with what is due and not with what is stored.
"""

from __future__ import annotations

from tracker.store.tables.alerts import acts, alert_parcels, alerts, snoozes
from tracker.store.tables.base import metadata
from tracker.store.tables.carriers import canaries, carriers
from tracker.store.tables.centres import closures
from tracker.store.tables.looks import events, evidence, looks, sightings, wordings
from tracker.store.tables.outbox import deliveries, messages
from tracker.store.tables.parcels import items, parcels
from tracker.store.tables.people import api_tokens, sessions, user_shops, users
from tracker.store.tables.upkeep import counters, heartbeats, notes
from tracker.store.tables.vendor import vendor_accounts

__all__ = [
    "acts",
    "alert_parcels",
    "alerts",
    "api_tokens",
    "canaries",
    "carriers",
    "closures",
    "counters",
    "deliveries",
    "events",
    "evidence",
    "heartbeats",
    "items",
    "looks",
    "messages",
    "metadata",
    "notes",
    "parcels",
    "sessions",
    "sightings",
    "snoozes",
    "user_shops",
    "users",
    "vendor_accounts",
    "wordings",
]
