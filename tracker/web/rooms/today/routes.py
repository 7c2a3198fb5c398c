"""
The page of the day, one group of it, the texts to be copied, and the forms.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER, HTTP_404_NOT_FOUND

from alerts.lines import Liner
from alerts.messages.compose import ready_texts
from alerts.messages.words import Words
from tracker.model import AlertKind, ClaimAnswer
from tracker.store.boards.today import View
from tracker.web.language import language_of
from tracker.web.language import marked as _
from tracker.web.rendering import done, gettext_of, page, safe_path
from tracker.web.rooms.today.board import PAGE_ROWS, Reader
from tracker.web.rooms.today.deeds import Doer, Filled, ProblemError, ids_of
from tracker.web.rooms.today.kinds import KINDS, Deed
from tracker.web.security.viewers import Actor, Viewer, house_of, may_see

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.store import Transaction
    from tracker.web.security.viewers import Viewing

router = APIRouter(include_in_schema=False)
#: How many parcels one text to be copied may hold.
MOST_IN_A_TEXT = 100
_MORNING = time(8, 30)
_TEXTS = {Deed.URGE_TEXT: AlertKind.URGE_SCAN, Deed.CLAIM_TEXT: AlertKind.RAISE_CLAIM}
#: What is marked once the text was sent.
_AFTER = {Deed.URGE_TEXT: Deed.URGED, Deed.CLAIM_TEXT: Deed.CLAIMED}


@router.get("/")
def today(request: Request, viewer: Viewer, view: str = View.TODO) -> Response:
    """
    The page that people begin their day with.
    """
    return _board(request, viewer, _view_of(view))


@router.get("/today/group/{kind}")
def group(
    request: Request,
    viewer: Viewer,
    kind: str,
    *,
    view: str = View.TODO,
    shop: str | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """
    One shop's alerts of one kind, all of them, in pages.
    """
    return _group(request, viewer, _view_of(view), shop=shop, kind=_kind_of(kind), number=number)


@router.get("/today/by-hand")
def by_hand(
    request: Request,
    viewer: Viewer,
    shop: str | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """
    One shop's parcels to be looked up by hand, all of them, in pages.
    """
    return _hand(request, viewer, shop, number)


@router.get("/today/text/{deed}")
def text(
    request: Request, viewer: Viewer, deed: str, ids: Annotated[list[str], Query(alias="id")]
) -> Response:
    """
    The text to be copied for the chosen alerts, and the form that marks them once it was sent.
    """
    return _text(request, viewer, _deed_of(deed), ids_of(ids))


@router.get("/today/do/{deed}")
@router.get("/today/scanned")
def back_to_today(viewer: Viewer, deed: str = "") -> Response:  # noqa: ARG001 - wherever from
    """
    Where the page with a problem is loaded anew, or its language changed: nothing is sent again.
    """
    return RedirectResponse("/", status_code=HTTP_303_SEE_OTHER)


@router.post("/today/do/{deed}")
def do(
    request: Request,
    actor: Actor,
    deed: str,
    *,
    ids: Annotated[list[str] | None, Form(alias="id")] = None,
    whole: Annotated[str, Form()] = "",
    view: Annotated[str, Form()] = View.TODO,
    shop: Annotated[str | None, Form()] = None,
    kind: Annotated[str, Form()] = "",
    newest: Annotated[str, Form()] = "0",
    count: Annotated[str, Form()] = "0",
    case_id: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    handed_over_at: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
    until_at: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/",
) -> Response:
    """
    What the form asks for is done for everything that was chosen, or nothing is.
    """
    filled = Filled(
        ids=ids_of(ids or ()),
        whole=bool(whole),
        view=_view_of(view),
        shop=shop or None,
        kind=_kind_of(kind) if kind else None,
        newest=ids_of([newest])[0],
        count=ids_of([count])[0],
        case_id=case_id,
        outcome=outcome,
        handed_over_at=handed_over_at,
        until=until_at or until,
    )
    wanted = _deed_of(deed)
    try:
        if wanted.is_text:
            return _to_text(request, actor, wanted, filled)
        said = _done(request, actor, wanted, filled)
    except ProblemError as problem:
        return _board(request, actor, filled.view, problem=problem, filled=filled)
    return done(request, actor, safe_path(back), said)


@router.post("/today/scanned")
def scanned(
    request: Request,
    actor: Actor,
    *,
    numbers: Annotated[list[str] | None, Form(alias="number")] = None,
    at: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/",
) -> Response:
    """
    Scans that somebody saw by hand: they count, and are kept apart from the carrier's.
    """
    try:
        with house_of(request).store.begin() as tx:
            said = _doer(request, actor, tx).saw(numbers or (), at, source)
    except ProblemError as problem:
        return _board(request, actor, View.TODO, problem=problem, numbers=tuple(numbers or ()))
    return done(request, actor, safe_path(back), said)


def to_do(request: Request, viewer: Viewing) -> int:
    """
    How much waits for this person: the number beside the page's name.
    """
    house = house_of(request)
    now = house.clock()
    with house.store.read() as tx:
        waiting = tx.today.totals(now, viewer.scope)[View.TODO]
        return waiting + sum(one.count for one in tx.today.hand_groups(now, viewer.scope))


def _board(
    request: Request,
    viewer: Viewing,
    view: View,
    *,
    problem: ProblemError | None = None,
    filled: Filled | None = None,
    numbers: tuple[str, ...] = (),
) -> Response:
    house = house_of(request)
    with house.store.read() as tx:
        board = Reader(tx, house.deadlines, house.clock(), viewer.scope).board(view)
    return page(
        request,
        "today/board.html",
        viewer,
        status=problem.status if problem else 200,
        board=board,
        problem=problem,
        **_shared(request, viewer, view, filled, numbers),
    )


def _group(
    request: Request,
    viewer: Viewing,
    view: View,
    *,
    shop: str | None,
    kind: AlertKind,
    number: int,
) -> Response:
    house = house_of(request)
    if not may_see(viewer.scope, shop):
        raise HTTPException(HTTP_404_NOT_FOUND)
    with house.store.read() as tx:
        found = Reader(tx, house.deadlines, house.clock(), viewer.scope).group(
            view, shop, kind, number
        )
    if found is None:
        return RedirectResponse("/", status_code=HTTP_303_SEE_OTHER)
    return page(
        request,
        "today/group.html",
        viewer,
        group=found,
        number=number,
        pages=_pages(found.facts.count),
        **_shared(request, viewer, view),
    )


def _hand(request: Request, viewer: Viewing, shop: str | None, number: int) -> Response:
    house = house_of(request)
    if not may_see(viewer.scope, shop):
        raise HTTPException(HTTP_404_NOT_FOUND)
    with house.store.read() as tx:
        found = Reader(tx, house.deadlines, house.clock(), viewer.scope).hand(shop, number)
    if found is None:
        return RedirectResponse("/", status_code=HTTP_303_SEE_OTHER)
    return page(
        request,
        "today/by_hand.html",
        viewer,
        hand=found,
        number=number,
        pages=_pages(found.facts.count),
        **_shared(request, viewer, View.TODO),
    )


def _text(request: Request, viewer: Viewing, deed: Deed, ids: tuple[int, ...]) -> Response:
    kind = _TEXTS.get(deed)
    if kind is None:
        raise HTTPException(HTTP_404_NOT_FOUND)
    house, language = house_of(request), _language(request, viewer)
    with house.store.read() as tx:
        doer = _doer(request, viewer, tx)
        try:
            alerts = doer.chosen(Filled(ids=ids[: MOST_IN_A_TEXT + 1]), hold=False)
            _not_too_many(len(alerts), doer)
        except ProblemError as problem:
            return _board(request, viewer, View.TODO, problem=problem, filled=Filled(ids=ids))
        if any(deed not in KINDS[alert.kind].all_deeds for alert in alerts):
            raise HTTPException(HTTP_404_NOT_FOUND)
        liner = Liner(tx, house.deadlines, house.clock())
        lines = [replace(line, kind=kind) for line in liner.first_lines(alerts)]
    return page(
        request,
        "today/text.html",
        viewer,
        deed=deed,
        after=_AFTER[deed],
        alerts=alerts,
        texts=ready_texts(lines, language),
        contact=house.settings.seko_service.contact,
        **_shared(request, viewer, View.TODO),
    )


def _to_text(request: Request, actor: Viewing, deed: Deed, filled: Filled) -> Response:
    """
    The address of the text, which may be loaded again as often as it is needed.
    """
    with house_of(request).store.read() as tx:
        doer = _doer(request, actor, tx)
        alerts = doer.chosen(filled, hold=False)
        _not_too_many(len(alerts), doer)
    query = "&".join(f"id={alert.id}" for alert in alerts)
    return RedirectResponse(f"/today/text/{deed}?{query}", status_code=HTTP_303_SEE_OTHER)


def _not_too_many(count: int, doer: Doer) -> None:
    if count > MOST_IN_A_TEXT:
        said = doer.say(_("One text holds at most %(most)s parcels: choose fewer."))
        raise ProblemError(said % {"most": MOST_IN_A_TEXT})


def _done(request: Request, actor: Viewing, deed: Deed, filled: Filled) -> str:
    with house_of(request).store.begin() as tx:
        return _doer(request, actor, tx).do(deed, filled)


def _doer(request: Request, viewer: Viewing, tx: Transaction) -> Doer:
    house = house_of(request)
    return Doer(
        tx=tx,
        deadlines=house.deadlines,
        now=house.clock(),
        viewer=viewer,
        say=gettext_of(request, viewer),
    )


def _shared(
    request: Request,
    viewer: Viewing,
    view: View,
    filled: Filled | None = None,
    numbers: tuple[str, ...] = (),
) -> Mapping[str, Any]:
    """
    What every template of this room works with.
    """
    house = house_of(request)
    here = house.clock().astimezone(house.settings.zone)
    query = f"?{request.url.query}" if request.url.query else ""
    return {
        "view": view,
        "views": tuple(View),
        "kinds": KINDS,
        "Deed": Deed,
        "answers": tuple(ClaimAnswer),
        "filled": filled or Filled(),
        "chosen_numbers": numbers,
        "now_written": f"{here:%Y-%m-%dT%H:%M}",
        "mornings": _mornings(here),
        "back": f"{request.url.path}{query}" if request.method == "GET" else "/",
        "words": Words(_language(request, viewer)),
    }


def _mornings(here: datetime) -> tuple[datetime, ...]:
    """
    Until when things are put off as a rule: tomorrow, in three days, in a week; at half past eight.
    """
    days = (here.date() + timedelta(days=count) for count in (1, 3, 7))
    return tuple(datetime.combine(day, _MORNING, here.tzinfo) for day in days)


def _pages(count: int) -> int:
    return max(1, -(-count // PAGE_ROWS))


def _language(request: Request, viewer: Viewing) -> str:
    return language_of(request, viewer.user.language)


def _view_of(written: str) -> View:
    return View(written) if written in set(View) else View.TODO


def _kind_of(written: str) -> AlertKind:
    if written not in set(AlertKind) or AlertKind(written).is_operators:
        raise HTTPException(HTTP_404_NOT_FOUND)
    return AlertKind(written)


def _deed_of(written: str) -> Deed:
    if written not in set(Deed):
        raise HTTPException(HTTP_404_NOT_FOUND)
    return Deed(written)
