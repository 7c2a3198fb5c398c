"""
Every secret of a configuration, in the clear: for taking them out of what others may read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterator


#: A part of a path that is as long as this is no ordinary word such as "services".
_TOKEN = 12


def secrets_of(settings: BaseModel) -> frozenset[str]:
    """
    Each secret, and of a secret address also what of it lets one in: password, path, parameters.

    The database's password is one too.
    """
    found: set[str] = set()
    for text, secret_address in _texts(settings):
        found |= set(_parts(text, secret_address=secret_address))
    return frozenset(found - {""})


def _texts(value: object) -> Iterator[tuple[str, bool]]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value(), True
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            held = getattr(value, name)
            if name == "database_url":
                yield str(held), False
            else:
                yield from _texts(held)
    elif isinstance(value, dict):
        for held in value.values():
            yield from _texts(held)
    elif isinstance(value, (tuple, list)):
        for held in value:
            yield from _texts(held)


def _parts(text: str, *, secret_address: bool) -> Iterator[str]:
    """
    A whole secret and its telling parts; of a URL that is no secret only its password.
    """
    try:
        parts = urlsplit(text)
        password = parts.password
    except ValueError:
        parts, password = None, None
    if password:
        yield from (password, unquote(password))
    if not secret_address:
        return
    yield text
    if parts is not None and parts.scheme and parts.netloc:
        yield from (parts.path.strip("/"), parts.query)
        yield from (one for one in parts.path.split("/") if len(one) >= _TOKEN)
        if "." not in parts.netloc:  # an Apprise URL may have its token there
            yield parts.netloc
