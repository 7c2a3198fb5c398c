"""
Who may use the dashboard and the API, and who is logged in.

Passwords come and go as argon2 hashes, tokens as SHA-256: nothing here opens a door by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from tracker.store.room import Room, inserted_id
from tracker.store.tables import api_tokens, sessions, user_shops, users

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import RowMapping


class Role(StrEnum):
    """
    An operator sees every shop and how the watcher is; a seller sees the named shops.
    """

    OPERATOR = "operator"
    SELLER = "seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """
    One person; ``shops`` is what a seller may see, and empty for an operator, who sees all.
    """

    id: int
    name: str
    role: Role
    shops: frozenset[str]
    language: str | None
    created_at: datetime
    password_at: datetime

    @property
    def scope(self) -> frozenset[str] | None:
        """
        The shops that this person may see; ``None`` means all, and parcels without a shop too.
        """
        return None if self.role is Role.OPERATOR else self.shops


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """
    One open login: whose it is, the token that its forms carry, and what to say once.
    """

    user: User
    form_token: str
    flash: str | None
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """
    What a program reads the API with, without the token itself.
    """

    id: int
    user: str
    name: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


class People(Room):
    """
    Users, logins and API tokens within one transaction.
    """

    # -- users -------------------------------------------------------------------------------

    def all(self) -> tuple[User, ...]:
        """
        Every user by name.
        """
        rows = self._connection.execute(select(users).order_by(users.c.name)).mappings().all()
        return tuple(self._user(row) for row in rows)

    def get(self, name: str) -> User | None:
        """
        The user of that name.
        """
        query = select(users).where(users.c.name == name)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else self._user(row)

    def is_last_operator(self, user: User) -> bool:
        """
        True if nobody else sees everything; no operator comes or goes until the transaction ends.
        """
        query = (
            select(users.c.id)
            .where(users.c.role == Role.OPERATOR.value)
            .order_by(users.c.id)
            .with_for_update()
        )
        return list(self._connection.execute(query).scalars()) == [user.id]

    def password_hash(self, name: str) -> str | None:
        """
        What the user's password is checked against.
        """
        query = select(users.c.password_hash).where(users.c.name == name)
        return self._connection.execute(query).scalar_one_or_none()

    def add(
        self, name: str, role: Role, shops: Iterable[str], password_hash: str, now: datetime
    ) -> None:
        """
        The user exists; a name that is taken raises :class:`StoreError`.
        """
        user_id = inserted_id(
            self._connection.execute(
                insert(users).values(
                    name=name,
                    role=role,
                    password_hash=password_hash,
                    created_at=now,
                    password_at=now,
                )
            )
        )
        self._give_shops(user_id, shops)

    def set_scope(self, user: User, role: Role, shops: Iterable[str]) -> None:
        """
        The user sees this from the next page on; the logins go on.
        """
        self._change(user.id, role=role)
        self._connection.execute(delete(user_shops).where(user_shops.c.user_id == user.id))
        self._give_shops(user.id, shops)

    def remove(self, user: User) -> None:
        """
        The user is gone, with every login and token.
        """
        self._connection.execute(delete(users).where(users.c.id == user.id))

    def set_password(self, user: User, password_hash: str, now: datetime) -> None:
        """
        The new password holds, and every login of the user has ended.
        """
        self._change(user.id, password_hash=password_hash, password_at=now)
        self._connection.execute(delete(sessions).where(sessions.c.user_id == user.id))

    def rehash(self, user: User, password_hash: str) -> None:
        """
        The same password is kept under a stronger hash; logins go on.
        """
        self._change(user.id, password_hash=password_hash)

    def set_language(self, user: User, language: str) -> None:
        """
        The user's pages speak this language from now on.
        """
        self._change(user.id, language=language)

    def _give_shops(self, user_id: int, shops: Iterable[str]) -> None:
        for shop in sorted(set(shops)):
            self._connection.execute(insert(user_shops).values(user_id=user_id, shop=shop))

    def _change(self, user_id: int, **values: Any) -> None:
        self._connection.execute(update(users).where(users.c.id == user_id).values(**values))

    def _user(self, row: RowMapping) -> User:
        query = select(user_shops.c.shop).where(user_shops.c.user_id == row["id"])
        return User(
            id=row["id"],
            name=row["name"],
            role=Role(row["role"]),
            shops=frozenset(self._connection.execute(query).scalars()),
            language=row["language"],
            created_at=row["created_at"],
            password_at=row["password_at"],
        )

    # -- logins ------------------------------------------------------------------------------

    def log_in(
        self, user: User, token_hash: str, form_token: str, now: datetime, expires_at: datetime
    ) -> None:
        """
        A login is open until then.
        """
        self._connection.execute(
            insert(sessions).values(
                token_hash=token_hash,
                user_id=user.id,
                form_token=form_token,
                created_at=now,
                seen_at=now,
                expires_at=expires_at,
            )
        )

    def login(self, token_hash: str, now: datetime) -> Login | None:
        """
        The open login of the token.
        """
        query = (
            select(users, *_LOGIN)
            .join(sessions, sessions.c.user_id == users.c.id)
            .where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now)
        )
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return None
        return Login(
            user=self._user(row),
            form_token=row["form_token"],
            flash=row["flash"],
            created_at=row["login_created_at"],
            seen_at=row["seen_at"],
            expires_at=row["expires_at"],
        )

    def keep_login(self, token_hash: str, now: datetime, expires_at: datetime) -> None:
        """
        The login was used and lasts until then.
        """
        self._set_login(token_hash, seen_at=now, expires_at=expires_at)

    def set_flash(self, token_hash: str, flash: str | None) -> None:
        """
        The next page says this once; ``None`` when it was said.
        """
        self._set_login(token_hash, flash=flash)

    def log_out(self, token_hash: str) -> None:
        """
        The login has ended.
        """
        self._connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))

    def log_out_everywhere(self, user: User) -> int:
        """
        Every login of the user has ended; returns how many.
        """
        gone = delete(sessions).where(sessions.c.user_id == user.id)
        return self._connection.execute(gone).rowcount

    def forget_logins(self, now: datetime) -> int:
        """
        Logins that have run out are gone; returns how many.
        """
        return self._connection.execute(
            delete(sessions).where(sessions.c.expires_at <= now)
        ).rowcount

    def _set_login(self, token_hash: str, **values: Any) -> None:
        self._connection.execute(
            update(sessions).where(sessions.c.token_hash == token_hash).values(**values)
        )

    # -- API tokens --------------------------------------------------------------------------

    def add_token(
        self, user: User, name: str, token_hash: str, now: datetime, expires_at: datetime | None
    ) -> int:
        """
        A program may read with the token of this hash; the token's id.
        """
        return inserted_id(
            self._connection.execute(
                insert(api_tokens).values(
                    user_id=user.id,
                    name=name,
                    token_hash=token_hash,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
        )

    def tokens(self, user: User | None = None) -> tuple[ApiToken, ...]:
        """
        Every token, or every one of the user, in the order of making.
        """
        query = (
            select(api_tokens, users.c.name.label("user"))
            .join(users, users.c.id == api_tokens.c.user_id)
            .order_by(api_tokens.c.id)
        )
        if user is not None:
            query = query.where(api_tokens.c.user_id == user.id)
        rows = self._connection.execute(query).mappings()
        return tuple(
            ApiToken(**{key: row[key] for key in ApiToken.__dataclass_fields__}) for row in rows
        )

    def remove_token(self, token_id: int, user: User | None = None) -> bool:
        """
        The token opens nothing any more; false if there was none, or not of this user.
        """
        gone = delete(api_tokens).where(api_tokens.c.id == token_id)
        if user is not None:
            gone = gone.where(api_tokens.c.user_id == user.id)
        return self._connection.execute(gone).rowcount > 0

    def reader(self, token_hash: str, now: datetime) -> tuple[User, datetime | None] | None:
        """
        Who reads with this token if it has not ended, and when it was last used before.
        """
        query = (
            select(users, api_tokens.c.expires_at, api_tokens.c.used_at)
            .join(api_tokens, api_tokens.c.user_id == users.c.id)
            .where(api_tokens.c.token_hash == token_hash)
        )
        row = self._connection.execute(query).mappings().first()
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= now):
            return None
        return self._user(row), row["used_at"]

    def token_used(self, token_hash: str, now: datetime) -> None:
        """
        When the token was last used is on record.
        """
        self._connection.execute(
            update(api_tokens).where(api_tokens.c.token_hash == token_hash).values(used_at=now)
        )


_LOGIN = (
    sessions.c.form_token,
    sessions.c.flash,
    sessions.c.created_at.label("login_created_at"),
    sessions.c.seen_at,
    sessions.c.expires_at,
)
