"""
Practice portals: both carriers on one loopback port, for learning and for tests.
"""
