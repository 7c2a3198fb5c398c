"""
The application: rooms, guards, and what is shown when something goes wrong.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from tracker import __version__
from tracker.model import UsageError
from tracker.sentences import sentence_of
from tracker.store import StoreError
from tracker.web.api.app import PATH as API
from tracker.web.api.app import make_api
from tracker.web.language import marked as _
from tracker.web.rendering import NavEntry, page
from tracker.web.rooms import (
    account,
    apidocs,
    centres,
    entrance,
    health,
    parcels,
    settings,
    signs,
    today,
    trends,
)
from tracker.web.security.guards import Guards
from tracker.web.security.limits import BodyLimit
from tracker.web.security.tries import LoginTries
from tracker.web.security.viewers import NotLoggedIn
from tracker.web.uploads import Uploads

if TYPE_CHECKING:
    from starlette.responses import Response

    from tracker.web.house import House

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
ROOMS = (
    signs,
    account,
    apidocs,
    entrance,
    today,
    parcels,
    centres,
    trends,
    health,
    settings,
)


#: The navigation, in its order.
NAV = (
    NavEntry("/", _("Today"), count=today.to_do),
    NavEntry("/parcels", _("Parcels")),
    NavEntry("/centres", _("Centres")),
    NavEntry("/trends", _("Trends")),
    NavEntry("/health", _("Health"), for_operators=True),
    NavEntry("/settings", _("Settings"), for_operators=True),
)


def make_app(house: House) -> FastAPI:
    """
    The whole dashboard over one house.
    """
    app = FastAPI(
        title="Scan Tracker", version=__version__, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.house = house
    app.state.nav = NAV
    app.state.uploads = Uploads()
    app.state.login_tries = LoginTries()
    for room in ROOMS:
        app.include_router(room.router)
    app.state.api = make_api(house)
    app.state.pace = app.state.api.state.pace
    app.mount(API, app.state.api, name="api")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(Guards)
    app.add_exception_handler(NotLoggedIn, _to_login)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(UsageError, _refused)
    app.add_exception_handler(StoreError, _refused)
    return app


async def _to_login(request: Request, _error: Exception) -> Response:
    """
    Whoever is not logged in is asked to, and comes back to where they were going.
    """
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = "/login" if path == "/" or request.method != "GET" else f"/login?next={quote(path)}"
    return RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER)


def _refused(request: Request, error: Exception) -> Response:
    """
    One sentence about what was refused; nothing was done then.
    """
    if isinstance(error, HTTPException):
        status = error.status_code
        detail = None if error.detail == HTTPStatus(status).phrase else error.detail
    elif isinstance(error, UsageError):
        status, detail = HTTPStatus.BAD_REQUEST, sentence_of(error)
    else:
        log.error("the database failed under %s: %s", request.url.path, error)
        status, detail = HTTPStatus.SERVICE_UNAVAILABLE, None
    viewer = getattr(request.state, "viewing", None)
    response = page(
        request, "refused.html", viewer, status=int(status), code=int(status), what=detail
    )
    response.headers.update(getattr(error, "headers", None) or {})
    return response
