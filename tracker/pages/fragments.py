"""
Pieces of a page that came as data: a table or a list that the page's script puts in place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.pages.from_html import PIECE, read_html
from tracker.pages.numbers import echoed, strangers
from tracker.pages.report import Harvest

if TYPE_CHECKING:
    from tracker.pages.reading import Reading

_TAG = re.compile(
    r"<(/?)([a-zA-Z][\w:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>|<!--.*?-->", re.DOTALL
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
     "wbr", "!doctype"]
)  # fmt: skip
_MAY_STAY_OPEN = frozenset(
    ["li", "dt", "dd", "p", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "html", "head",
     "body"]
)  # fmt: skip
_WHOLE_PAGE = re.compile(r"</html\s*>", re.IGNORECASE)


def read_fragment(markup: str, reading: Reading, number: str | None = None) -> Harvest:
    """
    What a piece of a page says, read like a page; nothing when it is not whole.

    ``number`` is the one that the data around it names: then the piece need not repeat it.
    A sentence that names no number is left to the page that shows it.
    """
    if not is_balanced(markup):
        return Harvest(whole=False)
    names_itself = echoed(markup, reading.asked) or strangers(markup, reading.asked)
    named = f"<h6>{number}</h6>" if number and not names_itself else ""
    page = f'<html><body>{named}<div {PIECE}="">{markup}</div></body></html>'
    whole = markup if _WHOLE_PAGE.search(markup) else page
    return read_html(whole, None, reading, piece=True)


def is_balanced(markup: str) -> bool:
    """
    True when every element that must be closed is closed, and no tag is cut.
    """
    open_tags: list[str] = []
    last = 0
    for match in _TAG.finditer(markup):
        last = match.end()
        closes, name, rest = match.groups()
        tag = (name or "").lower()
        if not tag or tag in _VOID or tag in _MAY_STAY_OPEN or (rest or "").endswith("/"):
            continue
        if not closes:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            return False
    return not open_tags and "<" not in markup[last:]
