"""
What the API answers, for whoever writes a program: a page made from its OpenAPI document.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.web.api.app import PATH, Api
from tracker.web.api.describing import operations, parts
from tracker.web.rendering import page
from tracker.web.security.viewers import PerhapsViewer

router = APIRouter(include_in_schema=False)


@router.get(f"{PATH}/docs")
def describe(request: Request, viewer: PerhapsViewer) -> Response:
    """
    Every route and every part of the answers; nothing on it is private.
    """
    api: Api = request.app.state.api
    document = api.openapi()
    return page(
        request,
        "apidocs.html",
        viewer,
        api_path=PATH,
        about=document["info"]["description"].split("\n\n"),
        operations=operations(document),
        answer_parts=parts(document),
        base=str(request.base_url).rstrip("/"),
    )
