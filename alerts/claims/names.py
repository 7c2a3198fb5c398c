"""
Names of the pack's files: made of our own words, and of outside data only what is harmless.
"""

from __future__ import annotations

import re
from hashlib import sha256

_HARMLESS = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_LONGEST = 40
_FINGERPRINT = 8


def harmless(text: str | None) -> str:
    """
    The text if letters, digits and single hyphens make it up, else that much of it.

    A fingerprint keeps two such texts apart; no text at all is ``unknown``.
    """
    if not text:
        return "unknown"
    if len(text) <= _LONGEST and _HARMLESS.fullmatch(text):
        return text
    plain = "-".join(re.findall(r"[A-Za-z0-9]+", text))[:_LONGEST].strip("-")
    fingerprint = sha256(text.encode("utf-8", "replace")).hexdigest()[:_FINGERPRINT]
    return f"{plain}-{fingerprint}" if plain else f"other-{fingerprint}"


def part_name(stem: str, ending: str, part: int, parts: int) -> str:
    """
    ``claims-NG.xlsx``; of several parts ``claims-NG-part-2-of-3.xlsx``.
    """
    return f"{stem}{ending}" if parts == 1 else f"{stem}-part-{part}-of-{parts}{ending}"
