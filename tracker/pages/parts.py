"""
The visible texts of a page in document order, cut where a person sees them apart.

Inline marks do not cut a text; a line break and a line of preformatted text do. A date that is
spread over neighbouring elements is one text, and a relative time ("2 days ago") is the instant
that its element carries in an attribute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.pages.dates import is_relative, leading_date, looks_dated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_INLINE = frozenset(
    ["b", "strong", "i", "em", "u", "mark", "small", "font", "bdi", "bdo", "sub", "sup", "wbr",
     "code", "abbr"]
)  # fmt: skip
_PREFORMATTED = re.compile(r"white-space\s*:\s*(pre|break-spaces)", re.IGNORECASE)
_COLUMNS = re.compile(r"[ \t]{2,}|\t")
_PIECE = re.compile(r"[\w]{1,9}[.,/年月日-]?|\w{3,9}\.? \d{1,2},?|\d{1,2} \w{3,9}\.?", re.UNICODE)
_PIECES = 3  # day, month, year

#: An lxml element; lxml ships no types.
Element = Any


@dataclass(frozen=True, slots=True)
class Part:
    """
    One visible piece of text and the element it stands in directly.
    """

    element: Element
    text: str


def parts_of(root: Element) -> list[Part]:
    """
    Every visible text of the tree in document order.
    """
    return _with_whole_dates([_with_instant(part) for part in _parts(root)])


def _parts(root: Element) -> Iterator[Part]:
    holder: Element = None
    pieces: list[str] = []
    for element, text, breaks in _texts(root):
        block = element
        while block.tag in _INLINE and block.getparent() is not None:
            block = block.getparent()
        if pieces and (block is not holder or breaks):
            yield from _part(holder, pieces)
            pieces = []
        holder = block
        pieces.append(text)
    yield from _part(holder, pieces)


def _part(holder: Element, pieces: list[str]) -> Iterator[Part]:
    whole = "".join(pieces)
    lines = whole.split("\n") if "\n" in whole and _is_preformatted(holder) else [whole]
    for line in lines:
        text = " | ".join(_COLUMNS.split(line.strip())) if len(lines) > 1 else line
        text = " ".join(text.split())
        if text:
            yield Part(holder, text)


def _is_preformatted(element: Element) -> bool:
    return element.tag == "pre" or bool(_PREFORMATTED.search(element.get("style") or ""))


def _texts(element: Element) -> Iterator[tuple[Element, str, bool]]:
    """
    The texts with the element each stands in, and whether it begins on a line of its own.
    """
    if element.text:
        yield element, element.text, False
    around = [(element, iter(element))]  # no recursion: a page may be nested deeply
    while around:
        element, children = around[-1]
        child = next(children, None)
        if child is None:
            around.pop()
            if around and element.tail:
                yield around[-1][0], element.tail, element.tag not in _INLINE
        elif child.tag == "br":
            yield element, child.tail or "", True
        else:
            if child.text:
                yield child, child.text, False
            around.append((child, iter(child)))


def _with_instant(part: Part) -> Part:
    """
    The part with the instant of its element in place of a relative time or a bare clock.
    """
    element = part.element
    told = element.get("datetime") if element.tag == "time" else element.get("title")
    if not told or not looks_dated(told) or leading_date(part.text, zone="UTC") is not None:
        return part
    return Part(element, told) if element.tag == "time" or is_relative(part.text) else part


def _with_whole_dates(parts: Sequence[Part]) -> list[Part]:
    """
    The parts, a date that is spread over two or three neighbours made one of them.
    """
    whole: list[Part] = []
    index = 0
    while index < len(parts):
        width = next((n for n in (_PIECES, 2) if _is_one_date(parts[index : index + n], n)), 1)
        if width > 1:
            text = " ".join(part.text for part in parts[index : index + width])
            whole.append(Part(parts[index].element, text))
        else:
            whole.append(parts[index])
        index += width
    return whole


def _is_one_date(pieces: Sequence[Part], count: int) -> bool:
    if len(pieces) < count or not all(_PIECE.fullmatch(piece.text) for piece in pieces):
        return False
    around = {id(piece.element) for piece in pieces} | {
        id(piece.element.getparent()) for piece in pieces
    }
    near = len(around) <= count + 1
    return near and looks_dated(" ".join(piece.text for piece in pieces))
