"""
How much a browser may send: no form is read without an end.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE = 1024 * 1024
#: What the files of one upload may have together.
MOST_UPLOADED = 20 * MEGABYTE
UPLOADS = frozenset({"/parcels/import"})
_AROUND_FILES = 256 * 1024  # what a form needs besides them
_OTHER_FORMS = 2 * MEGABYTE
#: So much beyond the limit is read and thrown away, so that a browser sees the answer and not a
#: broken connection; more than that is a broken connection.
_READ_AWAY = 200 * MEGABYTE


class BodyLimit:
    """
    An ASGI layer: a body larger than its form's limit is refused with 413 and kept nowhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Passes on what is small enough.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = scope["path"] in UPLOADS
        limit = MOST_UPLOADED + _AROUND_FILES if upload else _OTHER_FORMS
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen <= limit:
                return message
            while message.get("more_body") and seen <= limit + _READ_AWAY:
                message = await receive()
                seen += len(message.get("body", b""))
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

        await self._app(scope, counted, send)
