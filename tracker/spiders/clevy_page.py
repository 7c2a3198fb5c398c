"""
Clevy Links without credentials: its public search page in a browser (domain.md 3.1).
"""

from __future__ import annotations

from tracker.spiders.page import PageSpider


class ClevyPageSpider(PageSpider):
    """
    Asks Clevy's public search page and reads the page's own answer.
    """

    name = "clevy-page"
