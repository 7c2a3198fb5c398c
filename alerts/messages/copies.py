"""
The texts of a section that are ready to be copied: to Seko, into Raise A Claim, into a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.messages.parts import Copy
from alerts.messages.sections import is_lost
from tracker.model import AlertKind
from tracker.stages import wording_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.messages.message import Line
    from alerts.messages.parts import Part
    from alerts.messages.sections import Section
    from alerts.messages.words import Words


def copies(section: Section, words: Words) -> Iterator[Part]:
    """
    What the section's kind asks to send, in English and Chinese.
    """
    match section.kind:
        case AlertKind.URGE_SCAN:
            if section.to_urge.lines:
                yield from _both_languages("urge", section.to_urge.lines, section.hidden, words)
            yield from _extensions(section, words)
        case AlertKind.RAISE_CLAIM:
            yield from _claims(section, words)
            if section.hurried:
                yield from _both_languages("urge", section.hurried, 0, words)
        case AlertKind.UNKNOWN_WORDING:
            rows = tuple(row for line in section.lines for row in _wording_lines(line))
            yield Copy(words.one(section.template, "copy_lead"), rows)
        case _:
            return


def _both_languages(
    what: str, lines: tuple[Line, ...], hidden: int, words: Words, *values: object
) -> Iterator[Part]:
    for language in ("en", "zh"):
        lead = words.one("letter", f"{what}_lead_{language}", *values)
        yield Copy(lead, words.lines("copy", f"{what}_{language}", lines, hidden))


def _extensions(section: Section, words: Words) -> Iterator[Part]:
    """
    The claim for more lead time that is asked for beside the urging, one per country site.
    """
    for country in dict.fromkeys(line.country for line in section.hurried):
        lines = tuple(line for line in section.hurried if line.country == country)
        yield from _both_languages("extension", lines, 0, words, country)


def _claims(section: Section, words: Words) -> Iterator[Part]:
    """
    One claim per country site (domain.md 1.6).
    """
    groups: dict[tuple[str | None, str], list[Line]] = {}
    for line in section.everything:
        what = "lost" if is_lost(line) else "extension" if line.both_steps else "claim"
        groups.setdefault((line.country, what), []).append(line)
    shown = {line.delivery_id for line in section.lines}
    for (country, what), every in groups.items():
        lines = tuple(line for line in every if line.delivery_id in shown)
        if lines:
            yield from _both_languages(what, lines, len(every) - len(lines), words, country)


def _wording_lines(line: Line) -> tuple[str, ...]:
    """
    A group of a wording file, the stage left for a person to fill in.
    """
    return line.paste or wording_group(line.carrier, line.last_text or line.reason)
