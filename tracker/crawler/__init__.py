"""
The crawling side: runs Scrapy on an asyncio loop, in this process or as the daemon's child.

``crawl_all`` serves the ``track`` command and whoever else asks a carrier by hand; ``python -m
tracker.crawler`` is the child of :class:`tracker.crawl.CrawlProcess`.
"""

from tracker.crawler.crawls import OnReport
from tracker.crawler.here import OnSeen, Slot, crawl_all

__all__ = ["OnReport", "OnSeen", "Slot", "crawl_all"]
