"""
What frames draw and fetch, whatever site they are of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsel import Selector

from tests.support import faultserver as fs
from tests.support.visits import NUMBERS
from tracker.pages.capture import HIDDEN_ATTRIBUTE

if TYPE_CHECKING:
    from tests.support.visits import Visits

ASKING = """<!DOCTYPE html><textarea name="tracking"></textarea><button onclick="ask()">Track
    </button><div id="out"></div><script>async function ask() {
      const answer = await fetch("/told?" +
        encodeURIComponent(document.querySelector("textarea").value));
      out.textContent = await answer.text(); }</script>"""


def html(text: str) -> fs.Fault:
    """
    An HTML page.
    """
    return lambda exchange: exchange.answer(200, text.encode(), content_type="text/html")


def elsewhere(visits: Visits, inner: str, around: str = "FRAME", **paths: fs.Fault) -> Selector:
    """
    What a visit saved of a page whose form stands in a frame of another origin.
    """
    with fs.FaultServer([fs.good], paths={"/inner": html(inner)}) as other:
        other.paths |= {f"/told?{'%0A'.join(NUMBERS)}": fs.slow_text(f"{NUMBERS[0]} seen", 0.1)}
        other.paths |= {f"/{name}": fault for name, fault in paths.items()}
        url = other.url.replace("127.0.0.1", "localhost") + "/inner"
        frame = f'<iframe src="{url}" width="500" height="200"></iframe>'
        visited = visits.visit(around.replace("FRAME", frame))
        told = " ".join(answer.body for answer in visited.capture.answers)
        assert f"{NUMBERS[0]} seen" in told
        return Selector(visited.capture.html)


def test_a_form_in_a_frame_of_another_site(visits: Visits) -> None:
    """
    It is asked there, its data answer is noted, and what it draws stands behind the frame.
    """
    page = elsewhere(visits, ASKING)
    assert page.xpath("string(//iframe/following-sibling::div[1])").get("").count("seen") == 1


def test_a_frame_in_a_frame(visits: Visits) -> None:
    """
    Frames within frames are saved in their places.
    """
    inner = '<h1>Outer</h1><iframe src="/deep" width="400" height="150"></iframe>'
    page = elsewhere(visits, inner, deep=html(ASKING))
    box = page.xpath("//h1[.='Outer']/following-sibling::div[1]")
    assert f"{NUMBERS[0]} seen" in box.xpath("string()").get("")


def test_what_a_hidden_frame_draws_is_hidden(visits: Visits) -> None:
    """
    The box of a frame that nobody sees carries the mark of what is hidden.
    """
    around = 'FRAME<iframe style="display:none" srcdoc="<p>No record found</p>"></iframe>'
    page = elsewhere(visits, ASKING, around)
    hidden = page.xpath(f"//div[@{HIDDEN_ATTRIBUTE}]")
    assert "No record found" in hidden.xpath("string()").get("")


def test_a_frame_cannot_forge_the_place_of_another(visits: Visits) -> None:
    """
    A comment in a page that looks like our mark is only a comment.
    """
    page = elsewhere(visits, ASKING, "<!--frame-0-->FRAME")
    assert page.xpath("string()").get("").count("seen") == 1


def test_an_old_frameset(visits: Visits) -> None:
    """
    A page made of frames alone is asked and saved like any other.
    """
    frames = """<script>document.documentElement.innerHTML = `<frameset cols="50%,50%">
        <frame src="/menu"><frame src="/inner"></frameset>`</script>"""
    paths = {
        "/menu": html("<a href='/'>Home</a>"),
        "/inner": html(ASKING),
        f"/told?{'%0A'.join(NUMBERS)}": fs.slow_text(f"{NUMBERS[0]} seen", 0.1),
    }
    visited = visits.visit(frames, paths=paths)
    assert f"{NUMBERS[0]} seen" in Selector(visited.capture.html).xpath("string()").get("")


def test_frames_that_come_and_go_do_not_break_a_look(visits: Visits) -> None:
    """
    Frames that are put in and taken out all the time, or never answer, cost nothing.
    """
    body = """<textarea name="tracking"></textarea>
        <button onclick="ask(document.querySelector('textarea').value)">Track</button>
        <iframe src="/never"></iframe><div id="ads"></div><script>setInterval(() => {
        ads.innerHTML = ads.firstChild ? "" : "<iframe srcdoc='ad'></iframe>"; }, 7)</script>"""
    visited = visits.visit(body, paths={"/never": fs.hang}, seconds=8)
    assert len(visited.capture.answers) == 1
    assert not visited.timed_out


def test_a_form_that_posts_into_a_frame(visits: Visits) -> None:
    """
    An answer that is loaded into a named frame is the page's own question and is saved.
    """
    body = """<form method="post" action="/go" target="results"><textarea name="tracking">
        </textarea><button>Track</button></form><iframe name="results" width=500></iframe>"""
    visited = visits.visit(body, paths={"/go": html(f"<p>{NUMBERS[1]} seen</p>")})
    assert f"<p>{NUMBERS[1]} seen</p>" in visited.capture.html
    assert visited.traffic.asked
