"""
Each key of a portal profile's ``[ask]`` table does what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import faultserver as fs
from tests.support.portals import seko_access
from tests.support.visits import NUMBERS
from tracker.model import Outcome
from tracker.profiles import AskProfile, Submit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.visits import Visits
    from tracker.crawl import CrawlProcess

ASKING = """<form onsubmit="ask(document.querySelector('#two').value, 'form'); return false">
    <textarea name="tracking"></textarea><input id="two" value="">
    <button id="send" type="button" onclick="shown.textContent = 'by button'">Track</button>
    <p id="shown"></p></form>"""


def asked(visits: Visits, **keys: object) -> str:
    """
    What the page shows after a visit under a profile with these keys.
    """
    return visits.visit(ASKING, profile=AskProfile(**keys)).capture.html  # type: ignore[arg-type]


def test_submit_enter_leaves_the_button_alone(visits: Visits) -> None:
    """
    ``submit = "enter"`` presses Enter in the pinned field although there is a button.
    """
    html = asked(visits, field="#two", submit=Submit.ENTER)
    assert ">by button<" not in html
    assert NUMBERS[0] in html


def test_submit_button_clicks(visits: Visits) -> None:
    """
    ``submit = "button"`` clicks the button that is found by its meaning.
    """
    assert ">by button<" in asked(visits, field="#two", submit=Submit.BUTTON)


def test_a_pinned_selector_holds_in_a_frame(visits: Visits) -> None:
    """
    Field and button may stand in a frame, whatever the selectors of the page around it are.
    """
    body = """<textarea name="tracking"></textarea><iframe srcdoc="
        <input id='nr'><b id='go' onclick='parent.ask(nr.value)'>x</b>"></iframe>"""
    profile = AskProfile(field="#nr", button="#go", separator=";")
    visited = visits.visit(body, profile=profile)
    assert [answer.status for answer in visited.capture.answers] == [200]
    assert all(number in visited.capture.answers[0].body for number in NUMBERS)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ('field = "#nowhere"', "ask.field '#nowhere' matches nothing"),
        ('button = "#nowhere"', "ask.button '#nowhere' matches nothing"),
        ('ready = "#nowhere"', "ask.ready '#nowhere' matches nothing"),
        ('field = "<<"', "ask.field '<<' is no CSS selector"),
        ('field = "#alone"\nsubmit = "button"', "ask.submit is 'button', and no button was found"),
    ],
)
def test_a_profile_that_does_not_fit_is_named(
    keys: str, named: str, tmp_path: Path, seko: CrawlProcess
) -> None:
    """
    What a profile pins and the page lacks makes the look ``unreadable`` and says which key it is.
    """
    profile = tmp_path / "seko.toml"
    profile.write_text(f"[ask]\n{keys}\n")
    page = fs.own_page("""<textarea name="tracking" onkeydown="event.key"></textarea>
        <button onclick="document.getElementById('out').textContent = 'No record found for ' +
        document.querySelector('textarea').value">Track</button><p id="out"></p>""")
    if "alone" in keys:
        page = fs.own_page('<input id="alone">')
    with fs.FaultServer([fs.good], page=[page]) as portal:
        access = seko_access(portal.url, profile=str(profile), timeout_seconds=5)
        (report,) = seko.run(access, NUMBERS[:1], 30)
    assert report.outcome is Outcome.UNREADABLE
    assert named in (report.detail or "")


def test_batch_size_caps_the_batches(tmp_path: Path, seko: CrawlProcess) -> None:
    """
    A page that takes one number at once is asked for one at once.
    """
    profile = tmp_path / "seko.toml"
    profile.write_text("[ask]\nbatch_size = 1\n")
    page = fs.own_page("""<input name="tracking">
        <button onclick="ask(document.querySelector('input').value)">Track</button>""")
    with fs.FaultServer([fs.good], page=[page]) as portal:
        access = seko_access(portal.url, profile=str(profile), by_page_only=True)
        seko.run(access, NUMBERS[:2], 30)
        assert portal.asked == [(NUMBERS[0],), (NUMBERS[1],)]


def test_ready_is_waited_for(visits: Visits) -> None:
    """
    The answer has not settled before what ``ready`` names is there.
    """
    body = """<textarea name="tracking"></textarea><button onclick="ask(
        document.querySelector('textarea').value).then(() => setTimeout(() => {
        document.body.insertAdjacentHTML('beforeend', '<i id=done>drawn</i>') }, 1500))">Track
        </button>"""
    assert "drawn</i>" in visits.visit(body, profile=AskProfile(ready="#done")).capture.html


def test_pinned_notices_are_dismissed(visits: Visits) -> None:
    """
    What ``dismiss`` names is clicked before the question, whatever it says.
    """
    body = """<div id="n" style="position:fixed;inset:0;background:#fff">
        <u id="away" onclick="this.parentElement.remove()">Weiter</u></div>
        <textarea name="tracking"></textarea>
        <button onclick="ask(document.querySelector('textarea').value)">Track</button>"""
    html = visits.visit(body, profile=AskProfile(dismiss=("#never", "#away"))).capture.html
    assert "Weiter" not in html


def test_pinned_details_and_pages(visits: Visits) -> None:
    """
    ``details`` and ``next_page`` open what meaning alone would not find.
    """
    body = """<textarea name="tracking"></textarea><div id="out"></div>
        <button onclick="ask(document.querySelector('textarea').value).then(draw)">Track</button>
        <script>let page = 1; function draw() { out.innerHTML = `<p>Page ${page}</p>
          <i class="eye" onclick="this.textContent = 'opened ${page}'">o</i>` +
          (page < 3 ? `<i class="on" onclick="page++; draw()">o</i>` : ""); }</script>"""
    profile = AskProfile(details=(".eye",), next_page=".on")
    shown = visits.visit(body, profile=profile).capture
    assert [f"opened {page}" for page in (1, 2, 3)] == [
        text for text in ("opened 1", "opened 2", "opened 3") if text in "".join(shown.further)
    ]
    assert shown.partial is None
