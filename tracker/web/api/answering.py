"""
What every answer has in common: pages by cursor, a mark of its content, and who may keep it.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from tracker.calendar import CENTRES, centre_name
from tracker.model import UsageError
from tracker.web.api.models import Id

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from fastapi import Request

_CACHE = "private, no-cache"
#: A value of a query that may be left out: no text stands for null there.
NotGiven = SkipJsonSchema[None]
#: A text that databases take: no control characters, not endless.
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _centre(text: str) -> str:
    try:
        return centre_name(text)
    except UsageError as error:
        raise PydanticCustomError("centre", "{told}", {"told": str(error)}) from error


#: A sorting centre's name; case, blanks and hyphens do not matter.
CentreName = Annotated[
    str, AfterValidator(_centre), WithJsonSchema({"type": "string", "enum": list(CENTRES)})
]


class Page(BaseModel):
    """
    Which part of a list; a name that is not known is refused, not overlooked.
    """

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=100, ge=1, le=500, description="At most so many.")
    cursor: Id | NotGiven = Field(default=None, description="`next_cursor` of the page before.")


def page_of(shapes: Sequence[dict[str, Any]], limit: int, last: int | None) -> dict[str, Any]:
    """
    One page; ``last`` is the id of its last item. A full page says where the next one begins.
    """
    return {"items": shapes, "next_cursor": last if len(shapes) == limit else None}


class MarkedRoute(APIRoute):
    """
    A route whose answers carry an ETag: a reader who has the same already is told so (304).
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """
        The handler with the mark.
        """
        answer = super().get_route_handler()

        async def marked(request: Request) -> Response:
            response = await answer(request)
            if response.status_code != HTTPStatus.OK:
                return response
            mark = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
            headers = {"etag": mark, "cache-control": _CACHE, "vary": "authorization"}
            known = request.headers.get("if-none-match", "")
            if mark in {one.strip().removeprefix("W/") for one in known.split(",")}:
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
            response.headers.update(headers)
            return response

        return marked
