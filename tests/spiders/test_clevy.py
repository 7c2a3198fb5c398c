"""
Clevy's interface through the real spider: good answers, bad answers and a bad wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import faultserver as fs
from tests.support.portals import clevy_access, postal
from tracker.model import Outcome, UsageError
from tracker.practice.scenarios import SCENARIOS
from tracker.practice.server import start_practice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.crawl import CrawlProcess
    from tracker.practice.server import PracticeServer

EXPECTED = {
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
    "unreadable": (Outcome.UNREADABLE, None),
    "forbidden": (Outcome.BLOCKED, None),
    "too-many": (Outcome.BLOCKED, None),
    "broken": (Outcome.UNREACHABLE, None),
    "slow": (Outcome.UNREACHABLE, None),
    "challenge": (Outcome.BLOCKED, None),
    "maintenance": (Outcome.UNREACHABLE, None),
    "login": (Outcome.BLOCKED, None),
    "empty": (Outcome.UNREADABLE, None),
    "truncated": (Outcome.UNREACHABLE, None),
    "another-parcel": (Outcome.MISSING, None),
    "skipped-in-batch": (Outcome.EVENTS, True),
    "skipped": (Outcome.MISSING, None),
    "busy-once": (Outcome.EVENTS, True),
}


@pytest.fixture(scope="module")
def portal() -> Iterator[PracticeServer]:
    """
    Practice portals for this module.
    """
    with start_practice() as server:
        yield server


def test_the_table_covers_every_scenario() -> None:
    """
    Each practice scenario has its expected outcome here.
    """
    assert set(EXPECTED) == {scenario.name for scenario in SCENARIOS}


@pytest.mark.parametrize("name", EXPECTED)
def test_scenario(name: str, portal: PracticeServer, clevy: CrawlProcess) -> None:
    """
    A practice number asked alone comes to the outcome that its scenario teaches.
    """
    number = postal(name)
    seconds = 1.5 if name == "slow" else 15
    access = clevy_access(portal.url, timeout_seconds=seconds)
    (report,) = clevy.run(access, [number], 20)
    assert report.tracking_number == number
    assert (report.outcome, report.scanned) == EXPECTED[name]


def test_retry_after_is_passed_on(portal: PracticeServer, clevy: CrawlProcess) -> None:
    """
    A 429 carries the seconds it asked us to wait.
    """
    (report,) = clevy.run(clevy_access(portal.url), [postal("too-many")], 20)
    assert report.retry_after_seconds == 60


def test_a_batch_is_one_question_with_the_documented_form(clevy: CrawlProcess) -> None:
    """
    Two numbers go in one post, with Basic credentials and the header spelt ``Referrer``.
    """
    with start_practice() as portal:
        asked = [postal("scanned-today"), postal("pre-advice"), postal("not-found")]
        reports = clevy.run(clevy_access(portal.url), asked, 20)
        assert [report.tracking_number for report in reports] == asked
        assert [request.numbers for request in portal.requests] == [tuple(asked[:2]), (asked[2],)]
        headers = portal.requests[0].headers
        assert headers["Referrer"] == "http://clevylinks.com/en/search.html"
        assert headers["Authorization"].startswith("Basic ")
        assert headers["User-Agent"].startswith("ScanTracker/")


def test_a_number_left_out_is_asked_once_more_alone(clevy: CrawlProcess) -> None:
    """
    A number missing from a batch is asked alone once, and only then called missing.
    """
    with start_practice() as portal:
        asked = [postal("scanned-today"), postal("skipped")]
        reports = clevy.run(clevy_access(portal.url), asked, 20)
        assert [report.outcome for report in reports] == [Outcome.EVENTS, Outcome.MISSING]
        assert [request.numbers for request in portal.requests] == [tuple(asked), (asked[1],)]


def test_a_refusal_stops_the_crawl(clevy: CrawlProcess) -> None:
    """
    After a 429 nothing more is asked, and the other numbers say so.
    """
    with start_practice() as portal:
        asked = [postal("too-many"), postal("scanned-today"), postal("delivered")]
        reports = clevy.run(clevy_access(portal.url, batch_size=1), asked, 20)
        assert {report.outcome for report in reports} == {Outcome.BLOCKED}
        assert len(portal.requests) == 1
        assert (reports[2].detail or "").startswith("not asked: the carrier is cooling down")


def test_wrong_credentials(portal: PracticeServer, clevy: CrawlProcess) -> None:
    """
    A 401 is ``blocked`` with the detail ``credentials``.
    """
    access = clevy_access(portal.url, password="wrong")
    (report,) = clevy.run(access, [postal("delivered")], 20)
    assert (report.outcome, report.detail) == (Outcome.BLOCKED, "credentials")


def test_the_same_number_twice_is_asked_once(clevy: CrawlProcess) -> None:
    """
    A repeated number has one report and one question.
    """
    with start_practice() as portal:
        number = postal("delivered")
        assert len(clevy.run(clevy_access(portal.url), [number, number], 20)) == 1
        assert [request.numbers for request in portal.requests] == [(number,)]


def test_credentials_do_not_leave_over_plain_http() -> None:
    """
    A plain http address beyond loopback is refused before anything is asked.
    """
    from tracker.crawl import check_access  # noqa: PLC0415 - the one test that needs it

    access = clevy_access("http://api.example.invalid")
    with pytest.raises(UsageError, match=r"unencrypted to api\.example\.invalid"):
        check_access(access)


NUMBERS = [postal("scanned-today"), postal("pre-advice")]
UNREACHABLE = (
    fs.hang,
    fs.drop,
    fs.reset,
    fs.half_headers,
    fs.half_body,
    fs.broken_chunks,
    fs.never_ending,
    fs.status(500),
    fs.status(502),
    fs.html("maintenance"),
)
NAMES = {id(fault): getattr(fault, "__name__", "answer") for fault in UNREACHABLE}


@pytest.mark.parametrize("fault", UNREACHABLE, ids=lambda fault: NAMES[id(fault)])
def test_a_bad_wire_is_unreachable(fault: fs.Fault, clevy: CrawlProcess) -> None:
    """
    Whatever breaks on the way, each number is ``unreachable`` and the detail names the host.
    """
    with fs.FaultServer([fault]) as portal:
        access = clevy_access(portal.url, timeout_seconds=1.5)
        reports = clevy.run(access, NUMBERS, 20)
    assert [report.outcome for report in reports] == [Outcome.UNREACHABLE] * 2
    assert all("127.0.0.1" in (report.detail or "") for report in reports)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (fs.empty, Outcome.UNREADABLE),
        (fs.wrong_type, Outcome.UNREADABLE),
        (fs.json_error, Outcome.UNREADABLE),
        (fs.status(404), Outcome.UNREADABLE),
        (fs.other_parcel, Outcome.MISSING),
        (fs.html("challenge"), Outcome.BLOCKED),
        (fs.html("login"), Outcome.BLOCKED),
        (fs.status(403), Outcome.BLOCKED),
        (fs.redirect("/login"), Outcome.BLOCKED),
        (fs.redirect("http://elsewhere.invalid/x"), Outcome.UNREADABLE),
        (fs.redirect(fs.API, 307), Outcome.UNREACHABLE),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_whole_answer_that_is_no_answer(
    fault: fs.Fault, outcome: Outcome, clevy: CrawlProcess
) -> None:
    """
    An answer without the parcels never becomes "nothing yet" or "not found".
    """
    with fs.FaultServer([fault]) as portal:
        reports = clevy.run(clevy_access(portal.url), NUMBERS, 20)
    assert [report.outcome for report in reports] == [outcome] * 2


@pytest.mark.parametrize(
    "fault",
    [fs.status(502), fs.status(503), fs.reset, fs.half_body],
    ids=["502", "503", "reset", "cut"],
)
def test_passing_trouble_is_tried_again(fault: fs.Fault, clevy: CrawlProcess) -> None:
    """
    Two bad answers and then a good one within the time limit are a good look.
    """
    with fs.FaultServer([fault, fault, fs.good]) as portal:
        reports = clevy.run(clevy_access(portal.url), NUMBERS, 20)
        assert [report.outcome for report in reports] == [Outcome.EVENTS] * 2
        assert portal.asked == [tuple(NUMBERS)] * 3


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (fs.redirect("/login"), 302, None),
        (fs.redirect("http://elsewhere.invalid/x"), 302, None),
        (fs.redirect(fs.API, 307), 307, None),
        (fs.status(502), 502, "told"),
        (fs.half_body, 200, NUMBERS[0]),
    ],
    ids=["login", "elsewhere", "circle", "502", "cut"],
)
def test_trouble_keeps_what_came_all_the_same(
    fault: fs.Fault, status: int, body: str | None, clevy: CrawlProcess
) -> None:
    """
    A failed look that got an answer keeps its address, status and body (promises.md R20).
    """
    with fs.FaultServer([fault]) as portal:
        reports = clevy.run(clevy_access(portal.url, timeout_seconds=3), NUMBERS, 20)
        for report in reports:
            assert report.evidence is not None, report.detail
            assert (report.evidence.url or "").startswith(portal.url + fs.API)
            assert report.evidence.http_status == status
            assert body is None or body in (report.evidence.body or "")


@pytest.mark.parametrize("code", [403, 429, 500])
def test_a_refusal_is_not_tried_again(code: int, clevy: CrawlProcess) -> None:
    """
    403, 429 and 500 are asked once.
    """
    with fs.FaultServer([fs.status(code), fs.good]) as portal:
        clevy.run(clevy_access(portal.url), NUMBERS, 20)
        assert len(portal.asked) == 1


def test_a_self_signed_certificate_is_refused(tmp_path: Path, clevy: CrawlProcess) -> None:
    """
    Without a certificate that somebody vouches for, nothing is asked.
    """
    with fs.FaultServer([fs.good], tls=fs.self_signed(tmp_path)) as portal:
        reports = clevy.run(clevy_access(portal.url), NUMBERS, 20)
        assert portal.asked == []
    assert {report.outcome for report in reports} == {Outcome.UNREACHABLE}
    assert "certificate" in (reports[0].detail or "")


def test_the_certificate_check_can_be_turned_off(tmp_path: Path, clevy: CrawlProcess) -> None:
    """
    ``verify_tls = false`` asks a portal whose certificate nobody vouches for.
    """
    with fs.FaultServer([fs.good], tls=fs.self_signed(tmp_path)) as portal:
        reports = clevy.run(clevy_access(portal.url, verify_tls=False), NUMBERS, 20)
    assert {report.outcome for report in reports} == {Outcome.EVENTS}


def test_credentials_are_not_sent_after_a_redirect_elsewhere(clevy: CrawlProcess) -> None:
    """
    A redirect to another port of the same machine gets neither question nor credentials.
    """
    with fs.FaultServer([fs.good]) as other:
        elsewhere = other.url + fs.API
        with fs.FaultServer([fs.redirect(elsewhere, 307)]) as portal:
            clevy.run(clevy_access(portal.url), NUMBERS, 20)
        assert other.exchanges == []


def test_a_host_out_of_reach_is_asked_for_one_batch_only(clevy: CrawlProcess) -> None:
    """
    When the connection is refused, the other batches do not wait for the same end.
    """
    with fs.FaultServer([fs.good]) as portal:
        url = portal.url  # nobody listens there any more once it is closed
    asked = [scenario.postal_number for scenario in SCENARIOS]
    reports = clevy.run(clevy_access(url), asked, 20)
    assert [report.tracking_number for report in reports] == asked
    assert {report.outcome for report in reports} == {Outcome.UNREACHABLE}
    assert reports[0].detail == "127.0.0.1: the connection was refused"
    assert reports[-1].detail == "not asked: 127.0.0.1: the connection was refused"
