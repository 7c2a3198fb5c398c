"""
Who reads the API: the user behind a bearer token. Cookies open nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tracker.store.people import Role, User
from tracker.web.security.passwords import fingerprint
from tracker.web.security.tries import TokenPace
from tracker.web.security.viewers import house_of

#: How exactly it is known when a token was last used: not every question writes.
_NOTED_EVERY = timedelta(minutes=10)

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of `tracker users token`, or of your account's page.",
)


@dataclass(frozen=True, slots=True)
class Reader:
    """
    Whoever asks; ``scope`` is the shops that they may see, ``None`` for all.
    """

    user: User

    @property
    def scope(self) -> frozenset[str] | None:
        """
        The shops that the token's user may see.
        """
        return self.user.scope


#: The token that was sent, if any.
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def reading(request: Request, sent: Bearer) -> Reader:
    """
    Who reads with the token; 401 if it does not hold, 429 if it asks too often.
    """
    if sent is None:
        raise _unknown("Send a token: Authorization: Bearer TOKEN.")
    house = house_of(request)
    now, token_hash = house.clock(), fingerprint(sent.credentials)
    with house.store.read() as tx:
        found = tx.people.reader(token_hash, now)
    if found is None:
        raise _unknown("This token is not known, or it has ended or was revoked.")
    user, used_at = found
    pace: TokenPace = request.app.state.pace
    if wait := pace.wait(token_hash):
        raise HTTPException(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"This token asks too often: try again in {wait} seconds.",
            headers={"retry-after": str(wait)},
        )
    if used_at is None or now - used_at > _NOTED_EVERY:
        with house.store.begin() as tx:
            tx.people.token_used(token_hash, now)
    return Reader(user)


ByToken = Annotated[Reader, Depends(reading)]


def operating(reader: ByToken) -> Reader:
    """
    The same reader, if it is an operator's token; else 403.
    """
    if reader.user.role is not Role.OPERATOR:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Only an operator's token may read this.")
    return reader


ByOperatorsToken = Annotated[Reader, Depends(operating)]


def _unknown(detail: str) -> HTTPException:
    headers = {"www-authenticate": 'Bearer realm="scan-tracker"'}
    return HTTPException(HTTPStatus.UNAUTHORIZED, detail, headers=headers)
