"""
Details behind a click and further pages: opened once each, and only they.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import faultserver as fs
from tests.support.visits import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.visits import Visits
    from tracker.pages.capture import PageCapture

HEAD = """<nav><a href="/login">Log in</a> <button aria-expanded="false">More</button>
    <a href="#" onclick="bad('nav')">Track history</a></nav>
    <textarea name="tracking" id="t"></textarea><button onclick="go()">Track</button>
    <div id="out"></div><p id="bad"></p><script>
    const bad = what => { document.getElementById("bad").textContent += `BAD ${what}`; };
    const seen = n => `<p>${n} opened here</p>`;
    async function go() { const numbers = t.value.split(/\\s+/);
      await fetch("/told", {method: "POST", body: JSON.stringify(numbers)});
      out.innerHTML = draw(numbers); if (window.after) after(); }
    """
TOLD = {"/told": fs.slow_text("ok", 0.05)}


def page(script: str) -> str:
    """
    A page whose function ``draw(numbers)`` gives the results.
    """
    return f"{HEAD}{script}</script>"


def detail(exchange: fs.Exchange) -> None:
    """
    A page about the number in its address.
    """
    number = exchange.path.rpartition("=")[2]
    text = f"<!DOCTYPE html><p>{number} opened here</p>"
    exchange.answer(200, text.encode(), content_type="text/html")


ROWS = "numbers.map((n, i) => `ROW`).join('')"


def rows(row: str, more: str = "") -> str:
    """
    A page that draws one row a number.
    """
    return page(f"const draw = numbers => {ROWS.replace('ROW', row)}; {more}")


DETAILS = {
    "button": rows('<div><b>${n}</b> <button onclick="this.parentElement.innerHTML += '
                   "seen('${n}')\">Details</button></div>"),
    "one closes the other": rows(
        "<div><b>${n}</b><button onclick=\"show('${n}')\">View details</button>"
        "<div class=d id='${n}'></div></div>",
        """const show = n => { document.querySelectorAll(".d").forEach(d => d.innerHTML = "");
        document.getElementById(n).innerHTML = seen(n); };"""),
    "expanded": rows('<section><h3 aria-expanded=false onclick="this.ariaExpanded = true; '
                     "this.nextSibling.innerHTML = seen('${n}')\">${n}</h3><div></div></section>"),
    "details element": rows("<details><summary>${n}</summary>${seen(n)}</details>"),
    "modal": rows(
        "<div>${n} <a href='javascript:void 0' onclick=\"show('${n}')\">查看</a></div>",
        """const show = n => { if (document.querySelector("dialog")) return;
        const d = document.createElement("dialog"); d.innerHTML = seen(n) +
        "<button onclick='this.parentElement.remove()'>关闭</button>";
        document.body.append(d); d.showModal(); };"""),
    "modal closed by escape": rows(
        "<div>${n} <a href='#' onclick=\"show('${n}')\">History</a></div>",
        """const show = n => { if (document.querySelector("dialog")) return;
        const d = document.createElement("dialog"); d.innerHTML = seen(n);
        d.onclose = () => d.remove(); document.body.append(d); d.showModal(); };"""),
    "fetched": rows("<div>${n} <span style='cursor:pointer' onclick=\"more(this, '${n}')\">展开"
                    "</span></div>",
                    """const more = async (s, n) => { await fetch("/more?" + n);
                    s.parentElement.insertAdjacentHTML("beforeend", seen(n)); };"""),
    "row": page("""const draw = numbers => `<table>${numbers.map(n => `<tr style="cursor:pointer">
        <td>${n}</td><td>Arrived</td></tr>`).join("")}</table><div id=d></div>`;
        window.after = () => document.querySelectorAll("tr").forEach(r =>
        r.addEventListener("click", () => { d.innerHTML = seen(r.cells[0].innerText); }));"""),
    "link to a page": rows("<div><a href='/detail?n=${n}'>${n}</a></div>"),
    "link in a new page": rows("<div>${n} <a target=_blank href='/detail?n=${n}'>More</a></div>"),
    "script goes to a page": rows(
        "<div>${n} <button onclick=\"location.href = '/detail?n=${n}'\">Details</button></div>",
        """onpageshow = () => { const kept = sessionStorage.kept; if (kept) out.innerHTML = kept; };
        window.after = () => { sessionStorage.kept = out.innerHTML; };"""),
    "script opens a page": rows(
        "<div>${n} <button onclick=\"window.open('/detail?n=${n}')\">Track</button></div>"),
    "drawn anew": rows(
        "<div>${n} <button onclick=\"show('${n}')\">Show</button></div>",
        """let all = []; const show = n => { out.innerHTML = draw(all) + seen(n); };
        window.after = () => { all = t.value.split(/\\s+/); };"""),
    "pages within the page": rows(
        "<div>${n} <button onclick=\"show('${n}')\">Details</button></div>",
        """let kept = ""; const show = n => { kept = out.innerHTML;
        history.pushState({}, "", "/d/" + n); out.innerHTML = seen(n); };
        onpopstate = () => { out.innerHTML = kept; };"""),
}  # fmt: skip


def visited(
    visits: Visits, body: str, paths: Mapping[str, fs.Fault] | None = None, **known: float
) -> PageCapture:
    """
    What a visit saved of such a page.
    """
    known_paths = {f"/detail?n={number}": detail for number in NUMBERS} | {
        f"/more?{number}": fs.slow_text("ok", 0.3) for number in NUMBERS
    }
    given = TOLD | known_paths | dict(paths or {})
    return visits.visit(body, paths=given, seconds=known.get("seconds", 30)).capture


@pytest.mark.parametrize("body", DETAILS.values(), ids=DETAILS)
def test_each_detail_is_opened_and_saved(body: str, visits: Visits) -> None:
    """
    What each number's control opens stands in a page of its own, and nothing else was clicked.
    """
    capture = visited(visits, body)
    for number in NUMBERS:
        assert any(f"{number} opened here</p>" in html for html in capture.further), number
    assert capture.partial is None
    assert not any("BAD" in html.replace("`BAD", "") for html in capture.further)


NOT_DETAILS = {
    "log in": "<a href='/login'>Log in to see details</a>",
    "export": "<button onclick=\"bad('export')\">Export details</button>",
    "print": "<button onclick=\"bad('print')\">打印</button>",
    "share": "<a href='#' onclick=\"bad('share')\">Share ${n}</a>",
    "delete": "<button onclick=\"bad('delete')\" title='Delete'>${n}</button>",
    "subscribe": "<button onclick=\"bad('subscribe')\">Subscribe to events</button>",
    "elsewhere": "<a href='http://elsewhere.invalid/${n}'>${n}</a>",
    "file": "<a href='/file.pdf'>View ${n}</a>",
    "disabled": "<button disabled onclick=\"bad('disabled')\">Details</button>",
    "mail": "<a href='mailto:a@b.invalid'>Track events</a>",
    "menu": "<button aria-haspopup=menu aria-expanded=false onclick=\"bad('menu')\">v</button>",
    "another search": "<button onclick=\"bad('again')\">Track another</button>",
    "hidden": "<button style='display:none' onclick=\"bad('hidden')\">Details</button>",
}


@pytest.mark.parametrize("control", NOT_DETAILS.values(), ids=NOT_DETAILS)
def test_nothing_else_is_clicked(control: str, visits: Visits) -> None:
    """
    What logs in, exports, prints, shares, deletes, subscribes or leads elsewhere is left alone.
    """
    capture = visited(visits, rows(f"<p>{{n}} {control}</p>".replace("{n}", "${n}", 1)))
    assert capture.further == ()
    assert '<p id="bad"></p>' in capture.html
    assert capture.partial is None


def test_details_for_which_there_is_no_time_are_told(visits: Visits) -> None:
    """
    A capture says how many details stayed closed.
    """
    slow = {f"/more?{number}": fs.slow_text("ok", 2.5) for number in NUMBERS}
    capture = visited(visits, DETAILS["fetched"], slow, seconds=5)
    assert "details were not opened" in (capture.partial or "")


def test_a_detail_page_that_fails_is_told(visits: Visits) -> None:
    """
    A detail that answers with an error leaves the capture partial.
    """
    capture = visited(
        visits, DETAILS["link to a page"], {f"/detail?n={NUMBERS[0]}": fs.status(500)}
    )
    assert capture.partial == "a detail page answered HTTP 500"


def test_results_that_do_not_come_back_are_told(visits: Visits) -> None:
    """
    A page that loses its results when a detail is opened leaves the capture partial.
    """
    lost = rows(
        "<div>${n} <button onclick=\"location.href = '/detail?n=${n}'\">Details</button></div>"
    )
    capture = visited(visits, lost)
    assert len(capture.further) >= 1
    assert "did not come back" in (capture.partial or "")


PAGED = """let at = 0, all = []; const draw = numbers => { all = numbers; return view(); };
    const turn = n => { at = n; out.innerHTML = view(); };
    const view = () => seen(all[at]) + pager();"""
PAGES = {
    "next": "const pager = () => `<button onclick='turn(at + 1)' ${at > 1 ? 'disabled' : ''}>Next"
    "</button>`;",
    "sign": "const pager = () => at > 1 ? '' : `<a href='#' onclick='turn(at + 1)'>›</a>`;",
    "chinese": "const pager = () => `<ul><li class='${at > 1 ? 'disabled' : ''}'>"
    "<a onclick='turn(at + 1)'>下一页</a></li></ul>`;",
    "rel": "const pager = () => at > 1 ? '' : `<a rel=next href='#' onclick='turn(at + 1)'>o</a>`;",
    "aria": "const pager = () => at > 1 ? '' : `<button aria-label='Next page' style='width:30px;"
    "height:20px' onclick='turn(at + 1)'></button>`;",
    "numbers": "const pager = () => '<nav>' + all.map((_, i) => i === at ? `<span>${i + 1}</span>`"
    " : `<a href='#' onclick='turn(${i})'>${i + 1}</a>`).join(' ') + '</nav>';",
    "marked numbers": "const pager = () => '<ul>' + all.map((_, i) => `<li class='${i === at ? "
    "'active' : ''}'><a onclick='turn(${i})'>${i + 1}</a></li>`).join('') + '</ul>';",
    "unmarked numbers": "const pager = () => '<p>' + all.map((_, i) => `<button "
    "onclick='turn(${i})'>${i + 1}</button>`).join('') + '</p>';",
    "fetched": "const late = async () => { await fetch('/more?' + all[at + 1]); turn(at + 1); };"
    "const pager = () => at > 1 ? '' : `<button onclick='late()'>Next</button>`;",
    "load more": "const more = b => { at++; b.insertAdjacentHTML('beforebegin', seen(all[at]));"
    "if (at > 1) b.remove(); }; const pager = () => `<button onclick='more(this)'>Load more"
    "</button>`;",
    "chinese more": "const more = b => { at++; b.insertAdjacentHTML('beforebegin', seen(all[at]));"
    "if (at > 1) b.remove(); }; const pager = () => `<div style='cursor:pointer' "
    "onclick='more(this)'>加载更多</div>`;",
}


@pytest.mark.parametrize("pager", PAGES.values(), ids=PAGES)
def test_every_page_is_turned_and_saved(pager: str, visits: Visits) -> None:
    """
    All pages of the results are there, and the end is recognised.
    """
    capture = visited(visits, page(PAGED + pager))
    everything = [capture.html, *capture.further]
    for number in NUMBERS:
        assert any(f"{number} opened here</p>" in html for html in everything), number
    assert len(capture.further) == 2
    assert capture.partial is None


def test_pages_that_never_end_are_bounded(visits: Visits) -> None:
    """
    After twenty pages the capture says that there were more.
    """
    endless = """let at = 0; const draw = n => `<p>${n[0]}: page ${at++}</p>
        <button onclick='out.innerHTML = draw([1])'>Next</button>`;"""
    capture = visited(visits, page(endless), seconds=40)
    assert len(capture.further) == 20
    assert capture.partial == "not all pages of the results were turned"


def test_a_page_that_fails_to_come_is_told(visits: Visits) -> None:
    """
    A further page whose question fails leaves the capture partial.
    """
    failing = "const draw = n => seen(n[0]) + `<button onclick=\"fetch('/gone')\">Next</button>`;"
    capture = visited(visits, page(failing), {"/gone": fs.status(500)})
    assert capture.partial == "a further page of the results did not come"


def test_details_on_every_page_are_opened(visits: Visits) -> None:
    """
    A further page's details are opened like the first one's.
    """
    body = page("""let at = 0, all = []; const draw = n => { all = n; return view(); };
        const view = () => `<div>${all[at]} <button onclick="this.parentElement.innerHTML +=
        seen('${all[at]}')">Details</button></div>` + (at > 1 ? "" :
        "<button onclick='at++; out.innerHTML = view()'>Next</button>");""")
    capture = visited(visits, body)
    for number in NUMBERS:
        assert any(f"{number} opened here</p>" in html for html in capture.further), number
