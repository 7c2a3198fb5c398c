"""
The watch list on the dashboard: the list and its downloads, files taken in, and each parcel.
"""

from __future__ import annotations

from fastapi import APIRouter

from tracker.web.rooms.parcels import acting, downloads, evidence, importing, listing, one

router = APIRouter()
for _part in (listing, downloads, importing, one, evidence, acting):
    router.include_router(_part.router)
