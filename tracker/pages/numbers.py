"""
Tracking numbers as they stand in an answer: the same number written in other ways.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DASHES = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_SHAPES = re.compile(
    # A letter may stand before it: a number glued to a word is still another parcel's.
    r"(?<![0-9-])(?:[A-Z][A-Z0-9]{1,5}(?:-[A-Z0-9]{2,6})?-\d{6,12}-\d{3,6}|[A-Z]{2}\d{9}[A-Z]{2})(?![A-Z0-9-])"
)


def canonical(number: str) -> str:
    """
    The number as it is compared: upper case, plain dashes, no blanks.
    """
    return "".join(_spelled(number).split())


def echoed(text: str, asked: Iterable[str]) -> frozenset[str]:
    """
    Those of the asked numbers that stand in the text, each given as it was asked.
    """
    seen = _spelled(text)
    return frozenset(number for number in asked if _pattern(number).search(seen))


def strangers(text: str, asked: Iterable[str]) -> frozenset[str]:
    """
    Texts of a tracking number's shape (domain.md 2) that were not asked for.
    """
    known = {canonical(number) for number in asked}
    return frozenset(found for found in _SHAPES.findall(_spelled(text)) if found not in known)


def _spelled(text: str) -> str:
    return _DASHES.sub("-", unicodedata.normalize("NFKC", text)).upper()


@lru_cache(maxsize=1024)  # the same few numbers meet every text of a page
def _pattern(number: str) -> re.Pattern[str]:
    spaced = r"\s?".join(map(re.escape, canonical(number)))
    return re.compile(rf"(?<![A-Z0-9-]){spaced}(?![A-Z0-9-])")
