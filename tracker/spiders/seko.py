"""
Seko jtrack: only its page is public, so it is asked in a browser (domain.md 3.2).
"""

from __future__ import annotations

from tracker.spiders.page import PageSpider


class SekoSpider(PageSpider):
    """
    Asks Seko's jtrack page for batches of numbers.
    """

    name = "seko"
