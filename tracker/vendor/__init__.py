"""
Orders from the Vendor Center API, read only (domain.md 5.2): never pack, cancel or print.

Built from what is published about the interface and never tried against the real one.
"""
