"""
The dashboard's users, logins and tokens, what people enter and did, running totals.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.store.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """
    New tables, and what people say of unknown wordings.
    """
    with op.batch_alter_table("wordings") as batch_op:
        batch_op.add_column(sa.Column("stage", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("classified_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("classified_by", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("settled", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
    _events()
    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("centre", sa.String(length=32), nullable=True),
        sa.Column("carrier", sa.String(length=16), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("effect", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=16), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("counted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    _people()
    _search()
    _acts()
    _unverified()
    _growth()
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("labels", sa.String(length=120), nullable=False),
        sa.Column("value", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name=op.f("pk_counters")),
    )
    claimed = sa.text("claimed_at IS NOT NULL")
    op.create_index(
        "ix_parcels_claimed",
        "parcels",
        ["claimed_at"],
        sqlite_where=claimed,
        postgresql_where=claimed,
    )
    _derived()


def _derived() -> None:
    """
    What the database derives from a parcel's columns, and the indexes that totals are read from.

    SQLite derives at reading (only so can columns be added there), PostgreSQL at writing, which
    rewrites the table: once for all of them.
    """
    ended = "'SHIPPED', 'DELIVERED', 'FAILED', 'RETURNED'"
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        passed = "(julianday({1}) - julianday({0})) * 86400 + 0.5"
        whole = f"CAST(({passed}) / {{2}} AS INTEGER)"
        weeks_begin = "'2000-01-02 16:00:00'"
    else:
        whole = "CAST(trunc(extract(epoch FROM {1} - {0}) / {2}) AS INTEGER)"
        weeks_begin = "TIMESTAMPTZ '2000-01-02 16:00:00+00'"
    week = whole.format(weeks_begin, "handed_over_at", "604800.0")
    derived = {
        "goes_to VARCHAR(32)": "coalesce(centre, CASE WHEN carrier = 'clevy' THEN 'clevy' END)",
        "standing VARCHAR(12)": f"""
            CASE WHEN superseded_at IS NOT NULL THEN 'superseded'
                 WHEN archived_at IS NOT NULL THEN 'archived'
                 WHEN seller_status IN ({ended}) THEN 'ended'
                 WHEN seller_status = 'CANCELED'
                      AND (handed_over_at IS NULL OR handover_assumed) THEN 'ended'
                 WHEN tracking_number IS NULL THEN 'no_number'
                 WHEN scanned THEN 'scanned'
                 WHEN carrier IS NULL THEN 'no_carrier'
            END""",
        "fate VARCHAR(12)": f"""
            CASE WHEN first_scan_at < scan_deadline THEN 'in_time'
                 WHEN first_scan_at >= scan_deadline THEN 'late'
                 WHEN scanned THEN NULL
                 WHEN seller_status IN ({ended}, 'CANCELED') THEN NULL
                 ELSE 'unscanned'
            END""",
        "given_week INTEGER": f"""
            CASE WHEN handover_assumed IS FALSE AND superseded_at IS NULL THEN {week} END""",
        "transit_hours INTEGER": whole.format("handed_over_at", "first_scan_at", "3600.0"),
    }
    stored = "VIRTUAL" if sqlite else "STORED"
    adding = [
        f"ADD COLUMN {column} GENERATED ALWAYS AS ({value}) {stored}"
        for column, value in derived.items()
    ]
    for part in adding if sqlite else [", ".join(adding)]:
        op.execute(f"ALTER TABLE parcels {part}")
    op.create_index(
        "ix_parcels_standing",
        "parcels",
        [
            "goes_to",
            "standing",
            "scan_deadline",
            "scanned",
            "unverified_since",
            "first_scan_at",
            "handover_assumed",
            "shop",
        ],
    )
    given = sa.text("given_week IS NOT NULL")
    op.create_index(
        "ix_parcels_fared",
        "parcels",
        ["goes_to", "given_week", "transit_hours", "fate", "scan_deadline", "shop"],
        sqlite_where=given,
        postgresql_where=given,
    )


def _events() -> None:
    """
    Which events a person explained, and a short way to those that nobody did.
    """
    with op.batch_alter_table("events") as batch_op:
        batch_op.add_column(sa.Column("wording_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_events_wording_id"), "wordings", ["wording_id"], ["id"], ondelete="SET NULL"
        )
    unknown, told = sa.text("stage = 'unclassified'"), sa.text("wording_id IS NOT NULL")
    op.create_index(
        "ix_events_unclassified",
        "events",
        ["carrier"],
        sqlite_where=unknown,
        postgresql_where=unknown,
    )
    op.create_index(
        "ix_events_wording_id", "events", ["wording_id"], sqlite_where=told, postgresql_where=told
    )


def _search() -> None:
    """
    Any number is found by its beginning, and the watch list is sorted and filtered.
    """
    for number in ("tracking_number", "order_number"):
        op.drop_index(f"ix_parcels_{number}", "parcels")
        op.create_index(
            f"ix_parcels_{number}",
            "parcels",
            [number],
            postgresql_ops={number: "text_pattern_ops"},
        )
    op.create_index(
        "ix_parcels_waybill",
        "parcels",
        [sa.func.upper(sa.column("waybill")).label("waybill")],
        postgresql_ops={"waybill": "text_pattern_ops"},
    )
    op.create_index(
        "ix_parcels_case_id",
        "parcels",
        ["case_id"],
        postgresql_ops={"case_id": "varchar_pattern_ops"},
    )
    op.create_index("ix_parcels_shop_station", "parcels", ["shop", "station"])
    op.create_index("ix_parcels_auto_cancel_at", "parcels", ["auto_cancel_at"])


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("parcel_id", sa.Integer(), nullable=True),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("speaks_of", UtcDateTime(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_acts_alert_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_acts_parcel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    op.create_index("ix_acts_alert_id", "acts", ["alert_id"], unique=False)
    op.create_index("ix_acts_parcel_id", "acts", ["parcel_id"], unique=False)


def _unverified() -> None:
    """
    What is to be looked up by hand, and what stepped aside.
    """
    where = sa.text("unverified_since IS NOT NULL")
    op.create_index(
        "ix_parcels_unverified",
        "parcels",
        ["shop", "auto_cancel_at", "scanned", "tracking_number", "superseded_at", "archived_at"],
        sqlite_where=where,
        postgresql_where=where,
    )
    where = sa.text("put_off_reason IS NOT NULL")
    op.create_index(
        "ix_parcels_put_off",
        "parcels",
        ["put_off_until"],
        sqlite_where=where,
        postgresql_where=where,
    )


def _growth() -> None:
    """
    What a tick reads is found as quickly among a million parcels as among a thousand.
    """
    op.drop_index("ix_looks_parcel_id_looked_at", "looks")
    op.create_index(
        "ix_looks_parcel_id_carrier_looked_at", "looks", ["parcel_id", "carrier", "looked_at"]
    )
    unscanned = sa.column("scanned").is_(sa.false())
    op.create_index(
        "ix_parcels_unscanned",
        "parcels",
        ["shop", "scan_deadline"],
        sqlite_where=unscanned,
        postgresql_where=unscanned,
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_alerts_open", "alerts", ["id"], sqlite_where=still_open, postgresql_where=still_open
    )
    unsent = sa.text("state IN ('pending', 'sending')")
    op.create_index(
        "ix_deliveries_unsent_to",
        "deliveries",
        ["channel", "recipient"],
        sqlite_where=unsent,
        postgresql_where=unsent,
    )


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("password_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "user_shops",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_shops_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "shop", name=op.f("pk_user_shops")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("flash", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"], unique=False)
