"""
The watch list: parcels, and the order items that are in them.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
)

from tracker.store.tables.base import metadata
from tracker.store.tables.derived import derived_columns
from tracker.store.types import UtcDateTime

parcels = Table(
    "parcels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tracking_number", Text),
    Column("order_number", Text),
    Column("shop", Text),
    Column("country", Text),
    Column("service", String(16)),
    Column("carrier", String(16)),
    # The other portal of a parcel whose fields and number disagree (contract.md).
    Column("second_carrier", String(16)),
    # Whose portal the next look goes to: of two, they take turns.
    Column("next_carrier", String(16)),
    Column("station", Text),
    Column("centre", String(32)),
    Column("seller_status", String(20)),
    Column("seller_status_text", Text),
    Column("seller_status_at", UtcDateTime),
    Column("cancelled_seen_at", UtcDateTime),
    Column("created_at", UtcDateTime),
    Column("ready_to_ship_at", UtcDateTime),
    Column("ready_to_ship_source", String(20)),
    Column("handed_over_at", UtcDateTime),
    Column("handover_assumed", Boolean, nullable=False, server_default=false()),
    Column("courier", Text),
    Column("waybill", Text),
    Column("sku", Text),
    Column("scan_deadline", UtcDateTime),
    Column("auto_cancel_at", UtcDateTime),
    Column("calendar_estimated", Boolean, nullable=False, server_default=false()),
    # The next instant at which the decision about the parcel can change; null: none.
    Column("decide_at", UtcDateTime),
    Column("stage", String(24)),
    Column("scanned", Boolean, nullable=False, server_default=false()),
    Column("first_scan_at", UtcDateTime),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_look_at", UtcDateTime),
    Column("last_outcome", String(16)),
    Column("last_good_look_at", UtcDateTime),
    Column("last_news_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_look_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("lease_owner", String(80)),
    Column("put_off_until", UtcDateTime),
    Column("put_off_reason", Text),
    Column("superseded_at", UtcDateTime),
    Column("archived_at", UtcDateTime),
    Column("unverified_since", UtcDateTime),
    Column("urged_at", UtcDateTime),
    Column("claimed_at", UtcDateTime),
    # The claim's 8 digits, and what Jumia answered to it: "accepted", "rejected", "info_needed".
    Column("case_id", String(16)),
    Column("claim_answer", String(16)),
    Column("claim_answered_at", UtcDateTime),
    # When the seller picked a returned parcel up (domain.md 1.6).
    Column("picked_up_at", UtcDateTime),
    *derived_columns(),
)

_LIVE = parcels.c.superseded_at.is_(None) & parcels.c.archived_at.is_(None)

# Numbers are reused after a year (domain.md 2): only one *live* parcel may bear a number.
Index(
    "uq_parcels_live_number",
    parcels.c.tracking_number,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)

# Compared character by character on PostgreSQL too, so that a beginning is found by its index.
for _number in ("tracking_number", "order_number"):
    Index(f"ix_parcels_{_number}", parcels.c[_number], postgresql_ops={_number: "text_pattern_ops"})
Index(
    "ix_parcels_waybill",
    func.upper(parcels.c.waybill).label("waybill"),
    postgresql_ops={"waybill": "text_pattern_ops"},
)
Index("ix_parcels_case_id", parcels.c.case_id, postgresql_ops={"case_id": "varchar_pattern_ops"})
# The watch list is looked through by these.
Index("ix_parcels_shop_station", parcels.c.shop, parcels.c.station)
Index("ix_parcels_auto_cancel_at", parcels.c.auto_cancel_at)

_DUE = parcels.c.next_look_at.is_not(None)

Index(
    "ix_parcels_due",
    parcels.c.next_carrier,
    parcels.c.next_look_at,
    sqlite_where=_DUE,
    postgresql_where=_DUE,
)

_UNDECIDED = parcels.c.decide_at.is_not(None)

Index(
    "ix_parcels_decide", parcels.c.decide_at, sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED
)

# A round of confirming looks asks for a parcel that was scanned lately (promises.md R9).
_DATED_SCAN = parcels.c.first_scan_at.is_not(None)

Index(
    "ix_parcels_scanned",
    parcels.c.carrier,
    parcels.c.first_scan_at,
    sqlite_where=_DATED_SCAN,
    postgresql_where=_DATED_SCAN,
)

# Claims are few among the parcels, and counted by week.
_CLAIMED = parcels.c.claimed_at.is_not(None)
Index("ix_parcels_claimed", parcels.c.claimed_at, sqlite_where=_CLAIMED, postgresql_where=_CLAIMED)
# What is to be looked up by hand: a portal's outage may put many on that list, and every page
# tells how many they are.
_UNCHECKED = parcels.c.unverified_since.is_not(None)
Index(
    "ix_parcels_unverified",
    parcels.c.shop,
    parcels.c.auto_cancel_at,
    parcels.c.scanned,
    parcels.c.tracking_number,
    parcels.c.superseded_at,
    parcels.c.archived_at,
    sqlite_where=_UNCHECKED,
    postgresql_where=_UNCHECKED,
)
# What stepped aside, of which there should be none (promises.md R10).
_PUT_OFF = parcels.c.put_off_reason.is_not(None)
Index(
    "ix_parcels_put_off",
    parcels.c.put_off_until,
    sqlite_where=_PUT_OFF,
    postgresql_where=_PUT_OFF,
)
Index("ix_parcels_scan_deadline", parcels.c.scan_deadline)
# A tick asks which late parcels still lack a verdict: most of the late ones are scanned.
_UNSCANNED = parcels.c.scanned.is_(false())
Index(
    "ix_parcels_unscanned",
    parcels.c.shop,
    parcels.c.scan_deadline,
    sqlite_where=_UNSCANNED,
    postgresql_where=_UNSCANNED,
)

# Totals are read from these, in the order in which they are grouped (see derived.py): how many
# are in each state, and how each centre stands ...
Index(
    "ix_parcels_standing",
    parcels.c.goes_to,
    parcels.c.standing,
    parcels.c.scan_deadline,
    parcels.c.scanned,
    parcels.c.unverified_since,
    parcels.c.first_scan_at,
    parcels.c.handover_assumed,
    parcels.c.shop,
)
# ... and how each week's hand-overs fared.
_GIVEN = parcels.c.given_week.is_not(None)
Index(
    "ix_parcels_fared",
    parcels.c.goes_to,
    parcels.c.given_week,
    parcels.c.transit_hours,
    parcels.c.fate,
    parcels.c.scan_deadline,
    parcels.c.shop,
    sqlite_where=_GIVEN,
    postgresql_where=_GIVEN,
)

# An order item, to notice that it got a number or changed it (promises.md R24).
items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parcel_id", ForeignKey("parcels.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("order_number", Text, nullable=False),
    Column("item_key", Text, nullable=False),
    Column("sku", Text),
    UniqueConstraint("order_number", "item_key"),
)
