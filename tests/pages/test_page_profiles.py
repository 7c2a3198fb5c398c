"""
What a portal's profile pins: paths into the page's own data, the answer that counts, the tie.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tracker.model import CarrierName, Outcome
from tracker.pages.capture import Answer, PageCapture
from tracker.pages.portal import read_portal
from tracker.profiles import parse_profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.model import LookReport

ASKED = "JG-NJS-319365323-5711"
OTHER = "JG-NJS-911111111-5711"
URL = "https://portal.example/jtrack"
SCAN = {"q": "2026-11-19 10:11", "w": "Parcel received and accepted", "e": "SHENZHEN", "r": "OP-14"}
PATHS = {
    "parcels": "d.x",
    "number": "n",
    "events": "h",
    "date": "q",
    "text": "w",
    "place": "e",
    "code": "r",
}


def _page(body: str = "") -> str:
    return f"<!DOCTYPE html><html><body><div>{body}</div></body></html>"


def _look(
    profile: Mapping[str, Any],
    data: Any = None,
    *,
    html: str = "",
    url: str = f"{URL}/api",
    asked: tuple[str, ...] = (ASKED,),
) -> LookReport:
    answers = () if data is None else (_answer(data, url),)
    capture = PageCapture(
        url=URL, status=200, html_before=_page(), html=_page(html), answers=answers
    )
    return read_portal(
        capture,
        asked,
        carrier=CarrierName.SEKO,
        looked_at=datetime(2026, 11, 22, tzinfo=UTC),
        profile=parse_profile({"read": dict(profile)}, "test").read,
    )[0]


def _answer(data: Any, url: str) -> Answer:
    return Answer(url=url, status=200, content_type="application/json", body=json.dumps(data))


def _data(events: Any) -> dict[str, Any]:
    return {"d": {"x": [{"n": ASKED, "h": events}]}}


def test_every_path_is_followed() -> None:
    """
    Number, events, date, text, place and code come from where the profile says.
    """
    report = _look(PATHS, _data([SCAN]))
    event = report.events[0]
    assert (report.outcome, report.scanned) == (Outcome.EVENTS, True)
    assert (event.text, event.location, event.code) == (SCAN["w"], "SHENZHEN", "OP-14")
    assert event.occurred_at == datetime(2026, 11, 19, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("parcels", "d.gone"),
        ("number", "gone"),
        ("events", "gone"),
        ("events", "gone[]"),
        ("date", "gone"),
        ("text", "gone"),
        ("parcels", "sort_by(d, &n)"),
    ],
)
def test_a_path_that_leads_nowhere_names_its_key(key: str, path: str) -> None:
    """
    A profile that no longer fits makes the look unreadable and says which key it is.
    """
    report = _look({**PATHS, key: path}, _data([SCAN]))
    assert report.outcome is Outcome.UNREADABLE
    assert f"read.{key}" in (report.detail or "")


@pytest.mark.parametrize("key", ["date", "text"])
def test_a_pinned_field_of_an_event_alone_names_its_key(key: str) -> None:
    """
    Where only an event's field is pinned, the rest is found by meaning and the key is named too.
    """
    assert _look({key: PATHS[key]}, _data([SCAN])).outcome is Outcome.EVENTS
    report = _look({key: "gone"}, _data([SCAN]))
    assert report.outcome is Outcome.UNREADABLE
    assert f"read.{key}" in (report.detail or "")


def test_a_single_step_may_be_pinned_alone() -> None:
    """
    Events under a pinned path are read by meaning, and entries are found by their number.
    """
    assert _look({"events": "h"}, _data([SCAN])).scanned is True
    assert _look({"number": "n"}, _data([SCAN])).scanned is True
    assert _look({"parcels": "d.x"}, _data([SCAN])).scanned is True


def test_an_empty_list_says_nothing_yet_only_on_a_plain_path() -> None:
    """
    A path that selects finds nothing in a changed answer too: then it proves nothing.
    """
    assert _look(PATHS, _data([])).outcome is Outcome.NO_EVENTS
    selecting = {**PATHS, "events": "h[?w]"}
    assert _look(selecting, _data([])).outcome is Outcome.UNREADABLE
    assert _look(selecting, _data([{"q": "2026-11-19"}])).outcome is Outcome.UNREADABLE


def test_an_answer_without_the_number_is_missing() -> None:
    """
    A pinned answer about another parcel says nothing of ours.
    """
    data = {"d": {"x": [{"n": OTHER, "h": [SCAN]}]}}
    assert _look(PATHS, data).outcome is Outcome.MISSING


def test_only_the_named_answer_counts() -> None:
    """
    With ``answer`` set, other answers are not read; when it never came, that is said.
    """
    named = {"answer": "/api/track"}
    assert _look(named, _data([SCAN]), url=f"{URL}/api/track?x=1").scanned is True
    report = _look(named, _data([SCAN]))
    assert report.outcome is Outcome.UNREADABLE
    assert "read.answer" in (report.detail or "")


def test_the_zone_is_the_profiles() -> None:
    """
    A time without an offset is read where the profile says.
    """
    report = _look({**PATHS, "zone": "Africa/Lagos"}, _data([SCAN]))
    assert report.events[0].occurred_at == datetime(2026, 11, 19, 9, 11, tzinfo=UTC)
    assert report.events[0].zone == "Africa/Lagos"


ROWS = "<ul><li><b>2026-11-19 10:11</b><span>Parcel received and accepted</span></li></ul>"


@pytest.mark.parametrize(
    ("html", "data"),
    [(ROWS, None), ("", {"list": [SCAN]}), ("", {"list": [SCAN, {**SCAN, "q": "2026-11-20"}]})],
)
def test_tie_by_request_believes_a_page_that_names_nobody(html: str, data: Any) -> None:
    """
    One number asked and no parcel named: believed only where the profile says so.
    """
    assert _look({"tie": "request"}, data, html=html).scanned is True
    assert _look({}, data, html=html).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize(
    ("html", "data"),
    [
        (f"<p>{OTHER}</p>{ROWS}", None),
        (f"<section>{ROWS}</section><section><p>{OTHER}</p></section>", None),
        (f'<a href="/d?no={OTHER}">Details</a>{ROWS}', None),
        (f"<h3>{OTHER}</h3>", {"list": [SCAN]}),
        ("", {"no": OTHER, "list": [SCAN]}),
        (ROWS, {"no": OTHER, "list": [{"a": "2026-11-19", "b": "Arrived"}]}),
    ],
)
def test_tie_by_request_never_takes_another_parcels_events(html: str, data: Any) -> None:
    """
    As soon as page or answer names another parcel, the question ties nothing.
    """
    report = _look({"tie": "request"}, data, html=html)
    assert not report.outcome.is_good


def test_tie_by_request_needs_a_single_number() -> None:
    """
    Two numbers asked at once are never tied by the question.
    """
    report = _look({"tie": "request"}, {"list": [SCAN]}, html=ROWS, asked=(ASKED, OTHER))
    assert not report.outcome.is_good
