"""
Logging in and out, and the language of the pages.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from tracker.store.people import User
from tracker.web.house import House
from tracker.web.language import COOKIE as LANGUAGE_COOKIE
from tracker.web.language import LANGUAGES
from tracker.web.rendering import page, safe_path
from tracker.web.security.passwords import hashed, is_outdated, is_right
from tracker.web.security.tries import LoginTries
from tracker.web.security.viewers import (
    COOKIE,
    Actor,
    address_of,
    house_of,
    is_https,
    open_login,
)

router = APIRouter(include_in_schema=False)


@router.get("/login")
def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - the query's usual name
    """
    The login page.
    """
    return page(request, "login.html", next=safe_path(next), wrong=False, wait=0, name="")


@router.post("/login")
def log_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the query's usual name
) -> Response:
    """
    The person is logged in and goes on to where they were going; or is told that it was wrong.

    Whoever tries too often is told to wait, with the right password too.
    """
    house = house_of(request)
    name = name.strip()
    tries: LoginTries = request.app.state.login_tries
    if wait := tries.wait(address_of(request), name):
        refused = page(
            request,
            "login.html",
            status=HTTPStatus.TOO_MANY_REQUESTS,
            next=safe_path(next),
            wrong=False,
            wait=wait,
            name=name,
        )
        refused.headers["retry-after"] = str(wait)
        return refused
    user, stored = _find(house, name)
    if not is_right(password, stored) or user is None or stored is None:
        return page(
            request,
            "login.html",
            status=HTTPStatus.UNAUTHORIZED,
            next=safe_path(next),
            wrong=True,
            wait=0,
            name=name,
        )
    tries.succeeded(address_of(request), name)
    if is_outdated(stored):
        with house.store.begin() as tx:
            tx.people.rehash(user, hashed(password))
    response = RedirectResponse(safe_path(next), status_code=HTTPStatus.SEE_OTHER)
    open_login(request, user, response)
    return response


def _find(house: House, name: str) -> tuple[User | None, str | None]:
    """
    The user and the stored password; a name that cannot be one is not looked for.
    """
    if not name.isprintable():
        return None, None
    with house.store.read() as tx:
        return tx.people.get(name), tx.people.password_hash(name)


@router.post("/logout")
def log_out(request: Request, actor: Actor) -> Response:
    """
    The login has ended, here and in the database.
    """
    with house_of(request).store.begin() as tx:
        tx.people.log_out(actor.token_hash)
    response = RedirectResponse("/login", status_code=HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE)
    return response


@router.get("/language/{language}")
def speak(request: Request, language: str, next: str = "/") -> Response:  # noqa: A002
    """
    The pages speak this language in this browser from now on.
    """
    response = RedirectResponse(safe_path(next), status_code=HTTPStatus.SEE_OTHER)
    if language in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=365 * 86400,
            httponly=True,
            samesite="lax",
            secure=is_https(request),
        )
    return response
