"""
``tracker users``: who may use the dashboard, and which shops they see.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, local, notice, say, table
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.settings import Settings
    from tracker.store.people import Role, User

app = typer.Typer(
    help="Who may use the dashboard and the API, and which shops they see.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The user's name.")]
Shops = Annotated[
    list[str] | None, typer.Option("--shop", help="A shop that they see; give it several times.")
]
AsOperator = Annotated[bool, typer.Option("--operator", help="They see every shop.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="The password is this file's first line.")
]
Generate = Annotated[
    bool, typer.Option("--generate-password", help="Make a password and show it this once.")
]


@app.command("add")
def add(
    name: Name,
    shop: Shops = None,
    operator: AsOperator = False,
    password_file: PasswordFile = None,
    generate: Generate = False,
    as_json: JsonOption = False,
) -> None:
    """
    Adds a user; the password is asked for, or read from standard input.
    """
    from tracker.clock import utc_now
    from tracker.web.security.accounts import add_user
    from tracker.web.security.passwords import hashed

    role, shops = _scope(shop, operator=operator)
    with opened() as (settings, store):
        password = _password(password_file, generate=generate)
        kept = hashed(password)
        with store.begin() as tx:
            user = add_user(tx, name, role, shops, password_hash=kept, now=utc_now())
        _warn_of_unknown(settings, shops)
    _tell(user, f"{user.name} may log in", password if generate else None, as_json=as_json)


@app.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """
    Lists the users and what they see.
    """
    with opened() as (settings, store):
        with store.read() as tx:
            users = tx.people.all()
        if as_json:
            for user in users:
                emit(_shape(user))
            return
        table(
            ("name", "sees", "since", "password of"),
            [
                (
                    user.name,
                    _sees(user),
                    local(user.created_at, settings.zone),
                    local(user.password_at, settings.zone),
                )
                for user in users
            ],
        )
        notice(f"{len(users)} users; times in {settings.timezone}")


@app.command("remove")
def remove(name: Name, as_json: JsonOption = False) -> None:
    """
    Removes a user with every login and API token; the last operator stays.
    """
    from tracker.web.security.accounts import remove_user

    with opened() as (_, store), store.begin() as tx:
        user = remove_user(tx, name)
    _tell(user, f"{user.name} is removed, and logged out everywhere", None, as_json=as_json)


@app.command("password")
def set_password(
    name: Name,
    password_file: PasswordFile = None,
    generate: Generate = False,
    as_json: JsonOption = False,
) -> None:
    """
    Sets a user's password and ends the user's logins.
    """
    from tracker.clock import utc_now
    from tracker.web.security.accounts import the_user
    from tracker.web.security.operator import NAME
    from tracker.web.security.passwords import hashed

    with opened() as (settings, store):
        with store.read() as tx:
            the_user(tx, name)
        if name == NAME and settings.web.password is not None:
            raise UsageError(
                f"The password of {NAME!r} is web.password of the settings: change it there and "
                "start `tracker run` again."
            )
        password = _password(password_file, generate=generate)
        kept = hashed(password)
        with store.begin() as tx:
            tx.people.set_password(the_user(tx, name), kept, utc_now())
            user = the_user(tx, name)
    said = f"{name} has a new password and is logged out everywhere"
    _tell(user, said, password if generate else None, as_json=as_json)


@app.command("shops")
def set_shops(
    name: Name, shop: Shops = None, operator: AsOperator = False, as_json: JsonOption = False
) -> None:
    """
    Sets which shops a user sees, from the next page on.
    """
    from tracker.web.security.accounts import change_scope

    role, shops = _scope(shop, operator=operator)
    with opened() as (settings, store):
        with store.begin() as tx:
            user = change_scope(tx, name, role, shops)
        _warn_of_unknown(settings, shops)
    _tell(user, f"{user.name} sees {_sees(user)}", None, as_json=as_json)


def _scope(shops: list[str] | None, *, operator: bool) -> tuple[Role, tuple[str, ...]]:
    """
    What ``--shop`` and ``--operator`` say; exactly one of them is needed.
    """
    from tracker.store.people import Role

    wanted = tuple(dict.fromkeys(one.strip() for one in shops or () if one.strip()))
    if bool(wanted) == operator:
        raise UsageError("Give either --shop NAME, once for each shop, or --operator.")
    return (Role.OPERATOR if operator else Role.SELLER), wanted


def _password(file: Path | None, *, generate: bool) -> str:
    """
    The new password: made, from the file, asked for without echo, or standard input's first line.
    """
    from tracker.web.security.accounts import checked_password
    from tracker.web.security.passwords import new_password

    if generate:
        if file is not None:
            raise UsageError("Give either --password-file or --generate-password.")
        return new_password()
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--password-file {file} cannot be read: {error}") from error
    elif sys.stdin.isatty():
        text = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        text = sys.stdin.readline()
    return checked_password(text.partition("\n")[0].rstrip("\r"))


def _warn_of_unknown(settings: Settings, shops: Iterable[str]) -> None:
    for shop in shops:
        if settings.shop(shop) is None:
            notice(f"warning: no shop {shop!r} is configured; see [[shops]] in tracker.toml")


def _sees(user: User) -> str:
    return "every shop" if user.scope is None else ", ".join(sorted(user.shops))


def _shape(user: User) -> dict[str, object]:
    """
    One user; ``shops`` is ``null`` for who sees every shop.
    """
    from tracker.shapes import instant

    return {
        "name": user.name,
        "role": user.role,
        "shops": None if user.scope is None else sorted(user.shops),
        "language": user.language,
        "created_at": instant(user.created_at),
        "password_at": instant(user.password_at),
    }


def _tell(user: User, said: str, password: str | None, *, as_json: bool) -> None:
    """
    What was done; a password that was made is shown this once.
    """
    if as_json:
        emit(_shape(user) | ({} if password is None else {"password": password}))
        return
    say(f"{said}.")
    if password is not None:
        say(f"Password, shown this once: {password}")
