"""
What kind of text each part of a page is, and which parts stand inside which element.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.pages.dates import (
    Dated,
    is_clock,
    is_relative,
    leading_clock,
    leading_date,
    trailing_date,
)
from tracker.pages.numbers import echoed, strangers
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.pages.parts import Element, Part
    from tracker.pages.reading import Reading

_LETTER = re.compile(r"[^\W\d_]")
_LABEL = re.compile(r"^([^:：]{1,24})[:：]\s*")
_HAS_YEAR = re.compile(r"20\d\d|\d[\s-][a-zA-Z]{3,9}[\s-]\d\d")


@dataclass(frozen=True, slots=True)
class Kind:
    """
    What one part can be in an event: a date, a day alone, a time of day, words, a number's name.
    """

    dated: bool
    day: bool
    clock: bool
    word: bool
    named: bool
    label: bool


_NOTHING = Kind(dated=False, day=False, clock=False, word=False, named=False, label=False)


def dated_in(text: str, reading: Reading) -> Dated | None:
    """
    The date that a text begins with, or ends with behind a text that the tables know.
    """
    bare = unlabelled(text)
    if is_planned(text):
        return None
    if not _HAS_YEAR.search(bare):
        return None
    found = leading_date(bare, zone=reading.zone)
    if found is not None:
        return found
    behind = trailing_date(bare, zone=reading.zone)
    return behind if behind is not None and reading.event_is_known(behind.rest) else None


def is_planned(text: str) -> bool:
    """
    True for "Estimated delivery: ..." and the like: a date of no event.
    """
    label = _LABEL.match(text)
    return label is not None and phrases().heading(label.group(1)) == "plan"


def unlabelled(text: str) -> str:
    """
    The text without a heading's word before it ("Time: ..."); other labels are part of it.
    """
    label = _LABEL.match(text)
    return text[label.end() :] if label and phrases().heading(label.group(1)) else text


def ancestors(element: Element) -> list[Element]:
    """
    The element itself and everything around it, from the inside out.
    """
    return [element, *element.iterancestors()]


class Tree:
    """
    The parts by the elements around them.
    """

    def __init__(self, parts: Sequence[Part], reading: Reading) -> None:
        self.all = list(parts)
        self.inside: dict[Element, list[Part]] = {}
        self._kinds: dict[int, Kind] = {}
        before = ""
        for part in parts:
            kind = _kind(part.text, reading)
            planned = kind.dated and phrases().heading(before.rstrip(" :：")) == "plan"
            self._kinds[id(part)] = _NOTHING if planned or is_planned(part.text) else kind
            before = part.text
        for part in parts:
            for element in ancestors(part.element):
                self.inside.setdefault(element, []).append(part)

    def kind(self, part: Part) -> Kind:
        """
        What a part can be.
        """
        return self._kinds[id(part)]

    def parts(self, element: Element) -> list[Part]:
        """
        The parts inside an element.
        """
        return self.inside.get(element, [])

    def dated(self, element: Element) -> int:
        """
        How many dates stand inside an element.
        """
        return sum(self.kind(part).dated for part in self.parts(element))

    def clocks(self, element: Element) -> int:
        """
        How many times of day stand inside an element.
        """
        return sum(self.kind(part).clock for part in self.parts(element))

    def worded(self, element: Element) -> bool:
        """
        True when some text inside can be an event's.
        """
        return any(self.kind(part).word for part in self.parts(element))

    def has_number(self, element: Element) -> bool:
        """
        True when a tracking number stands inside.
        """
        return any(self.kind(part).named for part in self.parts(element))


def _kind(text: str, reading: Reading) -> Kind:
    found = dated_in(text, reading)
    clock = None if found else leading_clock(text)
    named = bool(echoed(text, reading.asked) or strangers(text, reading.asked))
    label = phrases().heading(text) is not None
    rest = found.rest if found else clock[1] if clock else text
    word = (
        bool(_LETTER.search(rest))
        and not is_clock(rest)
        and not is_relative(rest)
        and not label
        and not named
        and phrases().sentence(text) is None
    )
    day = found is not None and not rest and found.instant is not None and found.instant.whole_day
    return Kind(found is not None, day, clock is not None, word, named, label)
