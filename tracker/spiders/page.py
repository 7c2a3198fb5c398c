"""
A portal's public page, opened in a real browser: what Seko's spider and Clevy's page share.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error, Page
from scrapy import Request

from tracker.clock import utc_now
from tracker.model import Outcome
from tracker.pages.capture import PageCapture
from tracker.pages.http import refusal
from tracker.pages.portal import read_portal
from tracker.profiles import load_profile
from tracker.spiders.answers import answer_of, is_passing
from tracker.spiders.base import CarrierSpider
from tracker.spiders.trouble import Passing, Trouble, no_answer, page_trouble
from tracker.spiders.visit import Visited, picture, snapshot, visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scrapy.http import Response

    from tracker.model import LookReport
    from tracker.pages.capture import Answer
    from tracker.spiders.asking import Attempt

_CLOSING_SECONDS = 3.0


class PageSpider(CarrierSpider):
    """
    Asks a portal's page for batches of numbers, each batch on a freshly loaded page.

    A page is not asked twice: the sentence left by the last answer could be taken for the new
    one's (promises.md R6).
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.profile = load_profile(self.access.carrier, self.access.profile)

    async def look(self, attempt: Attempt) -> Sequence[LookReport]:
        """
        The reports of one batch, from one page load and one submit.
        """
        request = self._request(attempt)
        try:
            response = await self.download(request)
            page: Page = request.meta["playwright_page"]
            refused = await self._refused_page(page, response, attempt)
            if refused is not None:
                return refused
            visited = await visit(page, response.status, attempt, self.profile.ask)
            return await self._read(visited, attempt)
        except Error as error:
            raise page_trouble(
                error.message, self.access.host, self.access.timeout_seconds
            ) from error
        finally:
            await _close(request.meta.get("playwright_page"))

    def _request(self, attempt: Attempt) -> Request:
        return Request(
            self.access.url,
            dont_filter=True,
            meta={
                "playwright": True,
                "playwright_include_page": True,
                "playwright_context_kwargs": {
                    "ignore_https_errors": not self.access.verify_tls,
                    "accept_downloads": False,
                    "service_workers": "block",  # they would hide the page's own answers
                    # Times that a script draws in the browser's zone then agree with the zone
                    # that is assumed for times without one (domain.md 3.1); South Africa's
                    # English writes 2026/11/20, 22:05:06: nothing there can be confused.
                    "timezone_id": "Asia/Shanghai",
                    "locale": "en-ZA",
                },
                "playwright_page_goto_kwargs": {
                    "timeout": attempt.seconds_left * 1000,
                    "wait_until": "domcontentloaded",
                },
                "download_timeout": attempt.seconds_left,
            },
        )

    async def _refused_page(
        self, page: Page, response: Response, attempt: Attempt
    ) -> Sequence[LookReport] | None:
        """
        The reports when the page itself was refused; ``None`` when it may be asked.

        Raises :class:`Passing` for a refusal that may be over in a moment.
        """
        now = utc_now()
        # Without its body: whether a page that came is a form or an obstacle shows at the submit.
        answer = replace(answer_of(response), url=page.url, body="")
        refused = refusal(answer, now=now)
        if refused is None:
            return None
        if is_passing(answer, refused):
            raise Passing(refused.detail)
        capture = PageCapture(
            url=page.url,
            status=response.status,
            html_before=None,
            html=await snapshot(page),
            submitted=False,
            screenshot=await picture(page),
        )
        return [
            _overruled(report, refused.outcome, refused.detail, refused.retry_after_seconds)
            for report in self._reports(capture, attempt, now)
        ]

    async def _read(self, visited: Visited, attempt: Attempt) -> Sequence[LookReport]:
        """
        What the page said, less what it cannot have known: its own question failed or is open.
        """
        now = utc_now()
        answers = await visited.traffic.answers_to_us()
        reports = self._reports(visited.capture, attempt, now)
        doubt = self._doubt(visited, answers, now)
        if doubt is None:
            return reports
        if isinstance(doubt, Passing) and not any(_has_events(report) for report in reports):
            raise doubt
        return [
            report
            if _has_events(report) or report.outcome is Outcome.BLOCKED
            else _overruled(report, doubt.outcome, doubt.detail, doubt.retry_after_seconds)
            for report in reports
        ]

    def _reports(
        self, capture: PageCapture, attempt: Attempt, now: datetime
    ) -> Sequence[LookReport]:
        self.keep(attempt.numbers, capture)
        return read_portal(
            capture,
            attempt.numbers,
            carrier=self.access.carrier,
            looked_at=now,
            profile=self.profile.read,
            tables=self.tables,
        )

    def _doubt(self, visited: Visited, answers: Sequence[Answer], now: datetime) -> Trouble | None:
        """
        Why a page that shows no events proves nothing: a script may word any failure as "none".
        """
        host = self.access.host
        if visited.timed_out or visited.traffic.waiting_for_us:
            return no_answer(host, self.access.timeout_seconds)
        if visited.capture.submitted and not visited.traffic.asked:
            return Trouble(
                f"{host}: the page did not ask its server after the submit",
                outcome=Outcome.UNREADABLE,
            )
        if visited.traffic.failure is not None:
            return Passing(f"{host}: the page's own question failed: {visited.traffic.failure}")
        for answer in answers:
            refused = refusal(answer, now=now)
            if refused is not None:
                return (Passing if is_passing(answer, refused) else Trouble)(
                    refused.detail,
                    outcome=refused.outcome,
                    retry_after_seconds=refused.retry_after_seconds,
                )
        return None


def _has_events(report: LookReport) -> bool:
    return report.outcome is Outcome.EVENTS


def _overruled(
    report: LookReport, outcome: Outcome, detail: str, retry_after_seconds: float | None
) -> LookReport:
    return replace(
        report,
        outcome=outcome,
        events=(),
        detail=detail,
        retry_after_seconds=retry_after_seconds,
    )


async def _close(page: Page | None) -> None:
    """
    The page is closed, or its browser is gone; a page that will not close is left behind.
    """
    if page is None or page.is_closed():
        return
    with contextlib.suppress(Error, TimeoutError):
        await asyncio.wait_for(page.close(), _CLOSING_SECONDS)
