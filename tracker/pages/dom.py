"""
A saved page as a person saw it: the tree without what was hidden, and its visible texts in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsel import Selector

from tracker.pages.capture import HIDDEN_ATTRIBUTE
from tracker.pages.parts import Element, Part, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Element", "Field", "Page", "Part", "ancestors"]

_UNSEEN = frozenset(
    {"script", "style", "template", "noscript", "head", "input", "textarea", "select", "option",
     "datalist", "svg", "canvas", "iframe", "object", "audio", "video", "map"}
)  # fmt: skip
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)", re.IGNORECASE)
# Each comment ends at its first end: one way to match, however many there are.
_ENDS = re.compile(r"</html\s*>\s*(<!--(?:(?!-->).)*-->\s*)*$", re.IGNORECASE | re.DOTALL)
#: A browser's parser nests no deeper; what a script nested deeper is no page that we can read.
DEEPEST = 512
_NUL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Field:
    """
    One input of the page: what is around it, its names, its value, whether it can be changed.
    """

    around: Element
    names: frozenset[str]
    value: str
    fixed: bool


class Page:
    """
    One saved page: parsed once, hidden elements gone.

    ``whole`` is false for a page that ended before its end, and for one that is nested deeper than
    :data:`DEEPEST`, of which nothing is kept.
    """

    def __init__(self, html: str) -> None:
        self.whole = bool(_ENDS.search(html))
        source = _NUL.sub("", html)
        root: Element = Selector(text=source or "<html></html>", type="html").root
        self.title = " ".join("".join(root.xpath("//title//text()")).split())
        _drop_hidden(root)
        self.has_password_field = bool(root.xpath("//input[@type='password']"))
        self.fields = tuple(_field(element) for element in root.iter("input"))
        for element in list(root.iter()):
            if not isinstance(element.tag, str) or element.tag in _UNSEEN:
                _drop(element)
        self.too_deep = _is_too_deep(root)
        if self.too_deep:
            self.whole = False
            root = Selector(text="<html></html>", type="html").root
        self.root: Element = root
        self.parts = tuple(parts_of(root))
        self.text = " ".join(part.text for part in self.parts)


def ancestors(element: Element) -> Iterator[Element]:
    """
    The element itself and everything around it, from the inside out.
    """
    yield element
    yield from element.iterancestors()


def _is_too_deep(root: Element) -> bool:
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def _field(element: Element) -> Field:
    names = frozenset(name for key in ("id", "name") if (name := element.get(key)))
    fixed = element.get("readonly") is not None or element.get("disabled") is not None
    return Field(element.getparent(), names, element.get("value") or "", fixed)


def _drop_hidden(root: Element) -> None:
    for element in list(root.iter()):
        if isinstance(element.tag, str) and _is_hidden(element):
            _drop(element)


def _is_hidden(element: Element) -> bool:
    return (
        element.get(HIDDEN_ATTRIBUTE) is not None
        or element.get("hidden") is not None
        or bool(_HIDING.search(element.get("style") or ""))
    )


def _drop(element: Element) -> None:
    """
    Takes the element out and leaves the text behind it where it was.
    """
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = f"{parent.text or ''} {element.tail}"
        else:
            before.tail = f"{before.tail or ''} {element.tail}"
    parent.remove(element)
