"""
The API as an application of its own below ``/api/v1``.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tracker import __version__
from tracker.model import UsageError
from tracker.store import StoreError
from tracker.web.api import parcels, telling, watching
from tracker.web.api.problems import Problem, documented, misused, refused, unavailable
from tracker.web.security.tries import TokenPace

if TYPE_CHECKING:
    from tracker.web.house import House

PATH = "/api/v1"

_ABOUT = """\
What the watcher knows, for programs: the shapes of the commands' `--json`, read-only.

A token sees what its user sees: a seller's the parcels of the seller's shops, an operator's
everything. What a token may not see is not found.

Times are ISO 8601 UTC with `Z`; a missing fact is `null`. Lists come in pages: give `next_cursor`
back as `cursor`. An answer's `ETag` sent back as `If-None-Match` saves the transfer (304). Errors
are problem details (RFC 9457)."""
_ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Api(FastAPI):
    """
    The API; its OpenAPI document knows the problems as well.
    """

    def openapi(self) -> dict[str, Any]:
        """
        The document, made once.
        """
        if self.openapi_schema is None:
            document = super().openapi()
            schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            parts = schema.pop("$defs")
            document["components"]["schemas"] |= {**parts, "Problem": schema}
        return super().openapi()


def make_api(house: House) -> Api:
    """
    The API over one house.
    """
    api = Api(
        title="Scan Tracker",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=documented(*_ALWAYS) | {304: {"description": "You have this answer already."}},
        servers=[{"url": PATH}],
        root_path_in_servers=False,
        generate_unique_id_function=lambda route: route.name,
    )
    api.state.house = house
    api.state.pace = TokenPace(house.settings.web.api_requests_per_minute)
    for room in (parcels, telling, watching):
        api.include_router(room.router)
    api.add_exception_handler(HTTPException, refused)
    api.add_exception_handler(RequestValidationError, misused)
    api.add_exception_handler(UsageError, misused)
    api.add_exception_handler(StoreError, unavailable)
    return api
