"""
Backup and restore: the whole store as one file that any engine can be filled from.
"""
