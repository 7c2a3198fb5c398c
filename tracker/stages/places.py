"""
Names of places beside a carrier's text, told apart from it.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from tracker.stages.text import normalise_text

_JOINTS = re.compile(r"\s*[,，、/|;；:：·•-]\s*|\s+")
_WORDS = re.compile(r"[^\s,，、/|;；:：()（）\[\]【】-]+")
_TRIM = " \t,，、/|;；:：·•-–—()（）[]【】@"


@cache
def _names() -> frozenset[str]:
    data = tomllib.loads(files(__package__).joinpath("places.toml").read_text("utf-8"))
    return frozenset(normalise_text(name) for name in data["names"])


def is_place(text: str) -> bool:
    """
    True when the whole text is one or several known names of places, and nothing else.
    """
    words = _WORDS.findall(normalise_text(text))
    return bool(words) and _covered(words)


def _covered(words: list[str]) -> bool:
    if not words:
        return True
    names = _names()
    return any(
        " ".join(words[:count]) in names and _covered(words[count:])
        for count in range(1, min(len(words), 4) + 1)
    )


def without_place(text: str) -> list[tuple[str, str]]:
    """
    The ways to part a text into a sentence and a known place before or behind it, longest first.
    """
    cuts = [match for match in _JOINTS.finditer(text) if match.start() > 0]
    edges = [(match.start(), match.end()) for match in cuts]
    edges += [(m.end(), m.end()) for m in re.finditer(r"[\])】）]", text)]
    edges += [(m.start(), m.start()) for m in re.finditer(r"[\[(【（]", text)]
    found = []
    for start, end in edges:
        before, behind = text[:start].strip(_TRIM), text[end:].strip(_TRIM)
        if before and is_place(before):
            found.append((behind, before))
        if behind and is_place(behind):
            found.append((_without_link(before), behind))
    return sorted({pair for pair in found if pair[0]}, key=lambda pair: -len(pair[1]))


def _without_link(text: str) -> str:
    """
    The sentence without the "at" or "in" that led to its place.
    """
    return re.sub(r"\s+(?:at|in|from|@)$", "", text, flags=re.IGNORECASE)
