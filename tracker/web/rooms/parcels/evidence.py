"""
What a portal answered to a look, shown so that nothing in it can run: hostile until proved dull.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from tracker.numbers import normalise
from tracker.web.language import marked as _
from tracker.web.rendering import gettext_of
from tracker.web.rooms.parcels.finding import parcel_for
from tracker.web.security.viewers import Viewer, Viewing, house_of

if TYPE_CHECKING:
    from tracker.store.evidence import WholeAnswer

router = APIRouter(include_in_schema=False)

_SANDBOX = {
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}
_PNG = b"\x89PNG\r\n\x1a\n"
#: What has the shape of a tracking number (domain.md 2).
_NUMBERS = re.compile(
    r"[A-Z]{2}\d{9}[A-Z]{2}|[A-Z0-9]{2,6}(?:-[A-Z0-9]{2,6})?-\d{6,12}-\d{3,6}", re.IGNORECASE
)


_CHANGED = _("This answer has changed since it was stored: it proves nothing.")
_OTHERS = _("This answer holds parcels of other shops too: ask the operator to show it.")


@router.get("/parcels/{parcel_id:int}/evidence/{look_id:int}")
def answer(request: Request, viewer: Viewer, parcel_id: int, look_id: int) -> Response:
    """
    The portal's answer as plain text, whatever it is.
    """
    whole = _whole(request, viewer, parcel_id, look_id)
    name = {"content-disposition": f'inline; filename="look-{look_id}.txt"'}
    return Response(whole.body, media_type="text/plain; charset=utf-8", headers=_SANDBOX | name)


@router.get("/parcels/{parcel_id:int}/evidence/{look_id:int}/picture")
def picture(request: Request, viewer: Viewer, parcel_id: int, look_id: int) -> Response:
    """
    What the browser showed.
    """
    whole = _whole(request, viewer, parcel_id, look_id)
    if whole.screenshot is None or not whole.screenshot.startswith(_PNG):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(whole.screenshot, media_type="image/png", headers=_SANDBOX)


def _whole(request: Request, viewer: Viewing, parcel_id: int, look_id: int) -> WholeAnswer:
    """
    The kept answer of a look at the parcel, as it was stored, if the person may see all of it.
    """
    house, say = house_of(request), gettext_of(request, viewer)
    with house.store.read() as tx:
        parcel_for(tx, viewer, parcel_id, house.clock())
        look = next((one for one in tx.looks.of(parcel_id) if one.id == look_id), None)
        if look is None or look.evidence is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        digest = look.evidence.sha256
        whole = tx.evidence.whole(digest)
        if whole is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if not whole.intact:
            raise HTTPException(HTTPStatus.CONFLICT, say(_CHANGED))
        named = {normalise(one) for one in _NUMBERS.findall(whole.body.decode("utf-8", "replace"))}
        if viewer.scope is not None and tx.parcel_board.concerns_others(
            viewer.scope, digest, named
        ):
            raise HTTPException(HTTPStatus.FORBIDDEN, say(_OTHERS))
    return whole
