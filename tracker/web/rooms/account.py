"""
One's own account: language, password, API tokens, and where one is logged in.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from tracker.model import UsageError
from tracker.settings.sections.machine import MIN_PASSWORD
from tracker.store.people import ApiToken
from tracker.web.language import COOKIE as LANGUAGE_COOKIE
from tracker.web.language import LANGUAGES
from tracker.web.language import marked as _
from tracker.web.rendering import done, gettext_of, page
from tracker.web.security.accounts import is_long_enough, make_token
from tracker.web.security.operator import NAME as OPERATOR
from tracker.web.security.passwords import hashed, is_right
from tracker.web.security.tries import LoginTries
from tracker.web.security.viewers import (
    COOKIE,
    Actor,
    Viewer,
    Viewing,
    address_of,
    house_of,
    open_login,
)

router = APIRouter(include_in_schema=False)

#: What a token's end can be chosen from, in days; 0: it has none.
TOKEN_DAYS = (30, 90, 365, 0)


@router.get("/account")
def show(request: Request, viewer: Viewer) -> Response:
    """
    Everything that is one's own.
    """
    return _page(request, viewer)


@router.post("/account/language")
def choose_language(
    request: Request, actor: Actor, language: Annotated[str, Form()] = ""
) -> Response:
    """
    One's pages speak this language in every browser.
    """
    if language in LANGUAGES:
        with house_of(request).store.begin() as tx:
            tx.people.set_language(actor.user, language)
    response = done(request, actor, "/account")
    response.delete_cookie(LANGUAGE_COOKIE)
    return response


@router.post("/account/password")
def change_password(
    request: Request,
    actor: Actor,
    current: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """
    The new password holds, and one is logged in here only.
    """
    house, user = house_of(request), actor.user
    tries: LoginTries = request.app.state.login_tries
    with house.store.read() as tx:
        stored = tx.people.password_hash(user.name)
    trouble = None
    if _is_configured(request, actor):
        trouble = _("This password is set in the settings, as web.password.")
    elif tries.wait(address_of(request), user.name):
        trouble = _("Too many tries. Wait a quarter of an hour.")
    elif not is_right(current, stored):
        trouble = _("The current password is wrong.")
    elif not is_long_enough(new):
        trouble = _("The new password is too short.")
    elif new != again:
        trouble = _("The new password was typed in two ways.")
    if trouble is not None:
        return _page(request, actor, status=HTTPStatus.BAD_REQUEST, password_trouble=trouble)
    tries.succeeded(address_of(request), user.name)
    kept = hashed(new)
    with house.store.begin() as tx:
        tx.people.set_password(user, kept, house.clock())
    response = RedirectResponse("/account", status_code=HTTPStatus.SEE_OTHER)
    said = gettext_of(request, actor)(
        _("Your password is changed. You are logged out everywhere else.")
    )
    open_login(request, user, response, said=said)
    return response


@router.post("/account/tokens")
def add_token(
    request: Request,
    actor: Actor,
    name: Annotated[str, Form()] = "",
    days: Annotated[int, Form()] = TOKEN_DAYS[0],
) -> Response:
    """
    The answer shows the new token: it stands nowhere else, so that no page can show it again.
    """
    house = house_of(request)
    lasts = timedelta(days=days) if days in TOKEN_DAYS and days else None
    if days not in TOKEN_DAYS:
        return _page(request, actor, status=HTTPStatus.BAD_REQUEST)
    try:
        with house.store.begin() as tx:
            made, token = make_token(tx, actor.user, name, house.clock(), lasts)
    except UsageError:
        trouble = _("Give the token a name of one line, 80 characters at most.")
        return _page(request, actor, status=HTTPStatus.BAD_REQUEST, token_trouble=trouble)
    return _page(request, actor, made=made, token=token)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(request: Request, actor: Actor, token_id: int) -> Response:
    """
    The token opens nothing any more, if it was one's own.
    """
    with house_of(request).store.begin() as tx:
        gone = tx.people.remove_token(token_id, actor.user)
    said = gettext_of(request, actor)(_("The token opens nothing any more.")) if gone else None
    return done(request, actor, "/account", said)


@router.post("/account/log-out-everywhere")
def log_out_everywhere(request: Request, actor: Actor) -> Response:
    """
    Every login of this person has ended, this one too.
    """
    with house_of(request).store.begin() as tx:
        tx.people.log_out_everywhere(actor.user)
    response = RedirectResponse("/login", status_code=HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE)
    return response


def _page(
    request: Request,
    viewer: Viewing,
    *,
    status: int = HTTPStatus.OK,
    password_trouble: str | None = None,
    token_trouble: str | None = None,
    made: ApiToken | None = None,
    token: str | None = None,
) -> Response:
    house = house_of(request)
    with house.store.read() as tx:
        tokens = tx.people.tokens(viewer.user)
    return page(
        request,
        "account.html",
        viewer,
        status=status,
        tokens=tokens,
        token_days=TOKEN_DAYS,
        least=MIN_PASSWORD,
        password_is_configured=_is_configured(request, viewer),
        password_trouble=password_trouble,
        token_trouble=token_trouble,
        made=made,
        token=token,
    )


def _is_configured(request: Request, viewer: Viewing) -> bool:
    """
    True when the settings hold this person's password: a change would not outlast a restart.
    """
    return viewer.user.name == OPERATOR and house_of(request).settings.web.password is not None
