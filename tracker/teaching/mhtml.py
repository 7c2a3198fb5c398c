"""
A page saved as MHTML ("web page, single file"): a mail message whose parts are the page's files.
"""

from __future__ import annotations

import re
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any

from parsel import Selector

from tracker.pages.capture import PageCapture
from tracker.teaching.savedpage import SavedPage, file_address, page_text, refused, remarks_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message
    from pathlib import Path

    Element = Any  # lxml ships no types

_MOST_PARTS = 2000
_DEEPEST = 5  # frames in frames


def read_mhtml(content: bytes, path: Path) -> SavedPage:
    """
    The page with its frames where they are drawn, as the live page is saved.

    Raises :class:`UsageError` when no part of it is a page.
    """
    message = BytesParser(policy=policy.compat32).parsebytes(content)
    pages = list(_pages(message))
    if not pages:
        raise refused(path, "the MHTML file holds no page")
    location, html = pages[0]
    frames = {name: text for name, text in pages[1:] if name}
    url = message.get("Snapshot-Content-Location") or location or file_address(path)
    whole = _whole(html, frames)
    capture = PageCapture(url=str(url), status=None, html_before=None, html=whole)
    return SavedPage(kind="MHTML", capture=capture, remarks=remarks_on(whole))


def _pages(message: Message) -> Iterator[tuple[str, str]]:
    """
    The HTML parts: the name by which others point to each, and its text.
    """
    for number, part in enumerate(message.walk()):
        if number > _MOST_PARTS:
            return
        if part.get_content_type() != "text/html":
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content.strip():
            named = str(part.get("Content-ID") or "").strip("<> ")
            location = str(part.get("Content-Location") or "")
            name = f"cid:{named}" if named and location.startswith("cid:") else location
            yield name or f"cid:{named}", page_text(content, part.get("Content-Type"))
            if named and name != f"cid:{named}":
                yield f"cid:{named}", page_text(content, part.get("Content-Type"))


def _whole(html: str, frames: Mapping[str, str]) -> str:
    """
    The page with frames and shadow roots drawn up into it.
    """
    if not re.search(r"<iframe\b|\bshadow(?:root)?mode\s*=", html, re.IGNORECASE):
        return html
    root: Element = Selector(text=html, type="html").root
    _draw(root, frames, 0)
    return f"<!DOCTYPE html>{Selector(root=root, type='html').get()}"


def _draw(root: Element, frames: Mapping[str, str], depth: int) -> None:
    for template in root.xpath("//template[@shadowmode or @shadowrootmode]"):
        template.tag = "div"
    for frame in root.xpath("//iframe[@src]"):
        told = frames.get(frame.get("src"))
        if told is None or depth >= _DEEPEST:
            continue
        inner: Element = Selector(text=told, type="html").root
        _draw(inner, frames, depth + 1)
        frame.tag, frame.text = "div", None
        for child in inner.xpath("/html/body/*"):
            frame.append(child)
