"""
What holds for accounts, whoever changes them: names, passwords, the last operator, API tokens.

Each refusal is a :class:`UsageError` with one sentence; nothing was changed then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model import UsageError
from tracker.settings.sections.machine import MIN_PASSWORD
from tracker.store.people import Role
from tracker.web.security.passwords import fingerprint, new_token

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from tracker.store import Transaction
    from tracker.store.people import ApiToken, User

_LONGEST_NAME = 80


def checked_name(text: str, what: str) -> str:
    """
    A name of a person or a token as it is stored: one line, not empty, not long.
    """
    name = text.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(f"{what} must be one line of 1 to {_LONGEST_NAME} characters.")
    return name


def is_long_enough(password: str) -> bool:
    """
    True for a password that is not guessed too soon.
    """
    return len(password) >= MIN_PASSWORD


def checked_password(password: str) -> str:
    """
    The password itself, if it is long enough.
    """
    if not is_long_enough(password):
        raise UsageError(f"The password is too short: it must have {MIN_PASSWORD} characters.")
    return password


def the_user(tx: Transaction, name: str) -> User:
    """
    The user of that name.
    """
    user = tx.people.get(name)
    if user is None:
        raise UsageError(f"There is no user {name!r}; see: tracker users list")
    return user


def add_user(
    tx: Transaction,
    name: str,
    role: Role,
    shops: Iterable[str],
    *,
    password_hash: str,
    now: datetime,
) -> User:
    """
    The user exists.
    """
    name = checked_name(name, "A user's name")
    if tx.people.get(name) is not None:
        raise UsageError(
            f"There is a user {name!r} already; see: tracker users password, tracker users shops"
        )
    tx.people.add(name, role, shops, password_hash, now)
    return the_user(tx, name)


def remove_user(tx: Transaction, name: str) -> User:
    """
    The user is gone with every login and token; the last operator stays.
    """
    user = the_user(tx, name)
    _keep_an_operator(tx, user)
    tx.people.remove(user)
    return user


def change_scope(tx: Transaction, name: str, role: Role, shops: Iterable[str]) -> User:
    """
    The user sees these shops from now on, or everything; the last operator stays one.
    """
    user = the_user(tx, name)
    if role is not Role.OPERATOR:
        _keep_an_operator(tx, user)
    tx.people.set_scope(user, role, shops)
    return the_user(tx, name)


def make_token(
    tx: Transaction, user: User, name: str, now: datetime, lasts: timedelta | None
) -> tuple[ApiToken, str]:
    """
    A program may read the API with the token; this is the only time that it can be seen.
    """
    token = new_token()
    name = checked_name(name, "A token's name")
    ends = None if lasts is None else now + lasts
    made = tx.people.add_token(user, name, fingerprint(token), now, ends)
    (record,) = (one for one in tx.people.tokens(user) if one.id == made)
    return record, token


def _keep_an_operator(tx: Transaction, user: User) -> None:
    if user.role is Role.OPERATOR and tx.people.is_last_operator(user):
        raise UsageError(
            f"{user.name!r} is the last operator: nobody would see everything any more. Make "
            "another one first: tracker users add NAME --operator"
        )
