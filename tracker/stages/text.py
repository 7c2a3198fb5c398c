"""
How a portal's wording is folded before it is compared or becomes part of an event's identity.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BLANKS = re.compile(r"\s+")
_CJK = r"[\u3400-\u9fff\uf900-\ufaff]"
_BETWEEN_CJK = re.compile(rf"(?<={_CJK}) (?={_CJK})")
_HAN = rf"{_CJK}(?:[^a-zA-Z]*{_CJK})?"
_LATIN = r"[a-zA-Z][^\u3400-\u9fff\uf900-\ufaff]*"
_CHINESE_FIRST = re.compile(rf"([\[(【（]?{_HAN}[\])】）]?)(?:[\s/|,;:(-]+)({_LATIN})")
_CHINESE_LAST = re.compile(rf"({_LATIN}?)(?:[\s/|,;:(-]+)([\[(【（]?{_HAN}[\])】）]?)")
_AROUND = " /|,;:()[]-（）【】"
_TRAILING = " .。!！;；,，、:：…"
_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})
_DASH = re.compile(r"[\u2010-\u2015\u2212]")


@lru_cache(maxsize=4096)  # a page's few texts are asked about again and again
def normalise_text(text: str) -> str:
    """
    The text in the one form that tables and identities use (domain.md 4).

    NFKC, lower case, one blank between words and none between Chinese characters, plain quotes
    and dashes, no invisible characters, no punctuation or blank at the end.
    """
    folded = unicodedata.normalize("NFKC", text.translate(_SAME)).casefold()
    visible = folded if folded.isascii() else _visible(folded)
    spaced = _BLANKS.sub(" ", _DASH.sub("-", visible)).strip()
    return _BETWEEN_CJK.sub("", spaced).rstrip(_TRAILING)


def _visible(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def in_two_languages(text: str) -> tuple[str, ...]:
    """
    The Chinese and the other half of a text that is one beside the other, each normalised.

    Empty for a text in one language, and for one that changes between them more than once.
    """
    match = _CHINESE_FIRST.fullmatch(text) or _CHINESE_LAST.fullmatch(text)
    halves = tuple(normalise_text(half.strip(_AROUND)) for half in match.groups()) if match else ()
    return halves if all(halves) else ()


def normalise_code(code: str) -> str:
    """
    A carrier's event code in the one form that tables use: upper case, no blanks.
    """
    return _BLANKS.sub("", _DASH.sub("-", unicodedata.normalize("NFKC", code))).upper()
