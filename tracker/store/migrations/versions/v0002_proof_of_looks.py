"""
Two portals for one parcel, told scans, canaries, a carrier's pace and doubt, Vendor Center.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.store.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DUE = sa.text("next_look_at IS NOT NULL")
_DATED_SCAN = sa.text("first_scan_at IS NOT NULL")


def upgrade() -> None:
    """
    New tables and columns; what is stored already keeps its meaning.
    """
    with op.batch_alter_table("parcels") as batch_op:
        batch_op.add_column(sa.Column("second_carrier", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("next_carrier", sa.String(length=16), nullable=True))
        batch_op.drop_index("ix_parcels_due")
        batch_op.create_index(
            "ix_parcels_due",
            ["next_carrier", "next_look_at"],
            unique=False,
            sqlite_where=_DUE,
            postgresql_where=_DUE,
        )
        batch_op.create_index(
            "ix_parcels_scanned",
            ["carrier", "first_scan_at"],
            unique=False,
            sqlite_where=_DATED_SCAN,
            postgresql_where=_DATED_SCAN,
        )
    op.execute("UPDATE parcels SET next_carrier = carrier")
    with op.batch_alter_table("carriers") as batch_op:
        batch_op.add_column(sa.Column("doubt", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("doubted_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("next_slot_at", UtcDateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("failing_rounds", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("checked_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("check_failure", sa.Text(), nullable=True))
    with op.batch_alter_table("evidence") as batch_op:
        batch_op.add_column(sa.Column("size", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("looks") as batch_op:
        batch_op.add_column(sa.Column("reader", sa.Text(), nullable=True))
    op.execute("UPDATE evidence SET size = length(body) + coalesce(length(screenshot), 0)")
    op.create_table(
        "canaries",
        sa.Column("carrier", sa.String(length=16), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("expected", sa.String(length=12), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("carrier", "tracking_number", name=op.f("pk_canaries")),
    )
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parcel_id", sa.Integer(), nullable=False),
        sa.Column("scanned_at", UtcDateTime(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_sightings_parcel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.UniqueConstraint(
            "parcel_id",
            "scanned_at",
            "source",
            name=op.f("uq_sightings_parcel_id_scanned_at_source"),
        ),
    )
    op.create_table(
        "vendor_accounts",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=False),
        sa.Column("seeds", sa.JSON(), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("rotated_at", UtcDateTime(), nullable=True),
        sa.Column("unsure_at", UtcDateTime(), nullable=True),
        sa.Column("refused_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.Column("next_slot_at", UtcDateTime(), nullable=True),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("synced_at", UtcDateTime(), nullable=True),
        sa.Column("synced_until", UtcDateTime(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_vendor_accounts")),
    )
