"""
The portals' kept answers, so that each look can be proved: how long, how many, and as files.
"""
