"""
Page readers: saved text in, look reports out. Nothing here fetches, waits or knows Scrapy.
"""
