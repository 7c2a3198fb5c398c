"""
What a fetcher saved of a portal: the only input of a page reader.

A capture is plain data, so that a live look, a recorded case and a page that a person saved in a
browser are read by the same code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Put by the fetcher on each element that a person could not see when the page was saved.
HIDDEN_ATTRIBUTE = "data-scan-tracker-hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    One HTTP answer as it came: header names in lower case, body decoded by its declared charset.

    ``complete`` is false when the transport ended before the declared length.
    """

    url: str
    status: int
    content_type: str | None
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCapture:
    """
    A portal page after the numbers were submitted and the answer had settled.

    ``url`` is the final address of the main frame and ``status`` its HTTP status; ``html_before``
    is the page as it stood before the submit (``None`` when unknown) and ``html`` as it stood at
    the end, both with :data:`HIDDEN_ATTRIBUTE` on what a person could not see. ``answers`` are the
    data answers (JSON, XML, text) that the page itself fetched after the submit, oldest first.
    ``submitted`` is false when no field or no way to submit was found. ``further`` are the pages
    that followed ``html`` when details were opened and further pages turned, each in the same form,
    oldest first. ``partial`` says why not all that the page offers was opened (``None``: all was):
    then what is not shown proves nothing.
    """

    url: str
    status: int | None
    html_before: str | None
    html: str
    answers: tuple[Answer, ...] = ()
    further: tuple[str, ...] = ()
    partial: str | None = None
    submitted: bool = True
    screenshot: bytes | None = None
