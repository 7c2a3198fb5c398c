"""
What the same work costs with nothing of ours: the limits that our figures are held against.
"""
