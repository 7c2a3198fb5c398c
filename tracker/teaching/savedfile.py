"""
Reading a file that a person saved in a browser, whatever its kind: the content decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.model import UsageError
from tracker.pages.capture import PageCapture
from tracker.teaching.har import read_har
from tracker.teaching.mhtml import read_mhtml
from tracker.teaching.savedpage import (
    SavedPage,
    file_address,
    page_text,
    refused,
    remarks_on,
)

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 80_000_000  # bytes; a HAR of a long browsing session is large
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S{1,2000}?)\s*-->", re.IGNORECASE)
_HTML = re.compile(
    r"<(?:!doctype html|html|head|body|table|div|form|p|ul|ol|dl|section)\b", re.IGNORECASE
)
_MHTML = re.compile(
    rb"^(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type:\s*multipart/related", re.IGNORECASE
)


def read_saved(path: Path) -> SavedPage:
    """
    The page in a file.

    Raises :class:`UsageError` in one sentence for a file that cannot be read, is too large, is
    none of the three kinds, or holds no page and no answer.
    """
    content = _content(path)
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return read_har(content, path)
    if _MHTML.match(start):
        return read_mhtml(content, path)
    return _read_html(content, path)


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
