"""
Clevy Links through its JSON interface ``RouteTrack`` (domain.md 3.1).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from scrapy import FormRequest

from tracker.clock import utc_now
from tracker.model import Outcome
from tracker.pages.http import refusal
from tracker.pages.route_track import read_route_track
from tracker.spiders.answers import answer_of, is_passing
from tracker.spiders.base import CarrierSpider
from tracker.spiders.trouble import Passing, Trouble, download_trouble

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scrapy.http import Request, Response

    from tracker.model import LookReport
    from tracker.pages.capture import Answer
    from tracker.spiders.asking import Attempt, Batch

#: The header that the one known client sends, spelt as it spells it (domain.md 3.1).
REFERRER = "http://clevylinks.com/en/search.html"
_REDIRECTS = range(300, 400)
_HOPS = 3
_LOGIN_WORDS = ("login", "signin", "sign-in", "passport", "sso", "auth")


class ClevySpider(CarrierSpider):
    """
    Asks Clevy's interface for batches of numbers.
    """

    name = "clevy"

    async def look(self, attempt: Attempt) -> Sequence[LookReport]:
        """
        The reports of one batch, from one form post.
        """
        answer = await self._answer(attempt)
        now = utc_now()
        self.keep(attempt.numbers, answer)
        self._raise_if_passing(answer, now)
        return read_route_track(answer, attempt.numbers, looked_at=now, tables=self.tables)

    async def _answer(self, attempt: Attempt) -> Answer:
        url = self.access.asked_url
        for _ in range(_HOPS):
            response = await self._post(url, attempt)
            if response.status not in _REDIRECTS:
                return answer_of(response)
            url = self._redirected(url, response)
        told = f"{self.access.host}: it sends us round in a circle (redirects)"
        raise Trouble(told, answer=answer_of(response))

    async def _post(self, url: str, attempt: Attempt) -> Response:
        request = self._request(url, attempt.numbers, attempt.seconds_left)
        try:
            return await self.download(request)
        except Exception as error:
            host = self.access.host
            trouble = download_trouble(error, host, self.access.timeout_seconds)
            if trouble is None:
                raise
            raise trouble from error

    def _request(self, url: str, numbers: Batch, seconds: float) -> Request:
        form = {"lang": "en"} | {f"MailNos[{at}]": number for at, number in enumerate(numbers)}
        pair = f"{self.access.username}:{self.access.password}".encode()
        headers: dict[str, Any] = {
            "Authorization": "Basic " + base64.b64encode(pair).decode("ascii"),
            "Referrer": REFERRER,
            "Accept": "application/json",
        }
        return FormRequest(
            url,
            formdata=form,
            headers=headers,
            dont_filter=True,  # the same question is asked every few hours
            meta={"download_timeout": seconds},
        )

    def _redirected(self, url: str, response: Response) -> str:
        """
        The address to post to again: only the same place over https gets our credentials.

        Raises :class:`Trouble` for every other redirect.
        """
        location = (response.headers.get("Location") or b"").decode("latin-1")
        target = urljoin(url, location)
        if location and _same_place(url, target):
            return target
        host, answer = self.access.host, answer_of(response)
        if any(word in urlsplit(target).path.lower() for word in _LOGIN_WORDS):
            told = f"{host}: it sent us to a login page"
            raise Trouble(told, outcome=Outcome.BLOCKED, answer=answer)
        elsewhere = urlsplit(target).hostname or "nowhere"
        raise Trouble(
            f"{host}: it sent us to another address ({elsewhere}), which was not followed",
            outcome=Outcome.UNREADABLE,
            answer=answer,
        )

    def _raise_if_passing(self, answer: Answer, now: datetime) -> None:
        """
        Raises :class:`Passing` for an answer that may be better in a moment.
        """
        if not answer.complete:
            raise Passing(f"{self.access.host}: the answer was cut off", answer=answer)
        refused = refusal(answer, now=now)
        if refused is not None and is_passing(answer, refused):
            raise Passing(refused.detail, answer=answer)


def _same_place(url: str, target: str) -> bool:
    here, there = urlsplit(url), urlsplit(target)
    if here.hostname != there.hostname or _looks_like_login(there.path):
        return False
    same_port = (here.scheme, here.port) == (there.scheme, there.port)
    return same_port or (here.scheme == "http" and there.scheme == "https")


def _looks_like_login(path: str) -> bool:
    return any(word in path.lower() for word in _LOGIN_WORDS)
