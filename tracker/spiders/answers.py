"""
Scrapy's responses as the page readers want them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model import Outcome
from tracker.pages.capture import Answer

if TYPE_CHECKING:
    from scrapy.http import Response

    from tracker.pages.http import Refusal

#: Statuses that may be over in a moment: asked again within the look's time limit.
PASSING_STATUS = frozenset({502, 503, 504})


def is_passing(answer: Answer, refused: Refusal) -> bool:
    """
    True for a refusal that may be over in a moment; not when the portal says when to come back.
    """
    return (
        answer.status in PASSING_STATUS
        and refused.outcome is Outcome.UNREACHABLE
        and refused.retry_after_seconds is None
    )


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
