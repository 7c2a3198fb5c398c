"""
What follows from a parcel's other columns: kept by the database itself, so never out of date.

Lists of many thousands are counted by these. The database derives them at every write, whoever
writes, and indexes hold them in the order in which they are grouped: a total is read from the
index, and there is no table of totals that a late scan or a changed hand-over could make wrong.
Migration 0004 holds the same expressions as each engine's SQL.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, Computed, Integer, String, case, column, literal, text

from tracker.store.between import whole_between
from tracker.store.types import UtcDateTime

WEEK = timedelta(weeks=1)
#: A Monday, 00:00 on the centres' clock, which keeps no summer time: weeks are counted from it.
WEEKS_BEGIN = datetime(2000, 1, 2, 16, tzinfo=UTC)

_handed_over = column("handed_over_at", UtcDateTime())
_scanned = column("first_scan_at", UtcDateTime())

# The centre that the parcel counts for: a postal one without a station goes to Clevy's.
GOES_TO = "coalesce(centre, CASE WHEN carrier = 'clevy' THEN 'clevy' END)"

# The place on the watch list that no clock changes; null: it is watched, and the time tells.
STANDING = """
CASE WHEN superseded_at IS NOT NULL THEN 'superseded'
     WHEN archived_at IS NOT NULL THEN 'archived'
     WHEN seller_status IN ('SHIPPED', 'DELIVERED', 'FAILED', 'RETURNED') THEN 'ended'
     WHEN seller_status = 'CANCELED' AND (handed_over_at IS NULL OR handover_assumed) THEN 'ended'
     WHEN tracking_number IS NULL THEN 'no_number'
     WHEN scanned THEN 'scanned'
     WHEN carrier IS NULL THEN 'no_carrier'
END
"""

# How it was scanned, once its deadline has passed; null: nobody can judge. That are cancelled
# orders, scans without a time, and what the platform calls shipped without a scan that we saw.
FATE = """
CASE WHEN first_scan_at < scan_deadline THEN 'in_time'
     WHEN first_scan_at >= scan_deadline THEN 'late'
     WHEN scanned THEN NULL
     WHEN seller_status IN ('SHIPPED', 'DELIVERED', 'FAILED', 'RETURNED', 'CANCELED') THEN NULL
     ELSE 'unscanned'
END
"""


def derived_columns() -> tuple[Column[str] | Column[int], ...]:
    """
    The columns, new ones each time; nobody may write to them.
    """
    given = column("handover_assumed").is_(False) & column("superseded_at").is_(None)
    week = whole_between(literal(WEEKS_BEGIN, UtcDateTime()), _handed_over, WEEK.total_seconds())
    return (
        Column("goes_to", String(32), Computed(text(GOES_TO))),
        Column("standing", String(12), Computed(text(STANDING))),
        Column("fate", String(12), Computed(text(FATE))),
        # The week in which somebody gave it to its centre; null: nobody told, or it was replaced.
        Column("given_week", Integer, Computed(case((given, week)))),
        # From hand-over to scan, closed days included; below 0 for a scan dated before.
        Column("transit_hours", Integer, Computed(whole_between(_handed_over, _scanned, 3600.0))),
    )
