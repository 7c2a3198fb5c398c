"""
The wording and code tables, asked one question: what does this line of a carrier mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.model import Stage
from tracker.stages.text import in_two_languages, normalise_code, normalise_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.model import CarrierName
    from tracker.stages.patterns import Phrase

#: Stages that prove by themselves that somebody held the parcel (promises.md R8, domain.md 4).
SCAN_STAGES = frozenset(
    {
        Stage.RECEIVED,
        Stage.EXPORT,
        Stage.IN_TRANSIT,
        Stage.CUSTOMS,
        Stage.OUT_FOR_DELIVERY,
        Stage.AVAILABLE_FOR_PICKUP,
        Stage.ATTEMPT_FAILED,
        Stage.DELIVERED,
        Stage.RETURNED,
    }
)
_REMEMBERED = 4096  # a portal says the same few sentences about every parcel
_NOT_A_WORD = re.compile(r"[^\w-]+")
_BRACKETED = re.compile(r"[\[(【]([^\[\]()【】]{1,40})[\])】]")


@dataclass(frozen=True, slots=True)
class Classified:
    """
    What one carrier line means, and whether it proves that the parcel was in hand.
    """

    stage: Stage
    is_scan: bool


UNKNOWN = Classified(Stage.UNCLASSIFIED, is_scan=False)


@dataclass(frozen=True, slots=True)
class Guards:
    """
    Words that can turn a sentence's meaning: free text that holds one never makes a scan.
    """

    words: frozenset[str] = frozenset()
    fragments: tuple[str, ...] = ()

    def warn(self, text: str) -> bool:
        """
        True when the normalised text holds a guard word, as a word or (Chinese) anywhere.
        """
        padded = f" {_NOT_A_WORD.sub(' ', text)} "
        hyphens_apart = padded.replace("-", " ")
        return (
            any(f" {word} " in padded or f" {word} " in hyphens_apart for word in self.words)
            or any(fragment in text for fragment in self.fragments)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """
    One file's lines: exact texts and codes first, then patterns in the file's order.
    """

    texts: Mapping[str, Classified] = field(default_factory=dict)
    codes: Mapping[str, Classified] = field(default_factory=dict)
    patterns: tuple[tuple[Phrase, Classified], ...] = ()

    def by_pattern(self, text: str, guards: Guards) -> Classified | None:
        """
        The meaning by the first pattern that fits; two that disagree about a scan mean nothing.
        """
        fits = [
            meaning
            for pattern, meaning in self.patterns
            if (places := pattern.places(text)) is not None
            and not (meaning.is_scan and any(guards.warn(place) for place in places))
        ]
        if not fits or len({meaning.is_scan for meaning in fits}) > 1:
            return None
        return fits[0]


@dataclass(frozen=True, slots=True)
class Tables:
    """
    Every table in the order it is asked: the user's lines, the carrier's, the common ones.
    """

    common: Table
    carriers: Mapping[CarrierName, Table]
    guards: Guards
    user_common: Table = field(default_factory=Table)
    user_carriers: Mapping[CarrierName, Table] = field(default_factory=dict)
    _told: dict[tuple[str, ...], Classified] = field(
        default_factory=dict, compare=False, repr=False
    )

    def classify(self, carrier: CarrierName, text: str, code: str | None) -> Classified:
        """
        The stage of a line by its text and code; what fits nothing is ``unclassified``.

        Where both are known and one is a scan and the other is not, the line is unclassified: it
        neither clears nor raises an alert. Where both agree about the scan, the text names the
        stage. A code stands for an unknown text only if the text holds no guard word.
        """
        asked = (carrier, text, code or "")
        if asked not in self._told:
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
            self._told[asked] = self._classified(carrier, text, code)
        return self._told[asked]

    def _classified(self, carrier: CarrierName, text: str, code: str | None) -> Classified:
        by_text = self._by_text(carrier, text)
        by_code = self._by_code(carrier, code)
        if by_text is None:
            return self._code_alone(by_code, text)
        if by_code is not None and by_code.is_scan != by_text.is_scan:
            return UNKNOWN
        return by_text

    def _code_alone(self, by_code: Classified | None, text: str) -> Classified:
        if by_code is None or (by_code.is_scan and self.guards.warn(normalise_text(text))):
            return UNKNOWN
        return by_code

    def _asked(self, carrier: CarrierName) -> tuple[Table, ...]:
        empty = Table()
        return (
            self.user_carriers.get(carrier, empty),
            self.user_common,
            self.carriers.get(carrier, empty),
            self.common,
        )

    def _by_code(self, carrier: CarrierName, code: str | None) -> Classified | None:
        key = normalise_code(code or "")
        found = (table.codes.get(key) for table in self._asked(carrier))
        return next((meaning for meaning in found if meaning), None) if key else None

    def _by_text(self, carrier: CarrierName, text: str) -> Classified | None:
        whole = normalise_text(text)
        return (
            self._meaning(carrier, whole)
            or self._without_brackets(carrier, whole)
            or self._in_two_languages(carrier, whole)
        )

    def _in_two_languages(self, carrier: CarrierName, whole: str) -> Classified | None:
        """
        The meaning of a text that says one thing in Chinese and in English, both of them known.
        """
        halves = in_two_languages(whole)
        told = [self._meaning(carrier, half) for half in halves]
        if len(told) != 2 or None in told:  # noqa: PLR2004 -- two languages
            return None
        first, second = told
        return first if first and second and first.is_scan == second.is_scan else None

    def _without_brackets(self, carrier: CarrierName, whole: str) -> Classified | None:
        """
        The meaning without one bracketed place before or behind, as in "[SHENZHEN] Received".
        """
        inside = _BRACKETED.findall(whole)
        if len(inside) != 1 or self.guards.warn(inside[0]):
            return None
        bare = _BRACKETED.sub(" ", whole).strip()
        edges = whole.startswith(("[", "(", "【")) or whole.endswith(("]", ")", "】"))
        return self._meaning(carrier, normalise_text(bare)) if bare and edges else None

    def _meaning(self, carrier: CarrierName, text: str) -> Classified | None:
        asked = self._asked(carrier)
        exact = next((t.texts[text] for t in asked if text in t.texts), None)
        if exact is not None:
            return exact
        found = (table.by_pattern(text, self.guards) for table in asked)
        return next((meaning for meaning in found if meaning), None)
