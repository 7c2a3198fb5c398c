"""
Scan Tracker: watches the sorting centre's scan of every Jumia cross-border parcel.
"""

__version__ = "0.1.0"
