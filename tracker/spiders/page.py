"""
A portal's public page, opened in a real browser: what Seko's spider and Clevy's page share.
"""

from __future__ import annotations

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
from tracker.spiders.doubt import doubt_of
from tracker.spiders.drawing import picture, snapshot
from tracker.spiders.replay import (
    Endpoint,
    as_capture,
    is_echoed,
    is_final,
    same_reading,
    the_question,
)
from tracker.spiders.sockets import hear_sockets
from tracker.spiders.trouble import Passing, Trouble, page_trouble
from tracker.spiders.visit import Visited, visit
from tracker.spiders.windows import close_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scrapy.http import Response

    from tracker.model import LookReport
    from tracker.pages.capture import Answer
    from tracker.spiders.asking import Attempt


class PageSpider(CarrierSpider):
    """
    Asks a portal's page for batches of numbers, each batch on a freshly loaded page.

    A page is not asked twice: the sentence left by the last answer could be taken for the new
    one's (promises.md R6). Once the page's own question was recognised, further batches of the
    crawl are asked in its words without the page, as long as every answer is understood.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.profile = load_profile(self.access.carrier, self.access.profile)
        most = self.profile.ask.batch_size or self.access.batch_size
        self.access = replace(self.access, batch_size=min(most, self.access.batch_size))
        self._endpoint: Endpoint | None = None
        self._may_replay = not self.access.by_page_only

    async def look(self, attempt: Attempt) -> Sequence[LookReport]:
        """
        The reports of one batch, from one question to the page's own endpoint or one page load.
        """
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is not None:
            reports = await self._replayed(endpoint, attempt)
            if reports is not None:
                return reports
        return await self._typed(attempt)

    async def _replayed(self, endpoint: Endpoint, attempt: Attempt) -> Sequence[LookReport] | None:
        """
        The reports when the endpoint's answer was understood, or was a refusal for good.

        Else the page is to be asked; the endpoint is not asked again in this crawl, unless it only
        had an empty list to tell.
        """
        question = endpoint.question(attempt.numbers)
        if question is None:
            self._endpoint = endpoint  # more numbers than it was seen to take: others may fit
            return None
        try:
            answer = await endpoint.answer(question, attempt.seconds_left / 2)
        except Error:
            answer = None
        reports = self._understood(endpoint, answer, attempt)
        if reports is not None and any(r.outcome is Outcome.NO_EVENTS for r in reports):
            # An empty list may mean "unknown" too: the sentence that the page makes of it says.
            reports = None
        elif reports is None:
            self._may_replay = False
        if reports is None:
            await self.pace.slot(attempt.seconds_left)  # the page is another question
        return reports

    def _understood(
        self, endpoint: Endpoint, answer: Answer | None, attempt: Attempt
    ) -> Sequence[LookReport] | None:
        if answer is None:
            return None
        now = utc_now()
        reports = self._reports(as_capture(endpoint.page_url, answer), attempt, now)
        refused = is_final(answer, now)
        if refused is not None:
            told = (refused.outcome, refused.detail, refused.retry_after_seconds)
            return [_overruled(report, *told) for report in reports]
        good = all(r.outcome.is_good and is_echoed(r.tracking_number, answer) for r in reports)
        if not good:
            return None
        self._endpoint = endpoint
        return reports

    async def _typed(self, attempt: Attempt) -> Sequence[LookReport]:
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
            reports = await self._read(visited, attempt)
            await self._learn(page, visited, attempt, reports)
        except Error as error:
            raise page_trouble(
                error.message, self.access.host, self.access.timeout_seconds
            ) from error
        except RuntimeError as error:
            # scrapy-playwright's way to say that something to be saved came in the page's place.
            if not str(error).startswith("Failed to download"):
                raise
            told = f"{self.access.host}: instead of the page a file came, which was refused"
            raise Trouble(told, outcome=Outcome.UNREADABLE) from error
        finally:
            await close_page(request.meta.get("playwright_page"))
        return reports

    async def _learn(
        self, page: Page, visited: Visited, attempt: Attempt, reports: Sequence[LookReport]
    ) -> None:
        """
        The endpoint is known when its one answer alone reads as the whole page did.
        """
        if not self._may_replay or not all(report.outcome.is_good for report in reports):
            return
        asked = await the_question(visited, attempt.numbers)
        if asked is None:
            return
        question, answer = asked
        alone = self._reports(as_capture(visited.capture.url, answer), attempt, utc_now())
        if same_reading(reports, alone):
            self._endpoint = Endpoint(visited.capture.url, question, attempt.numbers, page.context)

    def _request(self, attempt: Attempt) -> Request:
        return Request(
            self.access.url,
            dont_filter=True,
            meta={
                "playwright": True,
                "playwright_include_page": True,
                "playwright_page_init_callback": hear_sockets,
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
        answer = replace(answer_of(response), url=page.url)
        refused = refusal(replace(answer, body=""), now=now)
        if refused is None:
            return None
        if is_passing(answer, refused):
            raise Passing(refused.detail, answer=answer)
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
        if visited.hindrance is not None:
            return [self._hindered(report, visited.hindrance) for report in reports]
        doubts = doubt_of(visited, answers, self.access, now)
        passing = next((one for one in doubts.values() if isinstance(one, Passing)), None)
        if passing is not None and not any(_has_events(report) for report in reports):
            raise passing
        return [_doubted(report, doubts.get(report.tracking_number.upper())) for report in reports]

    def _hindered(self, report: LookReport, hindrance: Trouble) -> LookReport:
        """
        A report that says what kept the page from being asked or read.
        """
        if report.outcome is Outcome.EVENTS or report.outcome is Outcome.BLOCKED:
            return report
        return _overruled(
            report, hindrance.outcome, f"{self.access.host}: {hindrance.detail}", None
        )

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


def _doubted(report: LookReport, doubt: Trouble | None) -> LookReport:
    """
    A report that shows no events is overruled by a doubt; what was seen was seen.
    """
    if doubt is None or _has_events(report) or report.outcome is Outcome.BLOCKED:
        return report
    return _overruled(report, doubt.outcome, doubt.detail, doubt.retry_after_seconds)


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
