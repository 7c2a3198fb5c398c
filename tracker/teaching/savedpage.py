"""
A page that a person saved in an ordinary browser, as HTML, MHTML or HAR.

What is in the file is hostile: it is parsed as text within limits, never executed, and nothing
that it names is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from w3lib.encoding import html_to_unicode

from tracker.model import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.pages.capture import PageCapture

#: Characters of one page or one answer that are read.
LONGEST = 5_000_000
_FRAME = re.compile(r"<i?frame\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """
    What a file holds: the page as the reader takes it, and remarks for whoever saved it.

    ``asked`` are the numbers asked for, where the file tells; ``secrets`` what stood beside the
    page and must not be kept.
    """

    kind: str
    capture: PageCapture
    asked: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def page_text(content: bytes, content_type: str | None) -> str:
    """
    The text of a page by its byte order mark, its declared charset or its own ``meta``.
    """
    _, text = html_to_unicode(content_type, content[: 4 * LONGEST], default_encoding="utf-8")
    return text[:LONGEST]


def refused(path: Path, why: str) -> UsageError:
    """
    Why nothing can be learned from the file, and what to save instead.
    """
    return UsageError(
        f"{path}: {why}. Save the page with the answer on it: as a web page (HTML or MHTML), or "
        "from the browser's network panel as HAR with content."
    )


def file_address(path: Path) -> str:
    """
    The address of a page that does not tell its own; without the folder, which concerns nobody.
    """
    return f"file:///{quote(path.name)}"


def remarks_on(html: str) -> tuple[str, ...]:
    """
    What a page that was saved as text cannot tell.
    """
    hidden = "what the page hides by its style sheet cannot be told from what it shows"
    framed = "the page has a frame, and a single HTML file leaves out what stands in it"
    return (hidden, *((framed,) if _FRAME.search(html) else ()))
