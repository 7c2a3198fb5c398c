"""
Scrapy's responses as the page readers want them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.pages.capture import Answer

if TYPE_CHECKING:
    from scrapy.http import Response

#: Statuses that may be over in a moment: asked again within the look's time limit.
PASSING_STATUS = frozenset({502, 503, 504})


def answer_of(response: Response) -> Answer:
    """
    Scrapy's response as the page readers want it; a body that is no text is read as Latin-1.
    """
    text = getattr(response, "text", None)
    return Answer(
        url=response.url,
        status=response.status,
        content_type=(response.headers.get("Content-Type") or b"").decode("latin-1") or None,
        body=text if isinstance(text, str) else response.body.decode("latin-1"),
        headers={
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        },
        complete="dataloss" not in response.flags,
    )
