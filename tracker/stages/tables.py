"""
The wording and code tables: data files in, one question answered, "what does this line mean?".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tracker.model import CarrierName, Stage, UsageError
from tracker.stages.patterns import Phrase, phrase
from tracker.stages.text import normalise_code, normalise_text

if TYPE_CHECKING:
    from pathlib import Path

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
_KEYS = frozenset({"stage", "scan", "origin", "texts", "patterns", "codes"})
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

    def classify(self, carrier: CarrierName, text: str, code: str | None) -> Classified:
        """
        The stage of a line by its text and code; what fits nothing is ``unclassified``.

        Where both are known and one is a scan and the other is not, the line is unclassified: it
        neither clears nor raises an alert. Where both agree about the scan, the text names the
        stage. A code stands for an unknown text only if the text holds no guard word.
        """
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
        return self._meaning(carrier, whole) or self._without_brackets(carrier, whole)

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


def load_tables(extra: Path | None = None) -> Tables:
    """
    The shipped tables, with the lines of a user's file asked before them.

    The user's file has the same form (``common.toml`` explains it) and may name a ``carrier`` in
    a group; without one the group holds for both. :class:`UsageError` names file and line's fault.
    """
    shipped = _shipped()
    if extra is None:
        return shipped
    data = _read_user_file(extra)
    words = _words(_shipped_data("common")) | _words(data)
    groups = _groups(data, str(extra))
    return Tables(
        common=shipped.common,
        carriers=shipped.carriers,
        guards=shipped.guards,
        user_common=_table([g for g in groups if "carrier" not in g], words, str(extra)),
        user_carriers={
            name: _table([g for g in groups if g.get("carrier") == name], words, str(extra))
            for name in CarrierName
        },
    )


@cache
def _shipped() -> Tables:
    common = _shipped_data("common")
    words = _words(common)
    guards = common["guards"]
    return Tables(
        common=_table(_groups(common, "common.toml"), words, "common.toml"),
        carriers={
            name: _table(_groups(_shipped_data(name), f"{name}.toml"), words, f"{name}.toml")
            for name in CarrierName
        },
        guards=Guards(
            frozenset(map(normalise_text, guards["words"])),
            tuple(map(normalise_text, guards["fragments"])),
        ),
    )


def _shipped_data(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def _read_user_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as trouble:
        raise UsageError(f"The wording file {path} cannot be read: {trouble.strerror}.") from trouble
    except ValueError as trouble:
        raise UsageError(f"The wording file {path} is not TOML in UTF-8: {trouble}.") from trouble


def _words(data: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    words: dict[str, Sequence[str]] = dict(data.get("words", {}))
    return words


def _groups(data: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    groups = data.get("group", [])
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise UsageError(f"{where}: write each group of wording lines as [[group]].")
    return groups


def _table(groups: Sequence[Mapping[str, Any]], words: Mapping[str, Sequence[str]], where: str) -> Table:
    texts: dict[str, Classified] = {}
    codes: dict[str, Classified] = {}
    patterns: list[tuple[Phrase, Classified]] = []
    for number, group in enumerate(groups, start=1):
        place = f"{where}, group {number}"
        meaning = _meaning_of(group, place)
        for text in group.get("texts", []):
            _enter(texts, normalise_text(text), meaning, place)
        for code in group.get("codes", []):
            _enter(codes, normalise_code(code), meaning, place)
        patterns.extend((_phrase(source, words, place), meaning) for source in group.get("patterns", []))
    return Table(texts, codes, tuple(patterns))


def _meaning_of(group: Mapping[str, Any], place: str) -> Classified:
    unknown = set(group) - _KEYS - {"carrier"}
    if unknown:
        raise UsageError(f"{place}: unknown key {sorted(unknown)[0]!r}; known: {', '.join(sorted(_KEYS))}.")
    if group.get("carrier", CarrierName.SEKO) not in set(CarrierName):
        raise UsageError(f"{place}: unknown carrier {group['carrier']!r}; write seko or clevy.")
    try:
        stage = Stage(group.get("stage", ""))
    except ValueError:
        raise UsageError(f"{place}: unknown stage {group.get('stage')!r}; see contract.md.") from None
    return Classified(stage, bool(group.get("scan", stage in SCAN_STAGES)))


def _enter(table: dict[str, Classified], key: str, meaning: Classified, place: str) -> None:
    known = table.setdefault(key, meaning)
    if known != meaning:
        raise UsageError(f"{place}: {key!r} stands twice, as {known.stage} and as {meaning.stage}.")


def _phrase(source: str, words: Mapping[str, Sequence[str]], place: str) -> Phrase:
    try:
        return phrase(source, words)
    except ValueError as trouble:
        raise UsageError(f"{place}: {trouble}.") from trouble
