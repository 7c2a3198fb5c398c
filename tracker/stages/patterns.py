"""
Whole-phrase patterns of the wording tables, built from data.

A pattern is a sentence with ``{word}`` for one of a list of words, ``[...]`` for an optional
part, and ``{place}`` for a free place name. It always speaks of the whole text, and what stands
in a free place must hold no word that could turn the meaning ("not", "expected", "sender").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tracker.stages.text import normalise_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TOKEN = re.compile(r"\{(\w+)\}|(\[)|(\])|([^{}\[\]]+)")
_PLACE = r"([^.;!?。；！？]{1,60}?)"


@dataclass(frozen=True, slots=True)
class Phrase:
    """
    One pattern, to be matched against a normalised text; compiled when it is first needed.

    Most texts are known word for word, and compiling some hundred patterns takes longer than a
    look at one number.
    """

    source: str
    expression: str

    def check(self) -> None:
        """
        Returns when the pattern is well formed; raises ``ValueError`` when it is not.
        """
        try:
            _compiled(self.expression)
        except re.error as trouble:
            raise ValueError(
                f"the pattern {self.source!r} is not well formed ({trouble})"
            ) from trouble

    def places(self, text: str) -> tuple[str, ...] | None:
        """
        What stands in the free places when the whole text fits, else ``None``.
        """
        match = _compiled(self.expression).fullmatch(text)
        return None if match is None else tuple(part or "" for part in match.groups())


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def phrase(source: str, words: Mapping[str, Sequence[str]]) -> Phrase:
    """
    The pattern; ``ValueError`` when it names an unknown word list.
    """
    parts = [_part(token, source, words) for token in _TOKEN.finditer(normalise_text(source))]
    return Phrase(source, "".join(parts))


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
