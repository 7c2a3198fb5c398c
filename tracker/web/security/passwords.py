"""
Passwords and tokens: made, hashed and checked.
"""

from __future__ import annotations

import hashlib
import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
#: Each hash takes 64 MiB: so many at once, however many people knock.
_turns = BoundedSemaphore(4)
#: What an unknown name's password is compared to, so that it takes as long as a known one's.
_NOBODY = _hasher.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    """
    The password as it is stored: argon2id with its parameters and salt.
    """
    with _turns:
        return _hasher.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """
    True if the password is the stored one; it takes equally long when there is none.
    """
    try:
        with _turns:
            _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """
    True for a hash that was made with weaker parameters than today's.
    """
    return _hasher.check_needs_rehash(stored)


def new_password() -> str:
    """
    A password that nobody guesses, short enough to be typed.
    """
    return secrets.token_urlsafe(12)


def new_token() -> str:
    """
    A token of 256 bits.
    """
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """
    What is stored of a token: it has 256 bits of its own, so that one fast hash is enough.
    """
    return hashlib.sha256(token.encode()).hexdigest()
