"""
Seko's page through the real spider and a real browser.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support import faultserver as fs
from tests.support.portals import clevy_page_access, ds, postal, seko_access
from tracker.model import Outcome
from tracker.practice.scenarios import SCENARIOS
from tracker.practice.server import JTRACK_DATA_PATH, JTRACK_PATH, start_practice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.crawl import CrawlProcess
    from tracker.practice.server import PracticeServer

TOLD = {
    "scanned-today": (Outcome.EVENTS, True),
    "scanned-earlier": (Outcome.EVENTS, True),
    "pre-advice": (Outcome.EVENTS, False),
    "nothing-yet": (Outcome.NO_EVENTS, False),
    "not-found": (Outcome.NOT_FOUND, False),
    "held": (Outcome.EVENTS, True),
    "unknown-wording": (Outcome.EVENTS, None),
    "lost": (Outcome.EVENTS, True),
    "delivered": (Outcome.EVENTS, True),
    "chinese": (Outcome.EVENTS, True),
    "another-parcel": (Outcome.MISSING, None),
    "skipped-in-batch": (Outcome.EVENTS, True),
    "skipped": (Outcome.MISSING, None),
}
SPOILT = {
    "unreadable": Outcome.UNREADABLE,
    "forbidden": Outcome.BLOCKED,
    "too-many": Outcome.BLOCKED,
    "broken": Outcome.UNREACHABLE,
    "slow": Outcome.UNREACHABLE,
    "challenge": Outcome.BLOCKED,
    "maintenance": Outcome.UNREACHABLE,
    "login": Outcome.BLOCKED,
    "empty": Outcome.UNREADABLE,
    "truncated": Outcome.UNREACHABLE,
    "busy-once": Outcome.EVENTS,
}


@pytest.fixture(scope="module")
def portal() -> Iterator[PracticeServer]:
    """
    Practice portals for this module.
    """
    with start_practice() as server:
        yield server


def test_the_tables_cover_every_scenario() -> None:
    """
    Each practice scenario has its expected outcome here.
    """
    assert {*TOLD, *SPOILT} == {scenario.name for scenario in SCENARIOS}


def test_one_batch_of_everything_that_is_told(portal: PracticeServer, seko: CrawlProcess) -> None:
    """
    Each number of a mixed batch comes to its own scenario's outcome.
    """
    access = seko_access(portal.url, batch_size=20)
    reports = seko.run(access, [ds(name) for name in TOLD if name != "another-parcel"], 90)
    found = {report.tracking_number: (report.outcome, report.scanned) for report in reports}
    # The practice page takes ten numbers: the last two of the batch are asked again alone.
    assert found == {ds(name): told for name, told in TOLD.items() if name != "another-parcel"}


def test_another_parcels_answer(portal: PracticeServer, seko: CrawlProcess) -> None:
    """
    A page that shows a parcel nobody asked for shows nothing about the asked one.
    """
    (report,) = seko.run(seko_access(portal.url), [ds("another-parcel")], 30)
    assert report.outcome is Outcome.MISSING


@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_answer(name: str, portal: PracticeServer, seko: CrawlProcess) -> None:
    """
    A page whose own question goes wrong never becomes "nothing yet" or "not found".
    """
    access = seko_access(portal.url, timeout_seconds=25 if name != "slow" else 2.5)
    (report,) = seko.run(access, [ds(name)], 30)
    assert report.outcome is SPOILT[name]


def test_a_look_keeps_its_evidence(portal: PracticeServer, seko: CrawlProcess) -> None:
    """
    The answer's address, its status and a picture of the page stay with the report.
    """
    (report,) = seko.run(seko_access(portal.url), [ds("scanned-today")], 30)
    assert report.evidence is not None
    assert (report.evidence.url or "").startswith(portal.url)
    assert report.evidence.http_status == 200
    assert ds("scanned-today") in (report.evidence.body or "")
    assert (report.evidence.screenshot or b"").startswith(b"\x89PNG")


def test_one_page_load_asks_for_a_whole_batch(seko: CrawlProcess) -> None:
    """
    Five numbers cost one page load and one question.
    """
    with start_practice() as portal:
        numbers = [scenario.ds_number for scenario in SCENARIOS[:5]]
        seko.run(seko_access(portal.url), numbers, 30)
        told = [(one.method, one.path, one.numbers) for one in portal.requests]
    assert told == [
        ("GET", JTRACK_PATH, ()),
        ("POST", JTRACK_DATA_PATH, tuple(numbers)),
    ]


def test_clevys_page_without_credentials(portal: PracticeServer, clevy: CrawlProcess) -> None:
    """
    Without credentials Clevy's public page is opened and its own answer is read.
    """
    names = ["scanned-today", "pre-advice", "not-found", "nothing-yet"]
    access = clevy_page_access(portal.url, batch_size=4)
    reports = clevy.run(access, [postal(name) for name in names], 30)
    assert [(one.outcome, one.scanned) for one in reports] == [TOLD[name] for name in names]


NUMBERS = [ds("scanned-today"), ds("pre-advice")]
MARKUPS = {
    "english textarea": """<textarea placeholder="Enter tracking numbers"></textarea>
        <button onclick="ask(document.querySelector('textarea').value)">Track</button>""",
    "chinese input": """<input name="q1"><label for="n">运单号</label><input id="n">
        <a role="button" onclick="ask(document.getElementById('n').value)">查询</a>""",
    "enter only": """<input aria-label="Consignment numbers"
        onkeydown="if (event.key === 'Enter') ask(this.value)">""",
    "site search beside it": """<form onsubmit="return false"><input type="search" name="s"
        placeholder="Search this site"><button>Search</button></form>
        <form onsubmit="ask(this.elements.n.value); return false">
        <textarea name="n" aria-label="Waybill numbers"></textarea>
        <button type="reset">Clear</button><input type="submit" value="Go"></form>""",
    "newsletter beside it": """<input type="text" name="email" placeholder="Your e-mail">
        <button>Subscribe</button><input name="trackingNumbers" id="t">
        <button onclick="ask(document.getElementById('t').value)">Search</button>""",
    "hidden decoy": """<textarea name="tracking" style="display:none"></textarea>
        <textarea name="consignments"></textarea>
        <button onclick="ask(document.getElementsByName('consignments')[0].value)">Find</button>""",
    "shadow root": """<div id="host"></div><script>
        const root = document.getElementById("host").attachShadow({mode: "open"});
        root.innerHTML = '<textarea placeholder="Tracking no."></textarea><button>Track</button>';
        root.querySelector("button").onclick = () => ask(root.querySelector("textarea").value);
        </script>""",
    "frame": """<iframe width="600" height="300"
        srcdoc="<textarea placeholder='Tracking'></textarea>
        <button onclick='parent.ask(document.querySelector(`textarea`).value)'>Track</button>">
        </iframe>""",
    "banner over it": """<div style="position:fixed;inset:0;background:#fff8">We use cookies</div>
        <textarea placeholder="Tracking"></textarea>
        <button onclick="ask(document.querySelector('textarea').value)">Track</button>""",
    "drawn late": """<script>setTimeout(() => { document.body.insertAdjacentHTML("beforeend",
        '<textarea name="tracking"></textarea><button onclick="ask(document.querySelector(' +
        "'textarea'" + ').value)">Track</button>'); }, 700);</script>""",
    "dialog and popup": """<script>setTimeout(() => alert("Welcome"), 1);</script>
        <textarea name="tracking"></textarea><button onclick="window.open('/login');
        ask(document.querySelector('textarea').value)">Track</button>""",
}


@pytest.mark.parametrize("markup", MARKUPS.values(), ids=MARKUPS)
def test_the_form_is_found_by_its_meaning(markup: str, seko: CrawlProcess) -> None:
    """
    Whatever the markup, the numbers are typed into the right field and submitted once.
    """
    with fs.FaultServer([fs.good], page=[fs.own_page(markup)]) as portal:
        seko.run(seko_access(portal.url), NUMBERS, 30)
        assert portal.asked[:1] == [tuple(NUMBERS)]


def test_a_page_without_a_form_is_unreadable(seko: CrawlProcess) -> None:
    """
    Where nothing can be asked, nothing is believed, even if the page says "not found".
    """
    page = fs.own_page("<h1>No record found</h1><p>Call us.</p>")
    with fs.FaultServer([fs.good], page=[page]) as portal:
        (report,) = seko.run(seko_access(portal.url, timeout_seconds=6), NUMBERS[:1], 30)
    assert report.outcome is Outcome.UNREADABLE


def test_a_profile_pins_the_field(tmp_path: Path, seko: CrawlProcess) -> None:
    """
    A portal profile names the field, the button and the separator.
    """
    profile = tmp_path / "seko.toml"
    profile.write_text('[ask]\nfield = "#two"\nbutton = "#send"\nseparator = ";"\n')
    page = fs.own_page("""<textarea name="tracking"></textarea><input id="two" value="">
        <b id="send" onclick="ask(document.getElementById('two').value)">x</b>""")
    with fs.FaultServer([fs.good], page=[page]) as portal:
        seko.run(seko_access(portal.url, profile=str(profile)), NUMBERS, 30)
        assert portal.asked[:1] == [tuple(NUMBERS)]


TRACK = """<textarea name="tracking"></textarea><button onclick="go()">Track</button>"""
TABLE = """`<h2>${number}</h2><table><tr><th>Date</th><th>Event</th></tr><tr>
    <td>2026-11-12 10:00:00</td><td>Parcel received and accepted</td></tr></table>`"""


def test_an_answer_in_two_steps_is_waited_for(seko: CrawlProcess) -> None:
    """
    A page that first gets a ticket and then, by the ticket alone, the events is read at the end.
    """
    page = fs.own_page(f"""{TRACK}<div id="out"></div><script>async function go() {{
        const number = document.querySelector("textarea").value;
        const ticket = await (await fetch("/ticket", {{method: "POST", body: number}})).text();
        await fetch("/result?" + ticket);
        document.getElementById("out").innerHTML = {TABLE}; }}</script>""")
    steps = {"/ticket": fs.slow_text("77", 0.1), "/result?77": fs.slow_text("ok", 1.5)}
    with fs.FaultServer([fs.good], page=[page], paths=steps) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 30)
    assert (report.outcome, report.scanned) == (Outcome.EVENTS, True)


FORM = """<form method="post" action="/go" target="_blank">
    <textarea name="tracking"></textarea><button>Track</button></form>"""


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(200, Outcome.NOT_FOUND), (500, Outcome.UNREACHABLE), (403, Outcome.BLOCKED)],
)
def test_a_form_that_loads_another_page(code: int, outcome: Outcome, seko: CrawlProcess) -> None:
    """
    An old-fashioned form post is followed, and its page is believed only when it came well.
    """
    text = f"<!DOCTYPE html><h1>Results</h1><p>No record found for {NUMBERS[0]}</p>"

    def results(exchange: fs.Exchange) -> None:
        exchange.answer(code, text.encode(), content_type="text/html")

    with fs.FaultServer([fs.good], page=[fs.own_page(FORM)], paths={"/go": results}) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 30)
    assert report.outcome is outcome


def test_a_late_question_is_waited_for(seko: CrawlProcess) -> None:
    """
    "No record" shown before the page has asked its server is not taken for the answer.
    """
    page = fs.own_page(f"""{TRACK}<div id="out"></div><script>function go() {{
        const number = document.querySelector("textarea").value;
        const out = document.getElementById("out");
        out.textContent = "No record found for " + number;
        setTimeout(async () => {{ await fetch("/result?" + number);
          out.innerHTML = {TABLE}; }}, 1500); }}</script>""")
    steps = {f"/result?{NUMBERS[0]}": fs.slow_text("ok", 0.1)}
    with fs.FaultServer([fs.good], page=[page], paths=steps) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 30)
    assert (report.outcome, report.scanned) == (Outcome.EVENTS, True)


def test_a_page_that_asks_nobody_knows_nothing(seko: CrawlProcess) -> None:
    """
    "No record" from a page whose script never asked its server is ``unreadable``.
    """
    page = fs.own_page(f"""{TRACK}<div id="out"></div><script>function go() {{
        document.getElementById("out").textContent =
          "No record found for " + document.querySelector("textarea").value; }}</script>""")
    with fs.FaultServer([fs.good], page=[page]) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 30)
    assert report.outcome is Outcome.UNREADABLE


def test_a_request_that_stays_open_beside_the_question_does_not_spoil_it(
    seko: CrawlProcess,
) -> None:
    """
    A chat or news channel held open for ever costs time but not the answer.
    """
    page = fs.own_page(f"""{TRACK}<script>function go() {{ fetch("/news");
        ask(document.querySelector("textarea").value); }}</script>""")
    with fs.FaultServer([fs.good], page=[page], paths={"/news": fs.hang}) as portal:
        access = seko_access(portal.url, timeout_seconds=6)
        (report,) = seko.run(access, [ds("not-found")], 30)
    assert report.outcome is Outcome.NOT_FOUND


def test_times_drawn_by_a_script_are_read_in_the_assumed_zone(seko: CrawlProcess) -> None:
    """
    A page that draws instants in the browser's zone and manner is read to the same instants.
    """
    page = fs.own_page(f"""<textarea name="tracking"></textarea><div id="out"></div>
        <button onclick="draw()">Track</button><script>function draw() {{
          const at = new Date(Date.UTC(2026, 10, 12, 14, 5, 6)).toLocaleString();
          document.getElementById("out").innerHTML = `<h2>{NUMBERS[0]}</h2><table>
            <tr><th>Date</th><th>Event</th><th>Location</th></tr>
            <tr><td>${{at}}</td><td>Parcel received and accepted</td><td>SHENZHEN</td></tr>
            </table>`; }}</script>""")
    with fs.FaultServer([fs.good], page=[page]) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 30)
    assert report.first_scan_at == datetime(2026, 11, 12, 14, 5, 6, tzinfo=UTC)


def test_pictures_and_fonts_are_not_fetched(seko: CrawlProcess) -> None:
    """
    Decoration costs the portal nothing.
    """
    page = fs.own_page('<img src="/big.png"><textarea name="tracking"></textarea>')
    with fs.FaultServer([fs.good], page=[page]) as portal:
        seko.run(seko_access(portal.url), NUMBERS, 30)
        assert "/big.png" not in {exchange.path for exchange in portal.exchanges}


@pytest.mark.parametrize(
    "fault", [fs.reset, fs.drop, fs.half_body, fs.status(502)], ids=["reset", "drop", "cut", "502"]
)
def test_a_failed_question_is_unreachable(fault: fs.Fault, seko: CrawlProcess) -> None:
    """
    A page that words its own failed question as "no record" proves nothing.
    """
    page = fs.own_page("""<textarea name="tracking"></textarea><p id="out"></p>
        <button onclick="ask(document.querySelector('textarea').value).catch(() => 0).then(() => {
          document.getElementById('out').textContent =
            'No record found for ' + document.querySelector('textarea').value; })">Track</button>
        """)
    with fs.FaultServer([fault], page=[page]) as portal:
        access = seko_access(portal.url)
        (report,) = seko.run(access, NUMBERS[:1], 30)
    assert report.outcome is Outcome.UNREACHABLE
    assert "127.0.0.1" in (report.detail or "")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (fs.status(403), Outcome.BLOCKED),
        (fs.html("challenge", 403), Outcome.BLOCKED),
        (fs.html("maintenance", 503), Outcome.UNREACHABLE),
        (fs.html("challenge"), Outcome.BLOCKED),
        (fs.html("maintenance"), Outcome.UNREACHABLE),
        (fs.status(500), Outcome.UNREACHABLE),
        (fs.redirect("/login"), Outcome.BLOCKED),
        (fs.redirect(JTRACK_PATH), Outcome.UNREACHABLE),
        (fs.hang, Outcome.UNREACHABLE),
        (fs.reset, Outcome.UNREACHABLE),
        (fs.empty, Outcome.UNREADABLE),
    ],
    ids=[
        "403",
        "403c",
        "503m",
        "challenge",
        "maintenance",
        "500",
        "login",
        "loop",
        "hang",
        "rst",
        "empty",
    ],
)
def test_a_page_that_does_not_come(fault: fs.Fault, outcome: Outcome, seko: CrawlProcess) -> None:
    """
    A page that cannot be opened, or is another page, is a failed look.
    """
    with fs.FaultServer([fs.good], page=[fault]) as portal:
        access = seko_access(portal.url, timeout_seconds=2.5 if fault is fs.hang else 5)
        (report,) = seko.run(access, NUMBERS[:1], 30)
    assert report.outcome is outcome


def test_a_page_that_blocks_its_own_thread(seko: CrawlProcess) -> None:
    """
    An endless loop in the page's script ends with the look's time limit.
    """
    page = fs.own_page("""<textarea name="tracking"></textarea>
        <button onclick="for (;;) {}">Track</button>""")
    with fs.FaultServer([fs.good], page=[page]) as portal:
        (report,) = seko.run(seko_access(portal.url, timeout_seconds=3), NUMBERS[:1], 20)
    assert (report.outcome, report.detail) == (
        Outcome.UNREACHABLE,
        "127.0.0.1: no answer within 3 s",
    )


def test_a_self_signed_page_is_refused(tmp_path: Path, seko: CrawlProcess) -> None:
    """
    The browser too asks nobody whose certificate cannot be verified.
    """
    with fs.FaultServer([fs.good], tls=fs.self_signed(tmp_path)) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 30)
    assert report.outcome is Outcome.UNREACHABLE
    assert report.detail == "127.0.0.1: its certificate could not be verified"
