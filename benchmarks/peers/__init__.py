"""
Our watch list against karrio's server, on the same local carrier: ``make bench-peers``.
"""
