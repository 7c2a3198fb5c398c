"""
Kinds of values that several tables hold: lists, addresses, secrets that are addresses.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode


def comma_list(value: object) -> object:
    """
    The environment gives a list as ``a@x, b@y``; a file gives a real list.
    """
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Addresses = Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_list)]


def checked_address(address: str) -> str:
    """
    The e-mail address as it is given; raises ``ValueError`` for what is none.
    """
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", address):
        raise ValueError(f"{address!r} is not an e-mail address")
    return address


def _secret_web_address(value: SecretStr) -> SecretStr:
    web_address(value.get_secret_value())
    return value


#: A web address that is a secret: who knows it can post to it.
SecretAddress = Annotated[SecretStr, AfterValidator(_secret_web_address)]


def _url_list(value: object) -> object:
    """
    A file of its own gives one URL a line, the environment a comma between two; ``#`` is a remark.

    A comma that no other URL follows belongs to the URL it stands in.
    """
    if not isinstance(value, str):
        return value
    lines = [line.strip() for line in value.splitlines()]
    urls = [re.split(r",\s*(?=[A-Za-z][\w+.-]*://)", line) for line in lines if line[:1] != "#"]
    return [url.strip() for line in urls for url in line if url.strip()]


def _secret_service_url(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://\S+", value.get_secret_value()):
        raise ValueError("must be an Apprise URL such as tgram://TOKEN/CHAT, without blanks")
    return value


#: Apprise URLs, which hold passwords and tokens; the channel checks them further at its start.
ServiceUrls = Annotated[
    tuple[Annotated[SecretStr, AfterValidator(_secret_service_url)], ...],
    NoDecode,
    BeforeValidator(_url_list),
]


def web_address(value: str) -> str:
    """
    The address as it is given; raises ``ValueError`` for what is no http or https address.
    """
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError("must be an http:// or https:// address")
    return value


def private_address(value: str) -> str:
    """
    A token must not travel in the clear: plain http is for this machine only.
    """
    if not re.match(r"https://[^/\s]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)", value):
        raise ValueError("must be an https:// address (http:// only on this machine)")
    return value
