"""
Today: what needs a person now.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.web.rendering import page
from tracker.web.security.viewers import Viewer

router = APIRouter(include_in_schema=False)


@router.get("/")
def today(request: Request, viewer: Viewer) -> Response:
    """
    The page that people begin their day with.
    """
    return page(request, "today.html", viewer)
