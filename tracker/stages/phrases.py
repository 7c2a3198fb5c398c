"""
Sentences and marks that say what a page as a whole means, and the words of its headings.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from tracker.model import Outcome
from tracker.stages.grammar import built_sentence
from tracker.stages.text import in_two_languages, normalise_text

_NUMBER = r"(?=[a-z -]*[0-9])[0-9a-z][0-9a-z -]{7,38}[0-9a-z]"  # words alone are none
#: What a portal asks for behind its answer: "..., please check your number".
_ASKING = re.compile(r"[,，;；\s-]+(?:please|kindly|请|請|veuillez)|[(（](?:please|请|請)")
_LONGEST_HEADING = 40
_AND = re.compile(r"\s*(?:/|&|\band\b|[和及与與])\s*")
_ENDS = re.compile(r"[.。!！?？;；]\s+|[。！？；]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """
    A known "nothing here" sentence: what it says, and whether it needs the number beside it.

    ``number`` is the tracking number that stands in the sentence itself, folded to lower case.
    """

    outcome: Outcome
    weak: bool
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Markers:
    """
    How a page that stands in the way is recognised; all in lower case.
    """

    sentences: tuple[str, ...]
    markup: tuple[str, ...]
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """
    The whole of ``phrases.toml``, ready to be asked.
    """

    sentences: dict[str, Sentence]
    templates: tuple[tuple[re.Pattern[str], Outcome], ...]
    challenge: Markers
    login: Markers
    maintenance: Markers
    credentials: tuple[str, ...]
    too_many: tuple[str, ...]
    headings: dict[str, str]

    def sentence(self, text: str) -> Sentence | None:
        """
        The known sentence that the whole text is, or its first sentence, or both its languages.
        """
        whole = normalise_text(text)
        first = normalise_text(_ENDS.split(text.strip(), maxsplit=1)[0])
        bare = normalise_text(_ASKING.split(first, maxsplit=1)[0])
        for known in (whole, first, bare):
            found = _known(self, known)
            if found is not None:
                return found
        told = {_known(self, half) for half in in_two_languages(whole)}
        return told.pop() if len(told) == 1 else None

    def heading(self, text: str) -> str | None:
        """
        The role of a heading or label: ``time``, ``text``, ``location``, ``code``, ``number``.
        """
        whole = normalise_text(text)
        if whole in self.headings or len(whole) > _LONGEST_HEADING:
            return self.headings.get(whole)
        halves = in_two_languages(whole) or tuple(map(normalise_text, _AND.split(whole)))
        roles = {self.headings.get(half) for half in halves}
        if roles == {"text", "location"}:
            return "text"  # both stand in one cell, and the place is taken out of the text
        return roles.pop() if len(roles) == 1 else None


@lru_cache(maxsize=4096)  # a page's few texts are asked about again and again
def _known(phrases: Phrases, text: str) -> Sentence | None:
    """
    The known sentence that a normalised text is: word for word, by template, or as it is built.
    """
    if text in phrases.sentences:
        return phrases.sentences[text]
    for template, outcome in phrases.templates:
        match = template.fullmatch(text)
        if match is not None:
            return Sentence(outcome, weak=False, number=match.group(1))
    built = built_sentence(text)
    return Sentence(built[0], weak=False, number=built[1]) if built else None


@cache
def phrases() -> Phrases:
    """
    The shipped sentences and marks.
    """
    data = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))
    told, refused = data["no_record"], data["refused"]
    outcomes = {"not_found": Outcome.NOT_FOUND, "no_events": Outcome.NO_EVENTS}
    known = [(text, outcome) for key, outcome in outcomes.items() for text in told[key]]
    weak = {normalise_text(t): Sentence(Outcome.NOT_FOUND, weak=True) for t in told["weak"]}
    strong = {normalise_text(t): Sentence(o, weak=False) for t, o in known if "{number}" not in t}
    return Phrases(
        sentences=weak | strong,
        templates=tuple((_template(t), o) for t, o in known if "{number}" in t),
        challenge=_markers(data["challenge"]),
        login=_markers(data["login"]),
        maintenance=_markers(data["maintenance"]),
        credentials=tuple(refused["credentials"]),
        too_many=tuple(refused["too_many"]),
        headings={
            normalise_text(word): role
            for role, words in data["headings"].items()
            if role != "origin"
            for word in words
        },
    )


def no_record(text: str) -> Outcome | None:
    """
    What a known "no record" (``not_found``) or "nothing yet" (``no_events``) sentence says.

    Placeholders such as "no data" say ``None`` here: they mean something only beside the echoed
    number (:attr:`Sentence.weak`).
    """
    sentence = phrases().sentence(text)
    return None if sentence is None or sentence.weak else sentence.outcome


def _template(source: str) -> re.Pattern[str]:
    before, _, behind = normalise_text(source).partition("{number}")
    number = rf"\s?[\"']?({_NUMBER})[\"']?\s?"
    return re.compile(rf"{re.escape(before.rstrip())}{number}{re.escape(behind.lstrip())}")


def _markers(data: dict[str, list[str]]) -> Markers:
    return Markers(
        sentences=tuple(normalise_text(text) for text in data["sentences"]),
        markup=tuple(text.lower() for text in data["markup"]),
        urls=tuple(data["urls"]),
    )
