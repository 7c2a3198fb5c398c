"""
Crawls as the daemon sees them: numbers in, exactly one look report each out, whatever dies.

The crawling side lives in a child process (``tracker.crawler``) that is killed, browser and all,
when it overruns its wall clock. This package imports neither Scrapy nor Playwright, so that the
daemon stays small.
"""

from __future__ import annotations

from tracker.crawl.access import CarrierAccess, access_from_json, access_to_json, check_access
from tracker.crawl.process import CrawlProcess
from tracker.crawl.reports import is_our_own_failure, not_looked
from tracker.crawl.timing import START_SECONDS, wall_clock_seconds

__all__ = [
    "START_SECONDS",
    "CarrierAccess",
    "CrawlProcess",
    "access_from_json",
    "access_to_json",
    "check_access",
    "is_our_own_failure",
    "not_looked",
    "wall_clock_seconds",
]
