"""
What stands in the way of the form: closed or refused, never agreed to, never evaded.
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

FORM = """<textarea name="tracking"></textarea>
    <button onclick="ask(document.querySelector('textarea').value)">Track</button>
    <ul id="log"></ul><script>function did(what) { log.insertAdjacentHTML("beforeend",
    `<li class=did>${what}</li>`); document.querySelectorAll(".over").forEach(o => o.remove());
    }</script>"""
OVER = "position:fixed;inset:0;z-index:9;background:#fffc"


def over(content: str, attributes: str = "") -> str:
    """
    The form, and something that lies over it.
    """
    return f'{FORM}<div class="over" style="{OVER}" {attributes}>{content}</div>'


def button(label: str, did: str | None = None, attributes: str = "") -> str:
    """
    A button that tells what was clicked.
    """
    return f"<button onclick=\"did('{did or label}')\" {attributes}>{label}</button>"


CLOSED = {
    "close": over(button("Close")),
    "cross": over(button("×", "cross")),
    "aria": over(button("", "aria", 'aria-label="Close" style="width:20px;height:20px"')),
    "icon": over(
        "<i class='modal-close' onclick=\"did('icon')\" style='display:block;width:20px;"
        "height:20px'></i>"
    ),
    "got it": over(button("Got it")),
    "chinese": over("系统公告" + button("我知道了")),
    "chinese close": over("公告" + button("关闭")),
    "dialog": f"<dialog id=d>{button('OK')}</dialog>{FORM}<script>d.showModal()</script>".replace(
        "<dialog", "<dialog class=over"
    ),
    "refused": over("We use cookies" + button("Accept all") + button("Reject all")),
    "necessary": over("Cookies" + button("Allow all") + button("Only necessary cookies")),
    "chinese refused": over("隐私与 Cookie" + button("同意") + button("拒绝")),
    "chinese necessary": over("Cookie 设置" + button("全部接受") + button("仅必要")),
    "link": over("Notice <a href='#' onclick=\"did('link')\">No thanks</a>"),
    "backdrop": f"""{FORM}<div class="over" style="{OVER}"></div><div class="over" style="position:
        fixed;top:300px;left:300px;z-index:10;background:#ff0">Sale! {button("Dismiss")}</div>""",
    "late": f"""{FORM}<script>document.body.insertAdjacentHTML("beforeend", `<div class="over"
        style="{OVER}">Hello {button("Close")}</div>`)</script>""",
    "wall": f"""<div class="over" style="{OVER}" id="wall"><p>Cookies</p><button
        onclick="wall.remove(); document.body.insertAdjacentHTML('beforeend', tpl.innerHTML);
        log.innerHTML = '<li class=did>wall</li>'">Decline</button></div>
        <template id="tpl">{FORM.partition("<script>")[0]}</template>""",
}


@pytest.mark.parametrize("body", CLOSED.values(), ids=CLOSED)
def test_it_is_closed_or_refused(body: str, visits: Visits) -> None:
    """
    One click closes or refuses it, and the numbers are asked.
    """
    capture = visits.visit(body).capture
    assert capture.html.count('<li class="did">') == 1
    assert all(
        said not in capture.html for said in ("Accept all</li>", "Allow all</li>", "同意</li>")
    )
    assert len(capture.answers) == 1


LEFT_ALONE = {
    "only accept": over("We use cookies" + button("Accept all cookies")),
    "ok to terms": over("By continuing you accept our terms." + button("OK")),
    "chinese agree": over("隐私协议" + button("同意并继续")),
    "leads away": over("Welcome <a href='/login'>Close</a>"),
    "not over it": f"{FORM}<div style='position:fixed;bottom:0'>{button('Close')}</div>",
    "holds the form": f"""<div role="dialog" style="{OVER}">{FORM}{button("Close")}</div>""",
}


@pytest.mark.parametrize("body", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_it_is_left_alone(body: str, visits: Visits) -> None:
    """
    Nothing is agreed to and nothing else is clicked; the numbers are asked all the same.
    """
    capture = visits.visit(body).capture
    assert '<li class="did">' not in capture.html
    assert len(capture.answers) == 1


def test_a_consent_in_a_frame_is_refused(visits: Visits) -> None:
    """
    A consent that a frame of another site draws over the form is refused there.
    """
    body = f"""{FORM}<iframe class="over" style="{OVER};width:100%;height:100%" srcdoc="
        We use cookies <button>Accept</button>
        <button onclick='parent.did(`refused`)'>Reject all</button>"></iframe>"""
    assert '<li class="did">refused</li>' in visits.visit(body).capture.html


CHALLENGES = {
    "words": over("Please verify you are human <input type=checkbox>" + button("Close")),
    "chinese": over("请完成安全验证，拖动滑块" + button("关闭")),
    "frame": over('<iframe title="reCAPTCHA" srcdoc="tick" width=300></iframe>' + button("×")),
}


@pytest.mark.parametrize("body", CHALLENGES.values(), ids=CHALLENGES)
def test_a_challenge_stays_a_challenge(body: str, seko: CrawlProcess) -> None:
    """
    A challenge over the form is ``blocked``: nothing is asked and nothing is clicked away.
    """
    with fs.FaultServer([fs.good], page=[fs.own_page(body)]) as portal:
        (report,) = seko.run(seko_access(portal.url), NUMBERS[:1], 30)
        assert portal.asked == []
    assert report.outcome is Outcome.BLOCKED


NATIVE = {
    "alert at load": "<script>setTimeout(() => alert('Welcome'), 1)</script>" + FORM,
    "alert at submit": FORM.replace('onclick="ask', "onclick=\"alert('One moment'); ask"),
    "confirm at submit": FORM.replace('onclick="ask', "onclick=\"confirm('Newsletter?'); ask"),
    "beforeunload": "<script>onbeforeunload = e => e.preventDefault()</script>" + FORM,
    "download": FORM.replace('onclick="ask', "onclick=\"location.href = '/file'; ask"),
}


@pytest.mark.parametrize("body", NATIVE.values(), ids=NATIVE)
def test_the_browsers_own_dialogs_do_not_stop_a_look(body: str, visits: Visits) -> None:
    """
    Alerts and questions are dismissed, a download is refused, and the answer is there.
    """
    visited = visits.visit(body, paths={"/file": fs.download})
    assert len(visited.capture.answers) == 1
    assert not visited.timed_out
