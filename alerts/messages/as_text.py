"""
A letter's parts as plain text, for mail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from alerts.messages.parts import Bullets, Copy, Heading, Link, ParcelPart, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

_RULE = "-" * 60


def as_text(parts: Iterable[Part]) -> str:
    """
    The parts one after the other, an empty line between two.
    """
    return "\n\n".join(said(part) for part in parts) + "\n"


def said(part: Part) -> str:
    """
    One part in plain text.
    """
    match part:
        case Heading(text):
            return f"{text}\n{'=' * min(_width(text), len(_RULE))}"
        case Bullets(lead, items):
            return "\n".join((lead, *(f"  - {item}" for item in items)))
        case ParcelPart(title, facts):
            return "\n".join((f"* {title}", *(f"    {fact}" for fact in facts)))
        case Copy(lead, lines):
            return "\n".join((lead, _RULE, *lines, _RULE))
        case Link(words, url, colon):
            return f"{words}{colon}{url}"
        case _:
            return part.text


def _width(text: str) -> int:
    """
    The columns that the text takes: a Chinese character is as wide as two letters.
    """
    return sum(2 if east_asian_width(character) in {"W", "F"} else 1 for character in text)
