"""
Today: what needs a person now, and the one thing that each needs.
"""

from tracker.web.rooms.today.routes import router, to_do

__all__ = ["router", "to_do"]
