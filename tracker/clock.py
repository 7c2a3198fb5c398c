"""
The one place that reads the clock; everything else takes an instant, or this as ``now``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

#: A way to ask for the present instant, aware and in UTC.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """
    The present instant, in UTC.
    """
    return datetime.now(UTC)
