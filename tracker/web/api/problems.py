"""
What programs are told when something is wrong: problem details (RFC 9457).
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import Request
    from starlette.responses import Response

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

#: What is said where nobody said anything better.
_SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address that the token may see.",
    HTTPStatus.METHOD_NOT_ALLOWED: "The API is for reading: only GET is answered.",
}


class Fault(BaseModel):
    """
    One value that cannot be used: where it stands, its name, and why.
    """

    place: str
    name: str
    detail: str


class Problem(BaseModel):
    """
    What went wrong, in one sentence (RFC 9457); nothing was done then.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    faults: list[Fault] = []


class ProblemResponse(JSONResponse):
    """
    A problem on its way.
    """

    media_type = MEDIA_TYPE


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """
    The problems that a route may answer with, for the OpenAPI document.
    """
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {int(one): {"description": one.phrase, "content": content} for one in statuses}


def problem(
    status: HTTPStatus,
    detail: str | None = None,
    *,
    headers: dict[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
) -> Response:
    """
    The answer that says what is wrong.
    """
    said = detail or _SENTENCES.get(status, f"{status.phrase}.")
    shape = Problem(title=status.phrase, status=int(status), detail=said, faults=list(faults))
    content = shape.model_dump(exclude=None if faults else {"faults"})
    return ProblemResponse(content, status_code=int(status), headers=headers)


async def refused(_request: Request, error: Exception) -> Response:
    """
    What a route refused, or the framework.
    """
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = None if error.detail == status.phrase else error.detail
    return problem(status, detail, headers=dict(error.headers or {}))


async def misused(_request: Request, error: Exception) -> Response:
    """
    Values that cannot be used: each named by the framework, or told by our own rules.
    """
    faults = tuple(_faults(error)) if isinstance(error, RequestValidationError) else ()
    told = "; ".join(f"{one.name}: {one.detail}" for one in faults)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, told or str(error), faults=faults)


async def unavailable(request: Request, error: Exception) -> Response:
    """
    The database's own trouble stands in the log, not in the answer.
    """
    log.error("the database failed under %s: %s", request.url.path, error)
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer; try again in a minute.",
        headers={"retry-after": "60"},
    )


def _faults(error: RequestValidationError) -> Iterator[Fault]:
    """
    One for each value, whatever it might have been instead.
    """
    told = set()
    for one in error.errors():
        place, name, *_ = (*map(str, one["loc"]), "")
        if one["type"] == "none_required" or (place, name) in told:
            continue
        told.add((place, name))
        detail = (
            "not known here; see the OpenAPI document"
            if one["type"] == "extra_forbidden"
            else str(one["msg"])
        )
        yield Fault(place=place, name=name or place, detail=detail)
