"""
The wording and code tables read from their data files, the shipped ones and a user's own.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tracker.model import CarrierName, Stage, UsageError
from tracker.stages.patterns import Phrase, phrase
from tracker.stages.tables import SCAN_STAGES, Classified, Guards, Table, Tables
from tracker.stages.text import normalise_code, normalise_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_KEYS = frozenset({"stage", "scan", "origin", "texts", "patterns", "codes"})


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
    for number, group in enumerate(groups, start=1):
        _meaning_of(group, f"{extra}, group {number}")
    for number, group in enumerate(groups, start=1):
        for source in group.get("patterns", []):
            _phrase(source, words, f"{extra}, group {number}", check=True)
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
        raise UsageError(
            f"The wording file {path} cannot be read: {trouble.strerror}."
        ) from trouble
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


def _table(
    groups: Sequence[Mapping[str, Any]], words: Mapping[str, Sequence[str]], where: str
) -> Table:
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
        patterns.extend(
            (_phrase(source, words, place), meaning) for source in group.get("patterns", [])
        )
    return Table(texts, codes, tuple(patterns))


def _meaning_of(group: Mapping[str, Any], place: str) -> Classified:
    unknown = set(group) - _KEYS - {"carrier"}
    if unknown:
        raise UsageError(
            f"{place}: unknown key {min(unknown)!r}; known: {', '.join(sorted(_KEYS))}."
        )
    if group.get("carrier", CarrierName.SEKO) not in set(CarrierName):
        raise UsageError(f"{place}: unknown carrier {group['carrier']!r}; write seko or clevy.")
    try:
        stage = Stage(group.get("stage", ""))
    except ValueError:
        raise UsageError(
            f"{place}: unknown stage {group.get('stage')!r}; see contract.md."
        ) from None
    return Classified(stage, bool(group.get("scan", stage in SCAN_STAGES)))


def _enter(table: dict[str, Classified], key: str, meaning: Classified, place: str) -> None:
    known = table.setdefault(key, meaning)
    if known != meaning:
        raise UsageError(f"{place}: {key!r} stands twice, as {known.stage} and as {meaning.stage}.")


def _phrase(
    source: str, words: Mapping[str, Sequence[str]], place: str, *, check: bool = False
) -> Phrase:
    try:
        made = phrase(source, words)
        if check:
            made.check()
    except ValueError as trouble:
        raise UsageError(f"{place}: {trouble}.") from trouble
    return made
