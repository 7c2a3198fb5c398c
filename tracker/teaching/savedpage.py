"""
A page that a person saved in an ordinary browser: HTML, MHTML or HAR, whatever its name says.

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
from tracker.pages.capture import PageCapture

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 80_000_000  # bytes; a HAR of a long browsing session is large
#: Characters of one page or one answer that are read.
LONGEST = 5_000_000
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S{1,2000}?)\s*-->", re.IGNORECASE)
_HTML = re.compile(
    r"<(?:!doctype html|html|head|body|table|div|form|p|ul|ol|dl|section)\b", re.IGNORECASE
)
_MHTML = re.compile(
    rb"^(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type:\s*multipart/related", re.IGNORECASE
)
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


def read_saved(path: Path) -> SavedPage:
    """
    The page in a file.

    Raises :class:`UsageError` in one sentence for a file that cannot be read, is too large, is
    none of the three kinds, or holds no page and no answer.
    """
    content = _content(path)
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        from tracker.teaching.har import read_har  # noqa: PLC0415 - a module that needs this one

        return read_har(content, path)
    if _MHTML.match(start):
        from tracker.teaching.mhtml import read_mhtml  # noqa: PLC0415 - as above

        return read_mhtml(content, path)
    return _read_html(content, path)


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


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _LARGEST:
        raise refused(path, f"the file is larger than {_LARGEST // 1_000_000} MB")
    if not content.strip():
        raise refused(path, "the file is empty")
    return content


def _read_html(content: bytes, path: Path) -> SavedPage:
    html = page_text(content, None)
    if "\x00" in html[:4096] or not _HTML.search(html[:200_000]):
        raise refused(path, "the file is no HTML, no MHTML and no HAR")
    told = _SAVED_FROM.search(html[:4096])
    url = told.group(1) if told else file_address(path)
    capture = PageCapture(url=url, status=None, html_before=None, html=html)
    return SavedPage(kind="HTML", capture=capture, remarks=remarks_on(html))
