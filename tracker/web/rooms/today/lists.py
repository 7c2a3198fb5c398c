"""
The list to be looked up by hand as a file: fetched, filled in, shown as what it tells, and taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from starlette.responses import Response

from alerts.messages.by_hand import FILE_NAME, by_hand_csv
from alerts.messages.words import Words
from tracker.acting.telling import is_told, telling_of
from tracker.model import RefusedRow
from tracker.numbers import normalise
from tracker.orders.columns import OrderFileError
from tracker.orders.numberlists import read_numbers
from tracker.orders.sightings import NotTakenError, Teller, Telling, not_watched
from tracker.sentences import Sentence
from tracker.web.downloads import attached
from tracker.web.language import language_of
from tracker.web.language import marked as _
from tracker.web.rendering import gettext_of, page
from tracker.web.security.viewers import Actor, Viewer, Viewing, house_of, may_see
from tracker.web.uploads import file_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.orders.numberlists import NumberFile, NumberRow
    from tracker.store import Transaction
    from tracker.web.house import House
    from tracker.web.uploads import SentFile, Uploads

router = APIRouter(include_in_schema=False)

#: So many parcels are listed in one file, and as many rows are taken in one transaction.
MOST_ROWS = 2_000
#: So many rows of a kind are shown; all of them are counted.
MOST_LISTED = 200

_NO_FILE = _("Choose the filled list first.")
_GONE = _("The list is not here any more: it is kept for 30 minutes. Choose it again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What a filled list tells: the scans, the refused rows, and how many are still not scanned.

    ``error`` is why the file as a whole cannot be read.
    """

    name: str
    scans: tuple[Telling, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    not_scanned: int = 0
    warnings: tuple[Sentence, ...] = ()
    error: Sentence | None = None


@router.get("/today/by-hand.csv")
def fetch(request: Request, viewer: Viewer, shop: str | None = None) -> Response:
    """
    The list to fill in: of one shop, or of all that the person may see.
    """
    house = house_of(request)
    if shop is not None and not may_see(viewer.scope, shop):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    with house.store.read() as tx:
        listed = tuple(_listed(tx, house, viewer, shop))
    language = language_of(request, viewer.user.language)
    headings = Words(language).lines("letter", "by_hand_columns")
    content = by_hand_csv(listed, headings).encode("utf-8-sig")
    return Response(content, media_type="text/csv", headers=attached(FILE_NAME))


@router.post("/today/by-hand/upload")
def preview(
    request: Request, actor: Actor, filled: Annotated[UploadFile | str, File()] = ""
) -> Response:
    """
    What the filled list tells; nothing is written.
    """
    house, say = house_of(request), gettext_of(request, actor)
    if isinstance(filled, str) or not filled.filename:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_NO_FILE))
    sent = [(file_name(filled.filename, FILE_NAME), filled.file)]
    upload = _uploads(request).keep(actor.token_hash, sent, None, house.clock())
    told = _told(house, actor, upload.files[0], dry_run=True)
    if not told.scans:
        _uploads(request).drop(upload)
    return _page(request, actor, told, upload.key if told.scans else None)


@router.post("/today/by-hand/confirm")
def confirm(request: Request, actor: Actor, upload: Annotated[str, Form()] = "") -> Response:
    """
    The scans that were shown are told, under the person's name; the file is deleted here.
    """
    house = house_of(request)
    taken = _uploads(request).taken(actor.token_hash, upload, house.clock())
    if taken is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST, gettext_of(request, actor)(_GONE))
    try:
        told = _told(house, actor, taken.files[0], dry_run=False)
    finally:
        _uploads(request).drop(taken)
    return _page(request, actor, told, None, written=told.error is None)


def _listed(
    tx: Transaction, house: House, viewer: Viewing, shop: str | None
) -> Iterator[tuple[str, str | None]]:
    """
    Each number with its first portal's address.
    """
    now, carriers = house.clock(), house.settings.carriers
    for group in tx.today.hand_groups(now, viewer.scope):
        if shop is not None and group.shop != shop:
            continue
        for record in tx.today.by_hand(now, viewer.scope, group.shop, limit=MOST_ROWS):
            number, asked = record.parcel.tracking_number, record.parcel.carriers
            if number is not None:
                yield number, carriers.of(asked[0]).url if asked else None


def _told(house: House, actor: Viewing, file: SentFile, *, dry_run: bool) -> Told:
    try:
        read = read_numbers(file.path, zone=house.settings.zone)
    except OrderFileError as error:
        return Told(name=file.name, error=error.sentence.but(file=file.name))
    rows = [row for row in read.rows if is_told(row)]
    if len(rows) > MOST_ROWS:
        most = Sentence("More than %(most)s scans in one list: split it.", most=MOST_ROWS)
        return Told(name=file.name, error=most)
    return _taken(house, actor, file, read, rows, dry_run=dry_run)


def _taken(
    house: House,
    actor: Viewing,
    file: SentFile,
    read: NumberFile,
    rows: list[NumberRow],
    *,
    dry_run: bool,
) -> Told:
    now = house.clock()
    scans, refused = [], list(read.refused)
    with house.store.begin(dry_run=dry_run) as tx:
        teller = Teller(tx=tx, deadlines=house.deadlines, now=now, author=actor.user.name)
        for row in rows:
            try:
                telling = telling_of(row, actor.user.name, now, house.settings.zone)
                _check_scope(teller, actor, row)
                teller.tell(telling)
            except NotTakenError as error:
                refused.append(RefusedRow(file=file.name, line=row.line, reason=error.sentence))
            else:
                scans.append(telling)
    return Told(
        name=file.name,
        scans=tuple(scans),
        refused=tuple(sorted(refused, key=lambda one: one.line)),
        not_scanned=len(read.rows) - len(rows),
        warnings=tuple(warning.but(file=file.name) for warning in read.warnings),
    )


def _check_scope(teller: Teller, actor: Viewing, row: NumberRow) -> None:
    """
    Another shop's parcel is refused in the words for one that nobody watches.
    """
    number = normalise(row.tracking_number)
    record = teller.tx.parcels.live(number, teller.now)
    if record is None or not may_see(actor.scope, record.parcel.shop):
        raise NotTakenError(not_watched(number))


def _page(
    request: Request, actor: Viewing, told: Told, upload: str | None, *, written: bool = False
) -> Response:
    return page(
        request,
        "today/filled.html",
        actor,
        status=HTTPStatus.BAD_REQUEST if told.error else HTTPStatus.OK,
        told=told,
        upload=upload,
        most_listed=MOST_LISTED,
        written=written,
    )


def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads
