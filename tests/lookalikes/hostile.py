"""
Portals that answer nothing about the asked number: only a failed look is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lookalikes.forms import FORMS
from tests.lookalikes.scripts import SCRIPTS
from tests.lookalikes.serving import (
    ENTRY,
    Lookalike,
    Reply,
    Request,
    as_json,
    moved,
    page,
    rendered,
)
from tests.lookalikes.story import ALONE

if TYPE_CHECKING:
    from collections.abc import Callable

_API = "/mercuryhub/api/track"


def _like(name: str, path: str) -> Callable[[Request], Reply]:
    """
    How the honest look-alike with this name answers.
    """
    (known,) = (one for one in (*FORMS, *SCRIPTS) if one.name == name)
    return known.routes[path]


def _fail(status: int, text: str = "error") -> Callable[[Request], Reply]:
    return lambda request: Reply(text.encode(), "text/plain", status)


def _closes(request: Request) -> Reply:
    """
    The connection ends without an answer.
    """
    request.handler.connection.close()
    raise ConnectionAbortedError


def _stale(*, echo: bool) -> Callable[[Request], Reply]:
    """
    Whatever is asked, the events of the first scanned parcel are shown.
    """
    return lambda request: rendered(
        "stale_cache", request, asked=ALONE[:1] if request.form.get("q") else [], echo=echo
    )


def _posted(good: str, **known: str) -> Callable[[Request], Reply]:
    return lambda request: rendered(good, request, asked=request.asked("n"), **known)


def _mixed_up(request: Request) -> Reply:
    """
    The answer to somebody else's question, which the page draws under the number typed.
    """
    other = ALONE[0]
    told = [
        {"time": event.at.strftime("%Y-%m-%d %H:%M"), "text": event.en, "place": event.place}
        for event in other.events
    ]
    return as_json({"code": 0, "data": {"trackingNumber": other.number, "list": told}})


def _challenged(request: Request) -> Reply:
    return rendered("challenge", request)


def _second_fails(name: str, path: str, field: str, first: str) -> Lookalike:
    """
    An honest look-alike whose second page cannot be had.
    """
    honest = _like(name, path)

    def answer(request: Request) -> Reply:
        told = request.told() if request.body else request.query
        at = str(told.get(field, first))
        return honest(request) if at == first else _fail(500)(request)

    entry = {ENTRY: answer if path == ENTRY else page(name)}
    return Lookalike(f"{name}_fails", {**entry, path: answer}, takes=1)


LOST_PAGES = (
    _second_fails("paged_xhr", "/mercuryhub/page", "page", "1"),
    _second_fails("paged_links", ENTRY, "page", "0"),
    _second_fails("load_more", "/mercuryhub/feed", "skip", "0"),
    Lookalike(
        "details_fail",
        {
            ENTRY: page("accordion"),
            "/mercuryhub/summary": lambda request: as_json(
                [
                    {"no": one.number, "state": one.events[0].en if one.events else "-", "count": 4}
                    for one in request.asked("n")
                ]
            ),
            "/mercuryhub/details": _fail(500),
        },
    ),
)


def _page_and_api(
    name: str, entry: Callable[[Request], Reply], api: Callable[[Request], Reply] | None = None
) -> Lookalike:
    return Lookalike(name, {ENTRY: entry, **({_API: api} if api else {})})


_NO_RECORD = "No record found"
_SOON = "No tracking information yet"
_ANGRY = "Query failed: you are asking too often. No record found."

HOSTILE = (
    _page_and_api("stale_result_with_its_own_number", _stale(echo=True)),
    _page_and_api("stale_result_without_number", _stale(echo=False)),
    _page_and_api("no_record_after_500", page("failed_question", words=_NO_RECORD), _fail(500)),
    _page_and_api("no_record_after_403", page("failed_question", words=_NO_RECORD), _fail(403)),
    _page_and_api("nothing_yet_after_hang_up", page("failed_question", words=_SOON), _closes),
    _page_and_api(
        "no_record_after_html_answer",
        page("failed_question", words=_NO_RECORD),
        lambda request: rendered("maintenance", request, form=False),
    ),
    _page_and_api(
        "no_record_after_json_error",
        page("failed_question", words=_NO_RECORD),
        lambda request: as_json({"code": 500, "msg": "system busy", "data": None}),
    ),
    _page_and_api(
        "nothing_yet_after_a_bad_signature",
        page("asks_by_json", words="暂无物流信息"),
        lambda request: as_json({"success": False, "message": "签名错误", "data": None}),
    ),
    _page_and_api(
        "no_record_after_json_429",
        page("asks_by_json", words=_NO_RECORD),
        lambda request: as_json(
            {"code": 429, "msg": "请求过于频繁，请稍后再试", "data": {"list": []}}
        ),
    ),
    _page_and_api(
        "another_numbers_json_under_this_heading",
        page("asks_by_json", words=_NO_RECORD),
        _mixed_up,
    ),
    _page_and_api("template_that_was_never_filled", page("raw_template")),
    Lookalike(
        "challenge_after_submit",
        {ENTRY: page("challenge_after"), "/mercuryhub/check": _challenged},
    ),
    _page_and_api(
        "captcha_over_the_page",
        page("captcha_modal"),
        lambda request: as_json({"code": 40301, "msg": "need verify", "data": []}),
    ),
    Lookalike(
        "login_after_submit",
        {
            ENTRY: page("challenge_after"),
            "/mercuryhub/check": lambda request: moved("/account/signin?returnUrl=jtrack"),
            "/account/signin": page("login"),
        },
    ),
    _page_and_api("login_form_at_the_entry", page("login")),
    _page_and_api("login_drawn_after_401", page("login_modal"), _fail(401, "{}")),
    _page_and_api("sample_rows_renumbered", page("sample_rows"), _fail(502)),
    _page_and_api("maintenance_with_200", page("maintenance", form=False)),
    _page_and_api("maintenance_over_the_form", page("maintenance", form=True)),
    _page_and_api("ignores_the_submit", page("ignores_submit", words="")),
    _page_and_api("ignores_the_submit_with_no_record", page("ignores_submit", words=_NO_RECORD)),
    _page_and_api("bare_table", _posted("bare_table")),
    _page_and_api("asked_too_often", _posted("error_page", words=_ANGRY)),
    _page_and_api(
        "database_error",
        _posted("error_page", words="System error, no data could be read. Please try again."),
    ),
    _page_and_api("no_record_for_another_number", _posted("other_number_message")),
    Lookalike(
        "never_ending_question",
        {
            ENTRY: page("spinner"),
            "/mercuryhub/never": lambda request: (
                _fail(200) if request.portal.closing.wait(30) else _fail(504)
            )(request),
        },
    ),
)


def _first_only(request: Request) -> Reply:
    return rendered("many_lines_post", request, asked=request.asked("numbers")[:1])


FIRST_ONLY = Lookalike("answers_the_first_only", {ENTRY: _first_only})
