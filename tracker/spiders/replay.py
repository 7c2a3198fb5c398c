"""
Asking a portal through the endpoint that its own page was seen to ask.

It is some thirty times cheaper than typing, for the portal too: no page is loaded. It is used only
while every answer is wholly understood; otherwise the page is asked as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from w3lib.encoding import html_to_unicode

from tracker.pages.capture import Answer, PageCapture
from tracker.pages.http import refusal
from tracker.pages.obstacles import obstacle
from tracker.spiders.endpoint import question_for
from tracker.spiders.exchanges import is_own_site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from playwright.async_api import BrowserContext

    from tracker.model import LookReport
    from tracker.pages.http import Refusal
    from tracker.spiders.endpoint import Question
    from tracker.spiders.visit import Visited

_BODY_LIMIT = 4_000_000
_MOST_SECONDS = 20.0
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    What a page was seen to ask for numbers, and the browser context in which it asked.
    """

    page_url: str
    seen: Question
    numbers: tuple[str, ...]
    context: BrowserContext

    def question(self, numbers: Sequence[str]) -> Question | None:
        """
        The question for other numbers; ``None`` when these cannot be asked in this way.
        """
        return question_for(self.seen, self.numbers, numbers)

    async def answer(self, question: Question, seconds: float) -> Answer:
        """
        The portal's answer, fetched with the context's cookies; redirects are not followed.

        Raises Playwright's ``Error`` when there is none within the seconds.
        """
        response = await self.context.request.fetch(
            question.url,
            method=question.method,
            headers=dict(question.headers) | {"referer": self.page_url},
            data=question.body.encode() or None,
            timeout=min(seconds, _MOST_SECONDS) * 1000,
            max_redirects=0,
        )
        body = await response.body()
        await response.dispose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        content_type = headers.get("content-type")
        _, text = html_to_unicode(content_type, body[:_BODY_LIMIT], default_encoding="utf-8")
        return Answer(
            url=response.url,
            status=response.status,
            content_type=content_type,
            body=text,
            headers=headers,
            complete=len(body) <= _BODY_LIMIT,
        )


def as_capture(page_url: str, answer: Answer) -> PageCapture:
    """
    A capture that holds nothing but one data answer.
    """
    return PageCapture(
        url=page_url,
        status=200,
        html_before=None,
        html="<!DOCTYPE html><html></html>",
        answers=(answer,),
    )


async def the_question(visited: Visited, numbers: Sequence[str]) -> tuple[Question, Answer] | None:
    """
    The one question by which the page asked for all the numbers, and its answer.

    ``None`` when there were several, when more had to be opened to see the whole answer, or when
    the question went to another site.
    """
    asked = await visited.traffic.questions()
    if len(asked) != 1 or visited.opened or visited.capture.partial:
        return None
    question, answer = asked[0]
    whole = all(is_echoed(number, answer) for number in numbers)
    own = is_own_site(_host(question.url), _host(visited.capture.url))
    known = question_for(question, numbers, numbers) is not None
    return asked[0] if whole and own and known else None


def is_echoed(number: str, answer: Answer) -> bool:
    """
    True when the number stands in the answer: a stale one would say nothing of it.
    """
    return number.upper() in answer.body.upper()


def is_final(answer: Answer, now: datetime) -> Refusal | None:
    """
    The refusal after which a portal is left alone; ``None`` when the page may still be asked.

    A 429, a wait that the portal names and a challenge are final. Any other refusal may only mean
    that a token or a session of the page's was missing: the page itself says whether it is more.
    """
    refused = refusal(answer, now=now)
    if refused is None:
        return None
    waits = answer.status == _TOO_MANY or refused.retry_after_seconds is not None
    return refused if waits or _is_challenge(answer) else None


def _is_challenge(answer: Answer) -> bool:
    found = (
        obstacle(answer.body, answer.url),
        obstacle("", answer.headers.get("location", "")),
    )
    return any(one is not None and "challenge" in one.what for one in found)


def same_reading(one: Sequence[LookReport], other: Sequence[LookReport]) -> bool:
    """
    True when two readings say the same of every number, and something good.
    """
    told = [[(r.tracking_number, r.outcome, r.events) for r in reports] for reports in (one, other)]
    return told[0] == told[1] and all(report.outcome.is_good for report in one)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
