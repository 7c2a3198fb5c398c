"""
A HAR from a browser's network panel: what the page asked for, and what came, as it came.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from tracker.pages.capture import Answer, PageCapture
from tracker.pages.numbers import strangers
from tracker.teaching.savedpage import LONGEST, SavedPage, page_text, refused
from tracker.teaching.scrubbing import secrets_of_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_MOST = 200  # answers, as a live look keeps
_DATA = re.compile(r"json|xml|text/plain|x-component|graphql", re.IGNORECASE)
_NO_DATA = re.compile(r"svg|javascript|css|xhtml", re.IGNORECASE)
_ERRORS = 400


@dataclass(frozen=True, slots=True)
class _Entry:
    """
    One request of the page and the answer to it; ``told`` is what the request sent.
    """

    answer: Answer
    told: str
    is_page: bool
    secrets: tuple[str, ...] = field(default=())


def read_har(content: bytes, path: Path) -> SavedPage:
    """
    The last page and the data that were fetched, in their order.

    A HAR holds the page as the server sent it, not as scripts drew it: its data counts. Raises
    :class:`UsageError` when it is no HAR or holds no bodies.
    """
    entries = list(_entries(_log(content, path)))
    pages = [one for one in entries if one.is_page and one.answer.body.strip()]
    data = [one for one in entries if not one.is_page and one.answer.body.strip()]
    if not pages and not data:
        raise refused(path, "the HAR holds no bodies")
    page = _the_page(pages)
    capture = PageCapture(
        url=page.answer.url if page else data[0].answer.url,
        status=page.answer.status if page else None,
        html_before=pages[0].answer.body if page is not None and page is not pages[0] else None,
        html=page.answer.body if page else "<html><body></body></html>",
        answers=tuple(one.answer for one in data[:_MOST]),
    )
    return SavedPage(
        kind="HAR",
        capture=capture,
        asked=tuple(dict.fromkeys(number for one in entries for number in _shaped(one.told))),
        secrets=tuple({secret for one in entries for secret in one.secrets}),
        remarks=() if data else ("the HAR holds no data that the page fetched",),
    )


def _log(content: bytes, path: Path) -> list[Any]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise refused(path, "the file begins like JSON and is broken") from error
    log = told.get("log") if isinstance(told, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise refused(path, "the file is JSON and no HAR")
    if not entries:
        raise refused(path, "the HAR is empty: open the network panel first, then ask the portal")
    return entries


def _entries(told: Iterable[Any]) -> Iterator[_Entry]:
    for one in told:
        request, response = (_part(one, name) for name in ("request", "response"))
        url, status = request.get("url"), response.get("status")
        if not isinstance(url, str) or not isinstance(status, int) or not status:
            continue
        content = _part(response, "content")
        kind = str(content.get("mimeType") or "")
        is_page = "html" in kind and str(one.get("_resourceType") or "document") == "document"
        if is_page or (_DATA.search(kind) and not _NO_DATA.search(kind)) or "html" in kind:
            yield _entry(request, response, content, is_page=is_page)


def _entry(
    request: dict[str, Any], response: dict[str, Any], content: dict[str, Any], *, is_page: bool
) -> _Entry:
    headers = _pairs(response.get("headers"))
    sent = _pairs(request.get("headers"))
    posted = str(_part(request, "postData").get("text") or "")
    answer = Answer(
        url=request["url"],
        status=response["status"],
        content_type=str(content.get("mimeType") or "") or None,
        body=_body(content),
        headers=headers,
    )
    found = (*secrets_of_headers(headers), *secrets_of_headers(sent))
    return _Entry(answer, unquote_plus(f"{request['url']} {posted[:LONGEST]}"), is_page, found)


def _body(content: dict[str, Any]) -> str:
    text = content.get("text")
    if not isinstance(text, str):
        return ""
    if content.get("encoding") != "base64":
        return text[:LONGEST]
    try:
        raw = base64.b64decode(text[: 6 * LONGEST], validate=False)
    except (binascii.Error, ValueError):
        return ""  # a cut or broken body tells nothing
    return page_text(raw, str(content.get("mimeType") or "") or None)


def _the_page(pages: list[_Entry]) -> _Entry | None:
    """
    The last page in which a tracking number stands, else the last one that came well.
    """
    well = [one for one in pages if one.answer.status < _ERRORS] or pages
    named = [one for one in well if _shaped(one.answer.body)]
    return next(iter((named or well)[::-1]), None)


def _shaped(text: str) -> list[str]:
    """
    What has a tracking number's shape, in the order in which it stands.
    """
    found = strangers(text[:LONGEST], ())
    spelt = text.upper()
    return sorted(found, key=spelt.find)


def _pairs(told: Any) -> dict[str, str]:
    pairs = told if isinstance(told, list) else []
    found: dict[str, str] = {}
    for one in pairs:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            name = one["name"].lower()
            value = str(one.get("value") or "")
            found[name] = f"{found[name]}; {value}" if name in found else value
    return found


def _part(value: Any, name: str) -> dict[str, Any]:
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}
