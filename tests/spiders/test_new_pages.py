"""
Results in a new page, and pages that open beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import faultserver as fs
from tests.support.portals import seko_access
from tests.support.visits import NUMBERS
from tracker.model import Outcome

if TYPE_CHECKING:
    from tests.support.visits import Visits
    from tracker.crawl import CrawlProcess

TOLD = "<!DOCTYPE html><h1>Results</h1><p>{number} is seen</p>"
FIELD = '<textarea name="tracking" id="t"></textarea>'


def results(exchange: fs.Exchange) -> None:
    """
    A page about the first number.
    """
    text = TOLD.format(number=NUMBERS[0])
    exchange.answer(200, text.encode(), content_type="text/html")


def asking(exchange: fs.Exchange) -> None:
    """
    A page that asks for its data by itself.
    """
    text = """<!DOCTYPE html><p id="out">Loading...</p><script>fetch("/data").then(a => a.text())
        .then(text => { out.textContent = text; })</script>"""
    exchange.answer(200, text.encode(), content_type="text/html")


OPENING = {
    "form": f'<form method="post" action="/go" target="_blank">{FIELD}'
    "<button>Track</button></form>",
    "form without an opener": f'<form action="/go" method="post" target="_blank" rel="noopener">'
    f"{FIELD}<button>Track</button></form>",
    "script": f"""{FIELD}<button onclick="window.open('/go')">Track</button>""",
    "after a question": f"""{FIELD}<button onclick="fetch('/ticket', {{method: 'POST',
        body: t.value}}).then(() => window.open('/go'))">Track</button>""",
    "written": f"""{FIELD}<button onclick="const w = window.open(''); fetch('/ticket', {{method:
        'POST', body: t.value}}).then(() => w.document.write('{TOLD.format(number=NUMBERS[0])}'))">
        Track</button>""",
    "beside an advertisement": f"""{FIELD}<button onclick="window.open('/ad'); window.open('/go');
        window.open('/ad')">Track</button>""",
    "it asks by itself": f"""{FIELD}<button onclick="window.open('/asking')">Track</button>""",
}


@pytest.mark.parametrize("body", OPENING.values(), ids=OPENING)
def test_the_page_that_shows_the_answer_is_read(body: str, visits: Visits) -> None:
    """
    It is waited for, saved and pictured; every other page is closed.
    """
    paths = {
        "/go": results,
        "/ticket": fs.slow_text("7", 0.1),
        "/ad": fs.slow_text("buy!", 0.0),
        "/asking": asking,
        "/data": fs.slow_text(f"{NUMBERS[0]} is seen", 0.4),
    }
    capture = visits.visit(body, paths=paths).capture
    assert f"{NUMBERS[0]} is seen" in capture.html
    assert not capture.url.endswith("/jtrack")
    assert (capture.screenshot or b"").startswith(b"\x89PNG")


def test_data_that_a_new_page_fetches_counts(visits: Visits) -> None:
    """
    The data answers of the page that opened are the visit's.
    """
    paths = {"/asking": asking, "/data": fs.slow_text(f"{NUMBERS[0]} is seen", 0.2)}
    capture = visits.visit(OPENING["it asks by itself"], paths=paths).capture
    assert [answer.body for answer in capture.answers] == [f"{NUMBERS[0]} is seen"]


def test_the_own_page_stays_the_one_beside_advertisements(visits: Visits) -> None:
    """
    Pages that show none of the numbers are closed, and the own page's answer is read.
    """
    body = f"""<script>window.open("/ad")</script>{FIELD}<button onclick="window.open('/ad');
        window.open('/never'); ask(t.value)">Track</button>"""
    paths = {"/ad": fs.slow_text("buy!", 0.0), "/never": fs.hang}
    visited = visits.visit(body, paths=paths, seconds=10)
    assert visited.capture.url.endswith("/jtrack")
    assert len(visited.capture.answers) == 1


@pytest.mark.parametrize(("code", "outcome"), [(500, Outcome.UNREACHABLE), (403, Outcome.BLOCKED)])
def test_a_new_page_that_fails(code: int, outcome: Outcome, seko: CrawlProcess) -> None:
    """
    A status that refuses is the look's outcome, whatever the page says.
    """
    text = f"<p>No record found for {NUMBERS[0]}</p>".encode()

    def failing(exchange: fs.Exchange) -> None:
        exchange.answer(code, text, content_type="text/html")

    page = fs.own_page(OPENING["form"])
    with fs.FaultServer([fs.good], page=[page], paths={"/go": failing}) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 30)
    assert report.outcome is outcome


HANGING = {
    "never comes": fs.hang,
    "never ends": lambda exchange: exchange.answer(
        200, b"<script>for (;;) {}</script>", content_type="text/html"
    ),
}


@pytest.mark.parametrize("fault", HANGING.values(), ids=HANGING)
def test_a_new_page_that_hangs_ends_with_the_time_limit(
    fault: fs.Fault, seko: CrawlProcess
) -> None:
    """
    The look is ``unreachable`` within its limit, and the next one is good.
    """
    page = fs.own_page(OPENING["form"])
    good = fs.own_page(f"{FIELD}<button onclick='ask(t.value)'>Track</button>")
    with fs.FaultServer([fs.good], page=[page, good], paths={"/go": fault}) as portal:
        access = seko_access(portal.url, timeout_seconds=6)
        (report,) = seko.run(access, NUMBERS[:1], 30)
        assert report.outcome is Outcome.UNREACHABLE
        (report,) = seko.run(access, NUMBERS[:1], 30)
        assert report.outcome.is_good
