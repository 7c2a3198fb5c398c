"""
Which names say that their value is a secret, and which values look like one.
"""

from __future__ import annotations

import re

from tracker.pages.dates import looks_dated
from tracker.pages.numbers import strangers

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: A name with one of these in it keeps a secret, whatever the value looks like.
_PARTS = (
    "token", "csrf", "xsrf", "session", "viewstate", "eventvalidation", "signature", "secret",
    "passw", "credential", "authoriz", "authent", "apikey", "accesskey", "privatekey", "cookie",
    "bearer", "nonce", "captcha",
)  # fmt: skip
_WORDS = frozenset({"auth", "sid", "pwd", "jwt", "sessid", "jsessionid", "phpsessid", "sess"})
#: These words name secrets and ordinary things alike: the value must look like a long secret.
_PERHAPS = frozenset({"key", "keys", "sign", "sig", "hash", "ticket", "uid", "user", "client"})
_LONG = 8
_VERY_LONG = 16


def names_secret(name: str, value: str) -> bool:
    """
    True when a value under this name must not be kept.
    """
    words = {word.casefold() for word in _WORD.findall(name)}
    joined = re.sub(r"[\W_]+", "", name).casefold()
    if words & _WORDS or joined in _WORDS or any(part in joined for part in _PARTS):
        return not is_ours(value)
    return bool(words & _PERHAPS) and len(value) >= _VERY_LONG and looks_secret(value)


def looks_secret(value: str) -> bool:
    """
    True for a long run of signs that is no word, no date and no tracking number.
    """
    if len(value) < _LONG or re.search(r"\s", value) or is_ours(value):
        return False
    mixed = len(value) >= _VERY_LONG and value.lower() != value and value.upper() != value
    return mixed or any(char.isdigit() for char in value)


def is_ours(value: str) -> bool:
    """
    True for what a case is about: tracking numbers and dates.
    """
    short = value[:100]
    return looks_dated(short) or bool(strangers(short, ()))
