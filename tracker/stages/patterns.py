"""
Whole-phrase patterns of the wording tables, built from data.

A pattern is a sentence with ``{word}`` for one of a list of words, ``[...]`` for an optional
part, and ``{place}`` for a free place name. It always speaks of the whole text, and what stands
in a free place must hold no word that could turn the meaning ("not", "expected", "sender").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.stages.text import normalise_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TOKEN = re.compile(r"\{(\w+)\}|(\[)|(\])|([^{}\[\]]+)")
_PLACE = r"([^.;!?。；！？]{1,60}?)"


@dataclass(frozen=True, slots=True)
class Phrase:
    """
    One pattern, ready to be matched against a normalised text.
    """

    source: str
    expression: re.Pattern[str]

    def places(self, text: str) -> tuple[str, ...] | None:
        """
        What stands in the free places when the whole text fits, else ``None``.
        """
        match = self.expression.fullmatch(text)
        return None if match is None else tuple(part or "" for part in match.groups())


def phrase(source: str, words: Mapping[str, Sequence[str]]) -> Phrase:
    """
    The pattern compiled; ``ValueError`` when it names an unknown word list or has loose brackets.
    """
    parts = [_part(token, source, words) for token in _TOKEN.finditer(normalise_text(source))]
    try:
        return Phrase(source, re.compile("".join(parts)))
    except re.error as trouble:
        raise ValueError(f"the pattern {source!r} is not well formed ({trouble})") from trouble


def _part(token: re.Match[str], source: str, words: Mapping[str, Sequence[str]]) -> str:
    word, opens, closes, plain = token.groups()
    if opens:
        return "(?:"
    if closes:
        return ")?"
    if plain is not None:
        return re.escape(plain)
    if word == "place":
        return _PLACE
    if word not in words:
        raise ValueError(f"the pattern {source!r} names an unknown word list {{{word}}}")
    known = sorted((normalise_text(entry) for entry in words[word]), key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, known)) + ")"
