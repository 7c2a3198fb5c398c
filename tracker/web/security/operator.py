"""
The user ``operator``: there from the first start, with the configured password or one made once.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from tracker.model import UsageError
from tracker.store.people import Role
from tracker.web.security.passwords import hashed, is_right, new_password

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.web.house import House

NAME = "operator"
FILE = "operator.password"


def let_operator_in(house: House, terminal: TextIO, folder: Path) -> None:
    """
    The operator can log in: with ``web.password``, else with the password that was made once.

    Without ``web.password`` an operator of another name will do. A new password is shown on the
    terminal, or stands in a file that only this user may read when there is no terminal; it is
    never logged. Raises :class:`UsageError` when the file cannot be written: nobody would know
    the password then, so it is not set.
    """
    configured = house.settings.web.password
    with house.store.read() as tx:
        stored = tx.people.password_hash(NAME)
        operators = any(user.role is Role.OPERATOR for user in tx.people.all())
    if configured is not None:
        if not is_right(configured.get_secret_value(), stored):
            _set(house, configured.get_secret_value())
        return
    if operators:
        return
    password = new_password()
    if terminal.isatty():
        terminal.write(
            f"The dashboard's user is {NAME!r}, its password: {password}\n"
            "It is shown this once; set another with: tracker users password operator\n"
        )
    else:
        _write(folder / FILE, password)
        terminal.write(
            f"The password of the dashboard's user {NAME!r} stands in {folder / FILE}; "
            "remove the file when you know it.\n"
        )
    terminal.flush()
    _set(house, password)


def _set(house: House, password: str) -> None:
    """
    The operator exists and has this password; logins with another one have ended.
    """
    now = house.clock()
    with house.store.begin() as tx:
        user = tx.people.get(NAME)
        if user is None:
            tx.people.add(NAME, Role.OPERATOR, (), hashed(password), now)
        else:
            tx.people.set_password(user, hashed(password), now)


def _write(path: Path, password: str) -> None:
    """
    The file holds the password; it is new, or the one of an earlier start is replaced.
    """
    try:
        path.unlink(missing_ok=True)
        with open(
            path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)
        ) as file:
            file.write(password + "\n")
    except OSError as error:
        raise UsageError(
            f"The dashboard's password cannot be written to {path}: {error.strerror}. Set "
            "web.password (or web.password_file), or start in a folder that can be written."
        ) from error
