"""
The tables, as SQLAlchemy Core sees them; the migrations build the same ones.

Instants are UTC. Texts from files and portals have no length: PostgreSQL would refuse what SQLite
takes, and a refused text is a scan that nobody sees. A partial index serves each question that a
tick asks, so that its cost grows with what is due and not with what is stored.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from tracker.store.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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
Index("ix_parcels_tracking_number", parcels.c.tracking_number)
Index("ix_parcels_order_number", parcels.c.order_number)
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
# A tick asks which late parcels still lack a verdict.
Index("ix_parcels_scan_deadline", parcels.c.scan_deadline)

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
    Index(None, "parcel_id", "looked_at"),
    Index(None, "carrier", "looked_at"),
)

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

# Of whom nobody wants to hear until then: an alert's subject, or "shop:<name>" (promises.md R15).
snoozes = Table(
    "snoozes",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Column("author", Text),
    Column("made_at", UtcDateTime, nullable=False),
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

# Running totals for /metrics, kept by every process that does the work.
counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("labels", String(120), primary_key=True),
    Column("value", BigInteger, nullable=False, server_default="0"),
)
