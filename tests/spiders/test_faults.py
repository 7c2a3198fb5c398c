"""
Every fault through the pages of both carriers: the right outcome in time, and the next look works.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.support import faultserver as fs
from tests.support.portals import clevy_page_access, ds, postal, seko_access
from tests.support.processes import browser_of, megabytes
from tracker.crawl import CrawlProcess
from tracker.model import CarrierName, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracker.crawl import CarrierAccess
    from tracker.model import LookReport

BAD = {Outcome.UNREACHABLE, Outcome.UNREADABLE, Outcome.BLOCKED, Outcome.MISSING}


class Carrier:
    """
    One carrier's page: its crawl process, an address at a portal, and a number with a scan.
    """

    def __init__(self, name: CarrierName, process: CrawlProcess) -> None:
        self.process = process
        self.name = name
        self.number = (ds if name is CarrierName.SEKO else postal)("scanned-today")

    def access(self, url: str, **changed: object) -> CarrierAccess:
        """
        Its page at a loopback portal.
        """
        return (seko_access if self.name is CarrierName.SEKO else clevy_page_access)(url, **changed)

    def look(self, url: str, **changed: object) -> LookReport:
        """
        One look at the number.
        """
        (report,) = self.process.run(self.access(url, **changed), [self.number], 60)
        return report


@pytest.fixture(params=list(CarrierName))
def carrier(
    request: pytest.FixtureRequest, seko: CrawlProcess, clevy: CrawlProcess
) -> Iterator[Carrier]:
    """
    Each carrier in turn; afterwards its process, the same one, makes a good look.
    """
    name = CarrierName(request.param)
    one = Carrier(name, seko if name is CarrierName.SEKO else clevy)
    yield one
    with fs.FaultServer([fs.good]) as portal:
        assert one.look(portal.url).scanned is True


DATA: dict[str, tuple[fs.Fault, Outcome]] = {
    "delay": (fs.later(1.0), Outcome.EVENTS),
    "hang": (fs.hang, Outcome.UNREACHABLE),
    "drop": (fs.drop, Outcome.UNREACHABLE),
    "reset": (fs.reset, Outcome.UNREACHABLE),
    # Chromium takes headers that end early for whole ones: an empty answer.
    "half headers": (fs.half_headers, Outcome.UNREADABLE),
    "half body": (fs.half_body, Outcome.UNREACHABLE),
    "broken chunks": (fs.broken_chunks, Outcome.UNREACHABLE),
    "never ending": (fs.never_ending, Outcome.UNREACHABLE),
    "wrong type": (fs.wrong_type, Outcome.UNREADABLE),
    "empty": (fs.empty, Outcome.UNREADABLE),
    "error in a 200": (fs.json_error, Outcome.UNREADABLE),
    "another parcel": (fs.other_parcel, Outcome.MISSING),
    "challenge": (fs.html("challenge"), Outcome.BLOCKED),
    "challenge 403": (fs.html("challenge", 403), Outcome.BLOCKED),
    "maintenance": (fs.html("maintenance"), Outcome.UNREACHABLE),
    "maintenance 503": (fs.html("maintenance", 503), Outcome.UNREACHABLE),
    "login": (fs.redirect("/login"), Outcome.BLOCKED),
    "403": (fs.status(403), Outcome.BLOCKED),
    "429": (fs.status(429, "Retry-After: 60\r\n"), Outcome.BLOCKED),
    "500": (fs.status(500), Outcome.UNREACHABLE),
    "404": (fs.status(404), Outcome.UNREADABLE),
}
SLOW = {"hang", "never ending"}


@pytest.mark.parametrize("name", DATA)
def test_a_fault_in_the_pages_own_question(name: str, carrier: Carrier) -> None:
    """
    The page's question goes wrong on the wire or in its content.
    """
    fault, outcome = DATA[name]
    with fs.FaultServer([fault]) as portal:
        report = carrier.look(portal.url, timeout_seconds=5 if name in SLOW else 20)
    assert report.outcome is outcome, report.detail


def endless(exchange: fs.Exchange) -> None:
    """
    A redirect to another address, again and again.
    """
    exchange.answer(302, headers=f"Location: {exchange.path.split('?')[0]}?{time.monotonic()}\r\n")


PAGE: dict[str, tuple[fs.Fault, Outcome]] = {
    "delay": (fs.later_page(1.0), Outcome.EVENTS),
    "hang": (fs.hang, Outcome.UNREACHABLE),
    "drop": (fs.drop, Outcome.UNREACHABLE),
    "reset": (fs.reset, Outcome.UNREACHABLE),
    # Chromium takes headers that end early for whole ones: an empty answer.
    "half headers": (fs.half_headers, Outcome.UNREADABLE),
    "never ending": (fs.never_ending, Outcome.UNREACHABLE),
    "wrong type": (fs.wrong_type, Outcome.UNREADABLE),
    "empty": (fs.empty, Outcome.UNREADABLE),
    "challenge": (fs.html("challenge"), Outcome.BLOCKED),
    "maintenance": (fs.html("maintenance", 503), Outcome.UNREACHABLE),
    "login": (fs.redirect("/login"), Outcome.BLOCKED),
    "redirect loop": (endless, Outcome.UNREACHABLE),
    "download": (fs.download, Outcome.UNREADABLE),
}


@pytest.mark.parametrize("name", PAGE)
def test_a_fault_in_the_page(name: str, carrier: Carrier) -> None:
    """
    The page itself does not come, or something else comes in its place.
    """
    fault, outcome = PAGE[name]
    with fs.FaultServer([fs.good], page=[fault]) as portal:
        report = carrier.look(portal.url, timeout_seconds=4 if name in SLOW else 15)
    assert report.outcome is outcome, report.detail
    assert "our own code" not in (report.detail or "")


def test_a_certificate_error(tmp_path: Path, carrier: Carrier) -> None:
    """
    Nobody whose certificate cannot be verified is asked.
    """
    with fs.FaultServer([fs.good], tls=fs.self_signed(tmp_path)) as portal:
        report = carrier.look(portal.url)
        assert portal.exchanges == []
    assert report.detail == "127.0.0.1: its certificate could not be verified"


FORM = """<textarea name="tracking"></textarea><button onclick="STUCK;
    ask(document.querySelector('textarea').value)">Track</button>"""
PAGES = {
    "hung at the submit": (FORM.replace("STUCK", "for (;;) {}"), {Outcome.UNREACHABLE}),
    "hung at once": (FORM + "<script>setTimeout(() => { for (;;) {} })</script>",
                     {Outcome.UNREACHABLE}),
    "alert without end": (FORM + "<script>setInterval(() => alert('!'), 50)</script>", BAD),
    "goes away": (FORM + "<script>setInterval(() => location.reload(), 300)</script>", BAD),
    "closes itself": (FORM.replace("STUCK", "window.close()"), BAD),
    "popups without end": (FORM + "<script>setInterval(() => open('/ad'), 100)</script>", BAD),
    "eats memory": (FORM.replace("STUCK", "const a = []; for (;;) a.push(new Uint8Array(1e8)"
                    ".fill(1))"), {Outcome.UNREACHABLE}),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_misbehaves(name: str, carrier: Carrier) -> None:
    """
    Whatever a page does, the look ends in time and invents nothing.
    """
    body, outcomes = PAGES[name]
    with fs.FaultServer([fs.good], page=[fs.own_page(body)]) as portal:
        report = carrier.look(portal.url, timeout_seconds=6)
    assert report.outcome in outcomes or report.scanned is True


def test_a_browser_killed_in_mid_look(carrier: Carrier) -> None:
    """
    The look is made again with a new browser, in the same crawl process.
    """
    with fs.FaultServer([fs.good]) as portal:
        carrier.look(portal.url)
    before = carrier.process.pid
    assert before is not None
    browser = browser_of(before)

    def killing(exchange: fs.Exchange) -> None:
        os.kill(browser, signal.SIGKILL)

    with fs.FaultServer([killing, fs.good]) as portal:
        report = carrier.look(portal.url, timeout_seconds=30)
    assert report.scanned is True
    assert carrier.process.pid == before
    assert browser_of(before) != browser


FAST = """<textarea name="tracking"></textarea>
    <button onclick="ask(document.querySelector('textarea').value)">Track</button>"""
GROWTH_MB = 150.0  # measured: 60 MB, the browser's caches filling up
CEILING_MB = 1000.0  # measured: 680 MB, pages that the processes share counted by each of them


def some(start: int) -> Sequence[str]:
    """
    Twenty-five numbers.
    """
    return [f"JG-NJS-{start + at:09d}-5711" for at in range(25)]


def test_three_hundred_looks_in_one_browser() -> None:
    """
    Three hundred looks, half of them typed, stay in one browser and under a memory ceiling.
    """
    taken = []
    page = [fs.own_page(FAST)]
    with fs.FaultServer([fs.good], page=page) as portal, CrawlProcess(CarrierName.SEKO) as crawls:
        replayed = seko_access(portal.url, batch_size=1, requests_per_minute=1e9)
        typed = seko_access(
            portal.url, batch_size=1, requests_per_minute=1e9, by_page_only=True, concurrency=4
        )
        for fifty in range(6):
            reports = crawls.run(typed, some(100 * fifty), 200)
            reports += crawls.run(replayed, some(100 * fifty + 50), 200)
            assert {report.outcome.is_good for report in reports} == {True}
            assert crawls.pid is not None
            taken.append((browser_of(crawls.pid), megabytes(crawls.pid)))
        assert len(portal.asked) == 300
        assert portal.loads >= 156
    assert len({browser for browser, _ in taken}) == 1
    first, last = taken[0][1], taken[-1][1]
    assert last - first < GROWTH_MB, taken
    assert last < CEILING_MB, taken


def test_a_page_that_stays_broken_keeps_what_came(carrier: Carrier) -> None:
    """
    A 502 in the page's place, after all tries, leaves its status and body as evidence.
    """
    with fs.FaultServer([fs.good], page=[fs.status(502)]) as portal:
        report = carrier.look(portal.url, timeout_seconds=10)
    assert report.outcome is Outcome.UNREACHABLE
    assert report.evidence is not None, report.detail
    assert report.evidence.http_status == 502
    assert "told" in (report.evidence.body or "")
