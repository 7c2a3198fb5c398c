"""
The settings as they hold, secrets masked, each with where it came from.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.settings.showing import Shown, shown_settings, shown_table
from tracker.web.rendering import page
from tracker.web.security.viewers import Operator, house_of

router = APIRouter(include_in_schema=False)


@router.get("/settings")
def configuration(request: Request, viewer: Operator) -> Response:
    """
    Every setting by its table, then each shop.
    """
    settings = house_of(request).settings
    sections: dict[str, list[Shown]] = {}
    for one in sorted(
        shown_settings(settings, settings.origins), key=lambda one: len(one.path) > 1
    ):
        sections.setdefault(".".join(one.path[:-1]), []).append(one)
    return page(
        request,
        "settings/configuration.html",
        viewer,
        sections=sections,
        shops=[(shop.name, list(shown_table(shop))) for shop in settings.shops],
    )
