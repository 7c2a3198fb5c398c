"""
The ways out: each channel makes one attempt and says what came of it.
"""

from alerts.channels.base import Channel, Delivered, Refused, Result, Retry

__all__ = ["Channel", "Delivered", "Refused", "Result", "Retry"]
