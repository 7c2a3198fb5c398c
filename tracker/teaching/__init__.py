"""
Teaching the reader a portal nobody here has seen: recorded cases and saved pages.
"""
