"""
The watch list on the dashboard: the list and its downloads, files taken in, and each parcel.
"""

from __future__ import annotations

from fastapi import APIRouter

from tracker.web.rooms.parcels import downloads, listing

router = APIRouter()
for _part in (listing, downloads):
    router.include_router(_part.router)
