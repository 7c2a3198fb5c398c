"""
Orders from files: sent, shown as what would become of them, and only then taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from starlette.responses import Response

from tracker.model import ImportResult, UsageError
from tracker.orders.files import OrderFileError
from tracker.orders.importing import ShopUnknownError
from tracker.orders.taking import Taking
from tracker.sentences import Sentence, sentence_of
from tracker.web.language import marked as _
from tracker.web.rendering import gettext_of, page
from tracker.web.security.limits import MOST_UPLOADED
from tracker.web.security.viewers import Actor, Viewer, Viewing, house_of, may_see

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.web.uploads import SentFile, Upload, Uploads

router = APIRouter(include_in_schema=False)

MOST_FILES = 20
#: So many refused rows and warnings of a file are shown; all of them are counted.
MOST_LISTED = 200
_LONGEST_NAME = 80


#: What each field of a file is called (domain.md 5.1).
FIELDS = {
    "order_number": _("Order number"),
    "order_item_id": _("Order item"),
    "tracking_number": _("Tracking number"),
    "station": _("Station"),
    "service": _("Service"),
    "country": _("Country"),
    "shop": _("Shop"),
    "status": _("Order status"),
    "created_at": _("Ordered"),
    "updated_at": _("Status changed"),
    "ready_to_ship_at": _("Ready to ship"),
    "handed_over_at": _("Handed over"),
    "courier": _("Domestic courier"),
    "waybill": _("Domestic waybill"),
    "sku": _("SKU"),
}
_NO_FILE = _("Choose a file first.")
_TOO_MANY = _("At most %(most)s files are taken at once.")
_GONE = _("The file is not here any more: it is kept for 30 minutes. Choose it again.")
_NOT_YOURS = _("You may import orders of your own shops only.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What became of one file, or would: the counts, or the sentence why it cannot be read.
    """

    name: str
    result: ImportResult | None = None
    error: str | None = None


@router.get("/parcels/import")
def choose(request: Request, viewer: Viewer) -> Response:
    """
    The form in which files are chosen.
    """
    return page(request, "parcels/import.html", viewer, **_choice(request, viewer))


@router.post("/parcels/import")
def preview(
    request: Request,
    actor: Actor,
    files: Annotated[list[UploadFile], File()] = [],  # noqa: B006 - the framework copies it
    shop: Annotated[str, Form()] = "",
) -> Response:
    """
    What taking the files would do; nothing is written.
    """
    house, say = house_of(request), gettext_of(request, actor)
    sent = [(_name(one.filename), one.file) for one in files if one.filename]
    if not sent:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_NO_FILE))
    if len(sent) > MOST_FILES:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_TOO_MANY) % {"most": MOST_FILES})
    if sum(one.size or 0 for one in files) > MOST_UPLOADED:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    for_shop = _shop(request, actor, shop)
    upload = _uploads(request).keep(actor.token_hash, sent, for_shop, house.clock())
    told = tuple(_told(request, actor, upload, dry_run=True))
    if all(one.result is None for one in told):
        _uploads(request).drop(upload)
    return page(
        request,
        "parcels/preview.html",
        actor,
        told=told,
        upload=upload,
        possible=any(one.result is not None for one in told),
        most_listed=MOST_LISTED,
        fields=FIELDS,
        written=False,
    )


@router.post("/parcels/import/confirm")
def confirm(request: Request, actor: Actor, upload: Annotated[str, Form()] = "") -> Response:
    """
    The files that were shown are taken, and deleted here.
    """
    house, say = house_of(request), gettext_of(request, actor)
    taken = _uploads(request).taken(actor.token_hash, upload, house.clock())
    if taken is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_GONE))
    try:
        _shop(request, actor, taken.shop or "")
        told = tuple(_told(request, actor, taken, dry_run=False))
    finally:
        _uploads(request).drop(taken)
    return page(
        request,
        "parcels/preview.html",
        actor,
        told=told,
        upload=None,
        possible=False,
        most_listed=MOST_LISTED,
        fields=FIELDS,
        written=True,
    )


@router.post("/parcels/import/forget")
def forget(request: Request, actor: Actor, upload: Annotated[str, Form()] = "") -> Response:
    """
    The files are gone without having been taken.
    """
    house = house_of(request)
    waiting = _uploads(request).waiting(actor.token_hash, upload, house.clock())
    if waiting is not None:
        _uploads(request).drop(waiting)
    return page(request, "parcels/import.html", actor, **_choice(request, actor))


def _told(request: Request, actor: Viewing, upload: Upload, *, dry_run: bool) -> Iterator[Told]:
    house = house_of(request)
    taking = Taking(
        store=house.store,
        deadlines=house.deadlines,
        now=house.clock(),
        dry_run=dry_run,
        scope=actor.scope,
    )
    for file in upload.files:
        yield _one(taking, file, upload.shop)


def _one(taking: Taking, file: SentFile, shop: str | None) -> Told:
    try:
        return Told(name=file.name, result=taking.take(file.path, shop, name=file.name))
    except ShopUnknownError as error:
        unknown = Sentence(
            "%(file)s, line %(line)s: the shop is not known; "
            "choose it when you choose the files, or add a Shop column to the file.",
            file=file.name,
            line=error.line,
        )
        return Told(name=file.name, error=unknown)
    except (OrderFileError, UsageError) as error:
        return Told(name=file.name, error=sentence_of(error))


def _choice(request: Request, viewer: Viewing) -> dict[str, Any]:
    configured = [shop.name for shop in house_of(request).settings.shops]
    shops = configured if viewer.scope is None else sorted(viewer.scope)
    return {"shops": shops, "megabytes": MOST_UPLOADED // 1024 // 1024}


def _shop(request: Request, actor: Viewing, chosen: str) -> str | None:
    """
    The shop of every row, or ``None`` for what the file says; refused if it is not theirs.
    """
    shop = chosen.strip()
    if not shop:
        only = sorted(actor.scope) if actor.scope is not None else []
        return only[0] if len(only) == 1 else None
    if not may_see(actor.scope, shop):
        raise HTTPException(HTTPStatus.FORBIDDEN, gettext_of(request, actor)(_NOT_YOURS))
    return shop


def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads


def _name(written: str | None) -> str:
    """
    The file's name without folders and without what cannot be printed.
    """
    last = PurePath((written or "").replace("\\", "/")).name
    plain = "".join(char for char in last if char.isprintable()).strip()
    return plain[:_LONGEST_NAME] or "orders"
