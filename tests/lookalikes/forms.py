"""
Look-alikes whose server draws the answer: forms that load a page, in windows, frames and pages.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from tests.lookalikes.serving import (
    ENTRY,
    Lookalike,
    Reply,
    Request,
    as_json,
    drawn,
    moved,
    page,
    rendered,
)
from tests.lookalikes.story import Story, parcel_of
from tracker.model import Outcome


def _one(name: str, field: str) -> Lookalike:
    """
    One form for one number on one page.
    """
    return Lookalike(name, {ENTRY: drawn(name, field)}, takes=1)


def _many(name: str, field: str) -> Lookalike:
    """
    One form for several numbers on one page.
    """
    return Lookalike(name, {ENTRY: drawn(name, field)})


def _page_of_links(request: Request) -> Reply:
    at = int(request.query.get("page", "0"))
    return rendered("paged_links", request, asked=request.asked("ref"), at=at)


def _consignment(request: Request) -> Reply:
    parcel = parcel_of(request.path.rpartition("/")[2])
    return rendered("detail_link_detail", request, p=parcel)


_STATE = "/wEPDwUKMTY1NDU2MTA1MmRkuY1Yv3mRyT0yVn8G1mE="


def _web_form(request: Request) -> Reply:
    """
    A postback without its view state or its event target is an error, as ASP.NET has it.
    """
    posted = request.handler.command == "POST"
    if posted and request.form.get("__VIEWSTATE") != _STATE:
        return Reply(b"Validation of viewstate MAC failed.", "text/html", 500)
    pressed = request.form.get("__EVENTTARGET") == "ctl00$Main$lnkTrack"
    asked = request.asked("ctl00$Main$txtNo") if pressed else []
    return rendered("webforms", request, asked=asked, state=_STATE)


def _boxes(request: Request) -> Reply:
    typed = [request.form.get(f"no{at}", "").strip() for at in range(10)]
    asked = [parcel_of(number) for number in typed if number]
    return rendered("separate_boxes", request, asked=asked)


def _chosen(request: Request) -> Reply:
    numbers = request.asked("value")
    if request.form.get("by") != "trk":
        numbers = [parcel_of("") for _ in numbers]
    return rendered("kind_chooser", request, asked=numbers)


def _gbk(request: Request) -> Reply:
    reply = drawn("gbk_page", "danhao")(request)
    return Reply(reply.body.decode().encode("gb18030"), "text/html")


def _search(request: Request) -> Reply:
    """
    The question is remembered under a session and shown by another address.
    """
    return moved(ENTRY + "?results=" + quote(re.sub(r"\s+", ",", request.form["q"].strip())))


def _consent(request: Request) -> Reply:
    request.portal.memory["consent"] = request.query["choice"]
    return as_json({})


def _hang(request: Request) -> Reply:
    request.portal.closing.wait(20)
    return as_json([])


_IN_FRAME = {"/mercuryhub/jtrack-frame": drawn("frame_inner", "mailNos")}


def _semicolons(request: Request) -> Reply:
    """
    What is not parted by semicolons is one number to this server, and no known one.
    """
    typed = [one.strip() for one in request.form.get("q", "").split(";")]
    asked = [parcel_of(number) for number in typed if number]
    return rendered("semicolons", request, asked=asked)


_NOVEL = frozenset({Outcome.UNREADABLE, Outcome.MISSING})
#: A dialog or a fleeting message may be missed, but not misread.
TOLD_IN_PASSING = {
    Story.NOTHING: _NOVEL | {Outcome.NO_EVENTS},
    Story.UNKNOWN: _NOVEL | {Outcome.NOT_FOUND},
}
#: Events without a number belong to nobody; a sentence to the only number asked.
_UNTIED = {Story.SCANNED: _NOVEL, Story.PRE_ADVICE: _NOVEL, **TOLD_IN_PASSING}

FORMS = (
    _one("one_number_get", "trackNo"),
    _many("many_lines_post", "numbers"),
    Lookalike(
        "timeline_zh",
        {
            ENTRY: drawn("timeline_zh", "billNo"),
            "/mercuryhub/query.do": drawn("timeline_zh", "billNo"),
        },
        takes=1,
    ),
    Lookalike(
        "new_page_blank",
        {
            ENTRY: page("new_page_blank"),
            "/mercuryhub/result": drawn("new_page_result", "hawbs"),
        },
    ),
    Lookalike(
        "new_page_open",
        {ENTRY: page("new_page_open"), "/mercuryhub/trace": drawn("new_page_trace", "wb")},
        takes=1,
    ),
    Lookalike(
        "detail_link",
        {ENTRY: drawn("detail_link", "cons"), "/mercuryhub/consignment/": _consignment},
    ),
    _many("one_table_rowspan", "nos"),
    Lookalike("iframe_same", {ENTRY: page("frame_outer", other=False), **_IN_FRAME}),
    Lookalike("iframe_other", {ENTRY: page("frame_outer", other=True), **_IN_FRAME}),
    Lookalike("paged_links", {ENTRY: _page_of_links}, takes=1),
    Lookalike("webforms", {ENTRY: _web_form}),
    _one("definition_list", "parcel"),
    _one("transposed_table", "n"),
    _one("day_headings", "q"),
    _one("pre_block", "SHPNO"),
    _many("bilingual_cells", "nos"),
    _one("newest_first_summary", "code"),
    _one("twelve_hour", "pkg"),
    Lookalike(
        "slashed_dates",
        {ENTRY: drawn("slashed_dates", "cn")},
        instead={Story.UNKNOWN: _NOVEL | {Outcome.NOT_FOUND}},  # in words of its own
    ),
    _one("relative_time", "id"),
    _many("login_corner", "awb"),
    _one("two_searches", "reference"),
    _one("faq_footer", "number"),
    Lookalike("separate_boxes", {ENTRY: _boxes}),
    Lookalike("kind_chooser", {ENTRY: _chosen}, takes=1),
    Lookalike("gbk_page", {ENTRY: _gbk, "/mercuryhub/track.asp": _gbk}, takes=1),
    Lookalike(
        "redirect_after_post",
        {ENTRY: drawn("redirect_after_post", "results"), "/mercuryhub/search": _search},
    ),
    Lookalike(
        "novel_wording",
        {ENTRY: drawn("novel_wording", "q")},
        instead={Story.NOTHING: _NOVEL, Story.UNKNOWN: _NOVEL},
    ),
    _one("recent_searches", "q"),
    Lookalike("consent_notice", {ENTRY: drawn("consent_notice", "nos"), "/consent": _consent}),
    Lookalike(
        "chat_widget", {ENTRY: drawn("chat_widget", "nos"), "/chat": page("chat"), "/poll": _hang}
    ),
    _one("progress_bar", "q"),
    _one("did_you_mean", "q"),
    _one("place_headings", "q"),
    Lookalike(
        "iframe_details",
        {
            ENTRY: drawn("iframe_details", "nos"),
            "/mercuryhub/history": drawn("iframe_details_part", "no"),
        },
    ),
    _many("zone_printed", "q"),
    _many("query_time", "q"),
    _many("form_behind_tab", "t"),
    Lookalike("alert_box", {ENTRY: drawn("alert_box", "dh")}, takes=1, instead=TOLD_IN_PASSING),
    Lookalike("no_echo", {ENTRY: drawn("no_echo", "q")}, takes=1, instead=_UNTIED),
    Lookalike("semicolons", {ENTRY: _semicolons}),
    Lookalike(
        "frameset",
        {
            ENTRY: page("frameset"),
            "/mercuryhub/top": page("frameset_top"),
            "/mercuryhub/main": drawn("frameset_main", "no"),
        },
        takes=1,
    ),
)

#: Failed looks are right here too, false claims are not: a limit, a plan, a parcel left out,
#: prose.
CAREFUL = (
    _many("limit_of_two", "q"),
    _many("planned_actual", "q"),
    _many("utc_printed", "q"),
    _many("one_fails", "q"),
    _many("sentences", "q"),
)
