"""
Later batches through the page's own endpoint, and back to typing when anything is odd.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support import faultserver as fs
from tests.support.portals import clevy_page_access, ds, postal, seko_access
from tracker.model import Outcome
from tracker.practice.server import JTRACK_DATA_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.crawl import CrawlProcess

NAMES = ("scanned-today", "pre-advice", "chinese", "not-found", "delivered", "held")
NUMBERS = [ds(name) for name in NAMES]
BATCHES = [tuple(NUMBERS[at : at + 2]) for at in (0, 2, 4)]
GOOD = [
    Outcome.EVENTS,
    Outcome.EVENTS,
    Outcome.EVENTS,
    Outcome.NOT_FOUND,
    Outcome.EVENTS,
    Outcome.EVENTS,
]


def outcomes(portal: fs.FaultServer, seko: CrawlProcess, **changed: object) -> list[Outcome]:
    """
    The outcomes of six numbers in three batches.
    """
    access = seko_access(portal.url, batch_size=2, **changed)
    return [report.outcome for report in seko.run(access, NUMBERS, 60)]


def test_one_page_load_serves_the_whole_crawl(seko: CrawlProcess) -> None:
    """
    The second and third batch are asked in the page's own words, with its headers.
    """
    with fs.FaultServer([fs.good]) as portal:
        assert outcomes(portal, seko) == GOOD
        assert (portal.loads, portal.asked) == (1, BATCHES)
        first, *rest = [one for one in portal.exchanges if one.path == JTRACK_DATA_PATH]
    for name in ("content-type", "user-agent", "accept", "referer", "origin", "accept-language"):
        assert {one.headers.get(name) for one in rest} == {first.headers.get(name)}, name


def test_clevys_page_is_replayed_too(clevy: CrawlProcess) -> None:
    """
    Clevy's page posts counted form fields; they are understood.
    """
    with fs.FaultServer([fs.good]) as portal:
        numbers = [postal(name) for name in NAMES]
        access = clevy_page_access(portal.url, batch_size=2)
        assert [report.outcome for report in clevy.run(access, numbers, 60)] == GOOD
        assert portal.loads == 1


def test_an_empty_list_is_asked_on_the_page_too(seko: CrawlProcess) -> None:
    """
    Data that are merely empty may mean "unknown": the sentence that the page makes of it decides.
    """
    names = ("scanned-today", "nothing-yet", "held")
    with fs.FaultServer([fs.good]) as portal:
        access = seko_access(portal.url, batch_size=1)
        reports = seko.run(access, [ds(name) for name in names], 60)
        assert portal.loads == 2
    outcomes = [report.outcome for report in reports]
    assert outcomes == [Outcome.EVENTS, Outcome.NO_EVENTS, Outcome.EVENTS]
    assert reports[1].evidence is not None
    assert reports[1].evidence.screenshot is not None


def test_confirming_looks_are_typed(seko: CrawlProcess) -> None:
    """
    ``by_page_only`` loads the page for each batch and brings a picture of each.
    """
    with fs.FaultServer([fs.good]) as portal:
        access = seko_access(portal.url, batch_size=2, by_page_only=True)
        reports = seko.run(access, NUMBERS, 60)
        assert (portal.loads, portal.asked) == (3, BATCHES)
    assert all(report.evidence and report.evidence.screenshot for report in reports)


ODD: dict[str, fs.Fault] = {
    "error in a 200": fs.json_error,
    "one is missing": fs.first_only,
    "another parcel": fs.other_parcel,
    "empty": fs.empty,
    "no text": fs.wrong_type,
    "404": fs.status(404),
    "403": fs.status(403),
    "419": fs.status(419),
    "500": fs.status(500),
    "dropped": fs.drop,
    "reset": fs.reset,
    "half a body": fs.half_body,
    "broken chunks": fs.broken_chunks,
    "login": fs.html("login"),
    "sent elsewhere": fs.redirect(fs.JTRACK),
}


@pytest.mark.parametrize("fault", ODD.values(), ids=ODD)
def test_anything_odd_is_typed_again_and_for_good(fault: fs.Fault, seko: CrawlProcess) -> None:
    """
    The batch is asked once more by its page, and the endpoint not again in this crawl.
    """
    with fs.FaultServer([fs.good, fault, fs.good]) as portal:
        assert outcomes(portal, seko) == GOOD
        assert portal.loads == 3
        assert portal.asked == [BATCHES[0], BATCHES[1], BATCHES[1], BATCHES[2]]


FINAL: dict[str, fs.Fault] = {
    "429": fs.status(429),
    "403 that names a time": fs.status(403, "Retry-After: 60\r\n"),
    "challenge": fs.html("challenge"),
    "challenge with 403": fs.html("challenge", 403),
}


@pytest.mark.parametrize("fault", FINAL.values(), ids=FINAL)
def test_a_refusal_is_not_answered_by_typing(fault: fs.Fault, seko: CrawlProcess) -> None:
    """
    After a 429, a named wait or a challenge nothing more is asked.
    """
    with fs.FaultServer([fs.good, fault, fs.good]) as portal:
        assert outcomes(portal, seko) == [*GOOD[:2], *[Outcome.BLOCKED] * 4]
        assert (portal.loads, len(portal.asked)) == (1, 2)


def test_a_busy_portal_that_names_a_time_is_left_alone(seko: CrawlProcess) -> None:
    """
    A 503 with Retry-After is passed on and not answered by loading the page.
    """
    busy = fs.status(503, "Retry-After: 30\r\n")
    with fs.FaultServer([fs.good, busy, fs.good]) as portal:
        access = seko_access(portal.url, batch_size=2)
        reports = seko.run(access, NUMBERS[:4], 60)
        assert portal.loads == 1
    assert [report.outcome for report in reports[2:]] == [Outcome.UNREACHABLE] * 2
    assert reports[2].retry_after_seconds == 30


def token_page(exchange: fs.Exchange) -> None:
    """
    A page with a token that is good for one question, and a cookie that is good for ever.
    """
    server = exchange.server
    text = f"""<!DOCTYPE html><textarea name="tracking"></textarea><button>Track</button><pre></pre>
        <script>document.querySelector("button").onclick = async () => {{
          const answer = await fetch("{JTRACK_DATA_PATH}", {{method: "POST", headers:
            {{"X-Token": "{server.loads}"}}, body: JSON.stringify(
            document.querySelector("textarea").value.split("\\n"))}});
          document.querySelector("pre").textContent = await answer.text(); }}</script>"""
    headers = "Set-Cookie: session=s1; HttpOnly\r\n"
    exchange.answer(200, text.encode(), content_type="text/html", headers=headers)


def once_a_token(code: int) -> Callable[[fs.Exchange], None]:
    """
    Good for a token that was not used yet.
    """
    used: set[str] = set()

    def fault(exchange: fs.Exchange) -> None:
        token = exchange.headers.get("x-token", "")
        fresh = token not in used and exchange.headers.get("cookie") == "session=s1"
        used.add(token)
        exchange.answer(200 if fresh else code, exchange.good_body() if fresh else b"")

    return fault


def test_a_token_that_is_good_once_only_costs_one_question(seko: CrawlProcess) -> None:
    """
    A replay that is refused for its token falls back to the page, and no replay follows.
    """
    with fs.FaultServer([once_a_token(403)], page=[token_page]) as portal:
        assert outcomes(portal, seko) == GOOD
        assert (portal.loads, len(portal.asked)) == (3, 4)


def test_the_cookies_of_the_page_go_along(seko: CrawlProcess) -> None:
    """
    The endpoint is asked in the same session as the page.
    """

    def with_cookie(exchange: fs.Exchange) -> None:
        known = exchange.headers.get("cookie") == "session=s1"
        exchange.answer(200 if known else 403, exchange.good_body())

    with fs.FaultServer([with_cookie], page=[token_page]) as portal:
        assert outcomes(portal, seko) == GOOD
        assert (portal.loads, len(portal.asked)) == (1, 3)


ALONE = """<textarea name="tracking"></textarea><div id="out"></div><button onclick="go()">Track
    </button><script>async function go() { for (const n of
      document.querySelector("textarea").value.split("\\n")) { SENDING } }
      async function show(n, body) { const a = await fetch("/mercuryhub/api/consignments", {method:
      "POST", body}); out.insertAdjacentHTML("beforeend", "<pre>" + await a.text() + "</pre>"); }
    </script>"""
CLICKED = """const all = document.querySelector("textarea").value.split("\\n");
    await show("", JSON.stringify(all)); out.insertAdjacentHTML("beforeend", all.map(n =>
    `<p>${n} <button onclick="this.after('x')">Details</button></p>`).join("")); break;"""
NOT_LEARNT = {
    "a question for each number": ALONE.replace("SENDING", "await show(n, JSON.stringify([n]))"),
    "more behind a click": ALONE.replace("SENDING", CLICKED),
}


@pytest.mark.parametrize("body", NOT_LEARNT.values(), ids=NOT_LEARNT)
def test_an_answer_in_several_pieces_is_not_replayed(body: str, seko: CrawlProcess) -> None:
    """
    Where one answer is not the whole answer, each batch is typed.
    """
    with fs.FaultServer([fs.good], page=[fs.own_page(body)]) as portal:
        assert outcomes(portal, seko) == GOOD
        assert portal.loads == 3
        sent = [json.loads(e.body) for e in portal.exchanges if e.path == JTRACK_DATA_PATH]
    assert sorted(number for numbers in sent for number in numbers) == sorted(NUMBERS)
