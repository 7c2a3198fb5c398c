"""
How to reach each carrier's answer; what an answer means is the page readers' business.
"""
