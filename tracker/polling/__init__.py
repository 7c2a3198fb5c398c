"""
Asking the carriers about what is due: leases and pace, the crawl, its worth, and what is recorded.
"""
