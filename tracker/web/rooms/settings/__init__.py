"""
Settings: what is configured, with secrets masked, and each centre's calendar by month.
"""

from __future__ import annotations

from fastapi import APIRouter

from tracker.web.rooms.settings import calendar, configuration

router = APIRouter(include_in_schema=False)
router.include_router(configuration.router)
router.include_router(calendar.router)
