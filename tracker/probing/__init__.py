"""
Whether a portal can be reached and read: step by step for a person, once a day for the daemon.
"""
