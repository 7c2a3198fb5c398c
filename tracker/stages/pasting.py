"""
Lines for a user's wording file, ready to be pasted: TOML that gives back the very text.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.model import CarrierName

#: What a person has to put a stage in place of.
STAGE = "STAGE"
_WIDE = 0xFFFF


def wording_group(carrier: CarrierName | None, text: str) -> tuple[str, ...]:
    """
    A ``[[group]]`` that gives the carrier's text a stage, once ``STAGE`` is replaced by one.

    Whatever the text holds, each line stands in one line of plain characters.
    """
    named = () if carrier is None else (f"carrier = {toml_string(carrier.value)}",)
    return (
        "[[group]]",
        *named,
        f"stage = {toml_string(STAGE)}",
        'origin = "inferred: seen on the portal"',
        f"texts = [{toml_string(text)}]",
    )


def toml_string(text: str) -> str:
    """
    The text as a TOML basic string; what cannot be seen is escaped, half characters are replaced.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return f'"{"".join(map(_escaped, whole))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character == " " or unicodedata.category(character)[0] not in "CZ":
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code <= _WIDE else f"\\U{code:08X}"
