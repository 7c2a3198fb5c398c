"""
How long a crawl may take.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.crawl.access import CarrierAccess

START_SECONDS = 30.0  # Python, Scrapy and a browser on a busy machine


def wall_clock_seconds(access: CarrierAccess, count: int) -> float:
    """
    The longest that a crawl of ``count`` numbers may take: every batch at its time limit.

    Numbers left out of a batch are asked again alone, so that each may cost a look of its own.
    The wait for the first slot counts too.
    """
    batches = math.ceil(count / access.batch_size)
    looks = batches + min(count, access.batch_size)
    each = max(access.timeout_seconds, 60 / access.requests_per_minute)
    asking = each * math.ceil(looks / access.concurrency)
    return START_SECONDS + access.starts_in_seconds + asking
