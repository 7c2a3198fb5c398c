"""
A claim's case and answer, a return's pick-up, and what people want to hear nothing of for a while.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.store.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """
    New columns and a table; claims raised before keep their case id.
    """
    with op.batch_alter_table("parcels") as batch_op:
        batch_op.add_column(sa.Column("case_id", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("claim_answer", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("claim_answered_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("picked_up_at", UtcDateTime(), nullable=True))
    op.execute(
        "UPDATE parcels SET case_id = (SELECT max(alerts.case_id) FROM alerts"
        " WHERE alerts.parcel_id = parcels.id) WHERE claimed_at IS NOT NULL"
    )
    op.create_table(
        "snoozes",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_snoozes")),
    )
    op.create_index("ix_alert_parcels_parcel_id", "alert_parcels", ["parcel_id"], unique=False)
