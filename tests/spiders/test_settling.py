"""
Answers that come by every way a page has, read once they are whole.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.support import faultserver as fs
from tests.support.portals import seko_access
from tests.support.visits import NUMBERS
from tracker.model import Outcome

if TYPE_CHECKING:
    from tests.support.visits import Visits
    from tracker.crawl import CrawlProcess

HEAD = """<textarea name="tracking" id="t"></textarea><button onclick="go()">Track</button>
    <p id="busy"></p><div id="out"></div><script>const n = () => t.value.trim();
    const told = text => { out.innerHTML = text; };
    """
FORM = "<form action=/go><textarea name=no></textarea><button>Track</button></form>"
SEEN = f"No record found for {NUMBERS[0]}"


def socket(exchange: fs.Exchange) -> None:
    """
    A web socket that answers the first message after a moment.
    """
    key = exchange.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    exchange.socket.sendall(
        "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    exchange.socket.recv(1000)
    exchange.server.closing.wait(0.5)
    exchange.socket.sendall(bytes([0x81, len(SEEN)]) + SEEN.encode())
    exchange.server.closing.wait(20)


def stream(exchange: fs.Exchange) -> None:
    """
    A stream of events that tells one and stays open.
    """
    exchange.socket.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + f"data: {SEEN}\n\n".encode()
    )
    exchange.server.closing.wait(20)


def script(exchange: fs.Exchange) -> None:
    """
    An answer as a script that calls back.
    """
    exchange.server.closing.wait(0.6)
    exchange.answer(200, f'told("{SEEN}")'.encode(), content_type="text/javascript")


def ready_at_third(exchange: fs.Exchange) -> None:
    """
    "pending" twice, then the answer.
    """
    times = sum(one.path == exchange.path for one in exchange.server.exchanges)
    exchange.answer(200, (SEEN if times > 2 else "pending").encode(), content_type="text/plain")


WAYS: dict[str, tuple[str, dict[str, fs.Fault]]] = {
    "worker": (
        """const go = () => { const w = new Worker("/w.js"); w.onmessage = m => told(m.data);
        w.postMessage(n()); };""",
        {
            "/w.js": lambda e: e.answer(
                200,
                b"onmessage = async m => postMessage(await (await fetch('/r?' + m.data)).text())",
                content_type="text/javascript",
            ),
            f"/r?{NUMBERS[0]}": fs.slow_text(SEEN, 0.8),
        },
    ),
    "script that calls back": (
        """const go = () => { const s = document.createElement("script");
        s.src = "/cb?no=" + n(); document.body.append(s); };""",
        {f"/cb?no={NUMBERS[0]}": script},
    ),
    "web socket": (
        """const go = () => { const w = new WebSocket("ws://" + location.host + "/ws");
        w.onopen = () => w.send(n()); w.onmessage = m => told(m.data); };""",
        {"/ws": socket},
    ),
    "event stream": (
        """const go = () => { new EventSource("/stream?" + n()).onmessage =
        m => told(m.data); };""",
        {f"/stream?{NUMBERS[0]}": stream},
    ),
    "polled while it says so": (
        """const go = () => { busy.textContent = "Loading..."; const poll = async () => {
        const text = await (await fetch("/poll?" + n())).text(); if (text === "pending")
        return setTimeout(poll, 900); busy.textContent = ""; told(text); }; poll(); };""",
        {f"/poll?{NUMBERS[0]}": ready_at_third},
    ),
    "polled in Chinese": (
        """const go = () => { busy.textContent = "正在查询，请稍候"; const poll = async () => {
        const text = await (await fetch("/poll?" + n())).text(); if (text === "pending")
        return setTimeout(poll, 900); busy.textContent = ""; told(text); }; poll(); };""",
        {f"/poll?{NUMBERS[0]}": ready_at_third},
    ),
    "polled in silence": (
        """const go = () => { const poll = async () => { const text = await (await fetch("/poll?" +
        n())).text(); if (text === "pending") setTimeout(poll, 900); else told(text); }; poll(); };
        """,
        {f"/poll?{NUMBERS[0]}": ready_at_third},
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_an_answer_by_any_way_is_waited_for(name: str, seko: CrawlProcess) -> None:
    """
    "No record" that the server told, whatever way it came, is the answer.
    """
    body, paths = WAYS[name]
    page = fs.own_page(f"{HEAD}{body}</script>")
    with fs.FaultServer([fs.good], page=[page], paths=paths) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 40)
    assert report.outcome is Outcome.NOT_FOUND, report.detail


ALONE = {
    "a script of another site": """const go = () => { const s = document.createElement("script");
        s.src = "http://localhost:1/count.js"; document.body.append(s); told("SEEN"); };""",
    "a frame of another site": """const go = () => { const f = document.createElement("iframe");
        f.src = "http://localhost:1/ad"; document.body.append(f); told("SEEN"); };""",
    "a new page written by itself": """const go = () => { window.open("").document.write("SEEN") };
        """,
}


@pytest.mark.parametrize("name", ALONE)
def test_what_asks_others_only_knows_nothing(name: str, seko: CrawlProcess) -> None:
    """
    "No record" from a page that loaded somebody else's counter and asked nobody is ``unreadable``.
    """
    page = fs.own_page(f"{HEAD}{ALONE[name].replace('SEEN', SEEN)}</script>")
    with fs.FaultServer([fs.good], page=[page]) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 40)
    assert report.outcome is Outcome.UNREADABLE
    assert "did not ask its server" in (report.detail or "")


def test_an_answer_without_our_numbers_is_given_time_to_be_drawn(visits: Visits) -> None:
    """
    A page that draws a second after its answer came is read after that.
    """
    body = f"""{HEAD}const go = async () => {{ await fetch("/r?" + n());
        setTimeout(() => told("{SEEN}"), 1000); }};</script>"""
    paths = {f"/r?{NUMBERS[0]}": fs.slow_text("x8f3", 0.1)}
    html = visits.visit(body, NUMBERS[:1], paths=paths).capture.html
    assert f'<div id="out">{SEEN}</div>' in html


def test_a_field_that_says_what_it_is_for_is_waited_for(visits: Visits) -> None:
    """
    A nameless field that is there first is not taken while a better one is being drawn.
    """
    body = """<input name="q"><button onclick="document.title = 'wrong'">Go</button><div id="app">
        </div><script>setTimeout(() => { app.innerHTML = `<textarea id="t" aria-label="Tracking
        numbers"></textarea><button onclick="ask(t.value)">Track</button>`; }, 700)</script>"""
    capture = visits.visit(body).capture
    assert "<title>wrong" not in capture.html
    assert len(capture.answers) == 1


def test_a_form_behind_a_tab_is_brought_forward(visits: Visits) -> None:
    """
    Where no field is to be seen, the tab that says "track" is clicked, and only that.
    """
    body = """<a href="#" onclick="document.title = 'wrong'">Prices</a>
        <a role="tab" onclick="pane.style.display = 'block'">Track shipment</a>
        <div id="pane" style="display:none"><textarea id="t"></textarea>
        <button onclick="ask(t.value)">Track</button></div>"""
    capture = visits.visit(body).capture
    assert "<title>wrong" not in capture.html
    assert len(capture.answers) == 1


def test_a_chat_in_a_frame_is_not_the_pages_question(seko: CrawlProcess) -> None:
    """
    A chat that holds its own channel open in a frame does not keep the answer from being read.
    """
    body = f"""{FORM}<iframe srcdoc="<script>fetch('/poll')</script>"></iframe>"""
    told = f"<!DOCTYPE html>{body}<p>{SEEN}</p>".encode()
    paths = {
        f"/go?no={NUMBERS[0]}": lambda e: e.answer(200, told, content_type="text/html"),
        "/poll": fs.hang,
    }
    with fs.FaultServer([fs.good], page=[fs.own_page(body)], paths=paths) as portal:
        (report,) = seko.run(seko_access(portal.url, timeout_seconds=10), NUMBERS[:1], 30)
    assert report.outcome is Outcome.NOT_FOUND, report.detail
