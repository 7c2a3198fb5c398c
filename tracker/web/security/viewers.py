"""
Who is asking: the login behind the cookie, as dependencies of pages and forms.

A page asks for a :data:`Viewer`, a form that changes something for an :data:`Actor`: an actor
has sent the form's own token along, so that no other site can send the form for them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Form, HTTPException, Request
from starlette.status import HTTP_403_FORBIDDEN

from tracker.store.people import Role
from tracker.web.security.passwords import fingerprint, new_token

if TYPE_CHECKING:
    from starlette.responses import Response

    from tracker.store.people import Login, User
    from tracker.web.house import House

COOKIE = "scan_tracker_login"
#: A login that nobody uses ends after this.
IDLE = timedelta(days=7)
#: Every login ends after this, however much it is used.
LONGEST = timedelta(days=30)
#: How often a used login's end is put off: not with every picture of a page.
_KEPT_EVERY = timedelta(minutes=10)


class NotLoggedIn(Exception):  # noqa: N818 - says what it is
    """
    Nobody is logged in: the person is sent to the login page.
    """


@dataclass(frozen=True, slots=True)
class Viewing:
    """
    One person looking at pages; ``scope`` is the shops they may see, ``None`` for all.
    """

    login: Login
    token_hash: str

    @property
    def user(self) -> User:
        """
        The person.
        """
        return self.login.user

    @property
    def scope(self) -> frozenset[str] | None:
        """
        The shops they may see; ``None`` for all, and what belongs to no shop too.
        """
        return self.login.user.scope

    @property
    def is_operator(self) -> bool:
        """
        True for who sees everything.
        """
        return self.login.user.role is Role.OPERATOR


def may_see(scope: frozenset[str] | None, shop: str | None) -> bool:
    """
    True if somebody of this scope may see what belongs to the shop.
    """
    return scope is None or (shop is not None and shop in scope)


def house_of(request: Request) -> House:
    """
    The parts that requests share.
    """
    house: House = request.app.state.house
    return house


def _viewing(request: Request) -> Viewing:
    house, now = house_of(request), house_of(request).clock()
    token = request.cookies.get(COOKIE)
    if not token:
        raise NotLoggedIn
    token_hash = fingerprint(token)
    with house.store.read() as tx:
        login = tx.people.login(token_hash, now)
    if login is None:
        raise NotLoggedIn
    if now - login.seen_at > _KEPT_EVERY:
        with house.store.begin() as tx:
            tx.people.keep_login(token_hash, now, min(now + IDLE, login.created_at + LONGEST))
    viewing = Viewing(login, token_hash)
    request.state.viewing = viewing
    return viewing


Viewer = Annotated[Viewing, Depends(_viewing)]


def _perhaps(request: Request) -> Viewing | None:
    try:
        return _viewing(request)
    except NotLoggedIn:
        return None


PerhapsViewer = Annotated[Viewing | None, Depends(_perhaps)]


def _operator(viewer: Viewer) -> Viewing:
    if not viewer.is_operator:
        raise HTTPException(HTTP_403_FORBIDDEN)
    return viewer


Operator = Annotated[Viewing, Depends(_operator)]


def _actor(viewer: Viewer, form_token: Annotated[str, Form()] = "") -> Viewing:
    if not secrets.compare_digest(form_token.encode(), viewer.login.form_token.encode()):
        raise HTTPException(HTTP_403_FORBIDDEN)
    return viewer


Actor = Annotated[Viewing, Depends(_actor)]


def _operating_actor(actor: Actor) -> Viewing:
    return _operator(actor)


OperatingActor = Annotated[Viewing, Depends(_operating_actor)]


def open_login(
    request: Request, user: User, response: Response, *, said: str | None = None
) -> None:
    """
    The person is logged in anew; the response carries the cookie, the next page says ``said``.

    An older login of this browser has ended: nobody can have prepared the one that now counts.
    """
    house = house_of(request)
    now, token = house.clock(), new_token()
    with house.store.begin() as tx:
        if older := request.cookies.get(COOKIE):
            tx.people.log_out(fingerprint(older))
        tx.people.log_in(user, fingerprint(token), new_token(), now, now + IDLE)
        if said is not None:
            tx.people.set_flash(fingerprint(token), said)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_https(request),
    )


def is_https(request: Request) -> bool:
    """
    True when the browser speaks TLS, with us or with the web server in front of us.
    """
    return request.url.scheme == "https"


def address_of(request: Request) -> str:
    """
    Where the request comes from; the web server in front of us says it for its visitors.
    """
    return request.client.host if request.client else ""
