"""
One letter becomes one message: which parts it has, in which order.

The words come from the templates, the forms from ``as_text``, ``as_html`` and ``as_slack``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from alerts.messages import clean
from alerts.messages.as_html import as_html
from alerts.messages.as_slack import MOST_IN_A_HEADER, as_slack
from alerts.messages.as_text import as_text
from alerts.messages.by_hand import by_hand_csv
from alerts.messages.copies import copies
from alerts.messages.message import Letter, Message
from alerts.messages.parts import Bullets, Copy, Heading, Link, Paragraph, ParcelPart, Part
from alerts.messages.sections import (
    MOST_SHOWN,
    Section,
    Tone,
    parcels,
    sections,
    worst_first,
)
from alerts.messages.table import to_csv
from alerts.messages.words import Words
from tracker.model import AlertKind, CarrierName, ClosedBecause, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from alerts.messages.message import Line

_SCAN_KINDS = frozenset({AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM})


def compose(letter: Letter) -> Message:
    """
    The letter in words, for any channel; the same letter always gives the same message.
    """
    letter = clean.clean_letter(letter)
    words = Words(letter.language)
    groups = sections(letter.lines)
    subject = _subject(letter, groups, words)
    many = parcels(letter.lines) > MOST_SHOWN
    by_mail = tuple(_parts(_Frame(letter, words, _more_by_mail(letter, words)), groups))
    by_slack = tuple(_parts(_Frame(letter, words, _more_by_slack(words)), groups))
    cut = words.one("letter", "cut")
    return Message(
        reference=letter.reference,
        subject=subject,
        text=as_text(by_mail),
        html=as_html(by_mail, subject=subject, language=words.language),
        # A cut message is known by its reference too: a repeat of it must be told apart.
        blocks=as_slack(by_slack, subject=subject, cut="\n".join((cut, *_closing(letter, words)))),
        csv=_table(letter, words) if many else None,
        by_hand=_to_fill_in(groups, words),
        possible_repeat=letter.possible_repeat,
        chat=as_text(by_slack),
        cut=cut,
        letter=replace(letter, language=words.language),
    )


def ready_texts(lines: Iterable[Line], language: str) -> tuple[Copy, ...]:
    """
    The texts that a message about these parcels gives to be copied, each in English and Chinese.

    Their leads are in the language. Empty for kinds that ask for no text.
    """
    every = tuple(clean.clean_line(line) for line in lines)
    words = Words(language)
    parts = (part for one in sections(every, len(every)) for part in copies(one, words))
    return tuple(part for part in parts if isinstance(part, Copy))


def _table(letter: Letter, words: Words) -> str:
    headings = words.lines("letter", "columns")
    return to_csv(worst_first(letter.lines), headings, partial(words.one, "letter", "cell"))


def _to_fill_in(groups: tuple[Section, ...], words: Words) -> str | None:
    """
    Every number that is to be looked up by hand, shown or not.
    """
    lines = [
        line
        for section in groups
        if section.is_open and section.kind is AlertKind.UNVERIFIED
        for line in section.everything
    ]
    listed = [(number, line.portal_url) for line in lines for number in line.covered]
    return by_hand_csv(listed, words.lines("letter", "by_hand_columns")) if listed else None


def _more_by_mail(letter: Letter, words: Words) -> Callable[[int], str]:
    total = parcels(letter.lines)
    return lambda hidden: words.one("letter", "more", hidden, total)


def _more_by_slack(words: Words) -> Callable[[int], str]:
    return lambda hidden: words.one("letter", "more_slack", hidden)


def _subject(letter: Letter, groups: tuple[Section, ...], words: Words) -> str:
    shorts = [_short(section, words) for section in groups]
    return clean.one_line(words.one("letter", "subject", letter, shorts), MOST_IN_A_HEADER)


def _short(section: Section, words: Words) -> str:
    match section.tone:
        case Tone.RESOLVED:
            return words.one("letter", "resolved_short", section)
        case Tone.WITHDRAWN:
            return words.one("letter", "withdrawn_short", section)
        case Tone.AGAIN:
            return words.one("letter", "again_short", words.one(section.template, "short", section))
        case Tone.NEW:
            return words.one(section.template, "short", section)


@dataclass(frozen=True, slots=True)
class _Frame:
    """
    What all parts of one form of a letter share; ``more`` words a number of hidden parcels.
    """

    letter: Letter
    words: Words
    more: Callable[[int], str]

    @property
    def alone(self) -> bool:
        """
        True when the letter is about one parcel, which is then told at length.
        """
        return parcels(self.letter.lines) == 1


def _parts(frame: _Frame, groups: tuple[Section, ...]) -> Iterator[Part]:
    letter, words = frame.letter, frame.words
    yield from map(Paragraph, words.lines("letter", "opening", letter))
    if frame.alone and _not_known_to_the_portal(groups[0]):
        yield Paragraph(words.one("parcel", "unknown_number"))
    first_about_scans = next((each for each in groups if _asks_for_a_scan(each)), None)
    for section in groups:
        yield from _known(frame, section)
        if section.hidden:
            yield Paragraph(frame.more(section.hidden))
        if section is first_about_scans:
            lead = words.one("letter", "rule_out_lead")
            yield Bullets(lead, words.lines("letter", "rule_out"))
        if section.is_open and section.lines:
            yield from _what_to_do(letter, section, words)
        elif section.lines:
            yield from _by_hand(_on_the_portals_word(section), words, links=False)
    yield from _ending(letter, words)


def _ending(letter: Letter, words: Words) -> Iterator[Part]:
    if letter.dashboard_url:
        yield _link(words.one("letter", "dashboard"), letter.dashboard_url, words)
    yield from map(Paragraph, _closing(letter, words))


def _closing(letter: Letter, words: Words) -> tuple[str, ...]:
    zone = letter.lines[0].zone if letter.lines else "UTC"
    return words.lines("letter", "closing", letter, zone)


def _link(told: str, url: str, words: Words) -> Link:
    return Link(told, url, words.sign("words", "COLON"))


def _not_known_to_the_portal(section: Section) -> bool:
    """
    True when this comes first (promises.md R3): a wrong number is not the centre's fault.
    """
    return section.is_open and any(
        line.proof_outcome is Outcome.NOT_FOUND for line in section.lines
    )


def _asks_for_a_scan(section: Section) -> bool:
    return section.is_open and section.kind in _SCAN_KINDS and bool(section.lines)


def _known(frame: _Frame, section: Section) -> Iterator[Part]:
    match section.tone:
        case Tone.RESOLVED:
            yield from _settled(section, frame.words, "resolved")
        case Tone.WITHDRAWN:
            yield from _settled(section, frame.words, "withdrawn")
        case _:
            yield from _open(section, frame.words, alone=frame.alone)


def _settled(section: Section, words: Words, how: str) -> Iterator[Part]:
    yield Heading(words.one("letter", f"{how}_title", section))
    for line in section.lines:
        yield ParcelPart(words.one("parcel", "title", line), words.lines("parcel", how, line))


def _open(section: Section, words: Words, *, alone: bool) -> Iterator[Part]:
    title = words.one(section.template, "title", section)
    again = section.tone is Tone.AGAIN
    yield Heading(words.one("letter", "again_title", title) if again else title)
    if not section.lines:
        return
    if again:
        yield Paragraph(words.one("letter", "again_intro", section))
    yield from map(Paragraph, words.lines(section.template, "intro", section))
    for line in section.lines:
        yield from _parcel(line, words, alone=alone)


def _parcel(line: Line, words: Words, *, alone: bool) -> Iterator[Part]:
    brief = "" if alone or line.kind.is_operators else "short_"
    told = "wording" if line.kind is AlertKind.UNKNOWN_WORDING else f"{brief}facts"
    facts = words.lines("parcel", told, line)
    if line.kind.is_operators and line.tracking_number is None:
        yield from map(Paragraph, facts)
        yield from _listed(line, words)
        return
    yield ParcelPart(words.one("parcel", f"{brief}title", line), facts)
    if alone and line.days:
        lead = words.one("parcel", "days_lead", line)
        yield Bullets(lead, words.lines("parcel", "days", line))


def _listed(line: Line, words: Words) -> Iterator[Part]:
    """
    What an operator's line covers; to be copied into the portal where a person is to look.
    """
    if line.kind is not AlertKind.UNVERIFIED:
        if line.covered:
            yield Bullets(words.one("letter", "covered_lead"), line.covered)
        return
    for portal, numbers in zip(line.portals, (line.covered, line.covered_at_both), strict=False):
        if numbers:
            lead = words.one(f"kind_{line.kind.value}", "copy_lead", portal, numbers)
            yield Copy(lead, numbers)


def _what_to_do(letter: Letter, section: Section, words: Words) -> Iterator[Part]:
    steps = words.lines(section.template, "steps", section, letter)
    yield Bullets(words.one("letter", "steps_lead"), steps)
    yield from copies(section, words)
    yield from _by_hand(section.lines, words)


def _by_hand(lines: Iterable[Line], words: Words, *, links: bool = True) -> Iterator[Part]:
    """
    One link per portal, and the warning while nobody has confirmed its readings (R9).

    Without ``links`` only the portals that nobody has confirmed.
    """
    seen: set[CarrierName | None] = set()
    shown = [(line, portal) for line in lines for portal in line.portals]
    for line, portal in shown:
        if portal.carrier in seen:
            continue
        seen.add(portal.carrier)
        doubtful = portal.carrier is not None and not portal.confirmed
        if doubtful:
            yield Paragraph(words.one("letter", "unconfirmed", portal))
        if portal.url and (links or doubtful):
            yield _link(words.one("letter", "by_hand", line), portal.url, words)


def _on_the_portals_word(section: Section) -> tuple[Line, ...]:
    """
    The settled parcels of which a portal's reading says that they were scanned.
    """
    return tuple(
        line
        for line in section.lines
        if line.closed_because is ClosedBecause.SCANNED and line.told_by is None
    )
