"""
Look reports through JSON and back.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.portals import clevy_access
from tracker.crawl import access_from_json, access_to_json
from tracker.model import CarrierName, Evidence, LookReport, Outcome, ScanEvent, Stage
from tracker.wire import BODY_LIMIT, ReportReader, ReportWriter

instants = st.datetimes(timezones=st.just(UTC))
texts = st.text(max_size=30)
maybe = st.none() | texts
events = st.builds(
    ScanEvent,
    occurred_at=st.none() | instants,
    zone=maybe,
    zone_assumed=st.booleans(),
    stage=st.sampled_from(Stage),
    is_scan=st.booleans(),
    code=maybe,
    text=texts,
    location=maybe,
)
evidence = st.builds(
    Evidence,
    url=maybe,
    http_status=st.none() | st.integers(100, 599),
    content_type=maybe,
    body=maybe,
    reader=texts,
    screenshot=st.none() | st.binary(min_size=1, max_size=50),
)
reports = st.builds(
    LookReport,
    tracking_number=texts,
    carrier=st.none() | st.sampled_from(CarrierName),
    outcome=st.sampled_from(Outcome),
    looked_at=instants,
    events=st.lists(events, max_size=4).map(tuple),
    detail=maybe,
    retry_after_seconds=st.none() | st.floats(0, 1e6),
    evidence=st.none() | evidence,
)


@given(told=st.lists(reports, max_size=4), shared=st.booleans())
def test_reports_come_back_as_they_went(*, told: list[LookReport], shared: bool) -> None:
    """
    Nothing is lost or changed on the way between the processes, shared evidence included.
    """
    if shared and told:
        told = [replace(report, evidence=told[0].evidence) for report in told]
    writer, reader = ReportWriter(), ReportReader()
    lines = [json.dumps(writer.told(report)) for report in told]
    assert [reader.read(json.loads(line)) for line in lines] == told


def test_shared_evidence_is_told_once() -> None:
    """
    The second report of a batch does not carry the answer's body again.
    """
    kept = Evidence(url=None, http_status=200, content_type=None, body="x" * 1000, reader="r")
    report = LookReport(
        tracking_number="N",
        carrier=None,
        outcome=Outcome.UNREADABLE,
        looked_at=datetime(2026, 1, 1, tzinfo=UTC),
        evidence=kept,
    )
    writer = ReportWriter()
    first, second = (json.dumps(writer.told(report)) for _ in range(2))
    assert "x" * 1000 in first
    assert len(second) < 500


def test_an_access_comes_back_as_it_went() -> None:
    """
    The child is told everything about the carrier, password included.
    """
    access = clevy_access("http://127.0.0.1:9", password="pässwörd")
    assert access_from_json(json.loads(json.dumps(access_to_json(access)))) == access


def test_a_huge_body_is_cut() -> None:
    """
    Evidence of any size becomes a line of bounded size.
    """
    kept = Evidence(
        url=None, http_status=200, content_type=None, body="x" * (BODY_LIMIT + 1), reader="r"
    )
    report = ReportReader().read(
        ReportWriter().told(
            LookReport(
                tracking_number="N",
                carrier=None,
                outcome=Outcome.UNREADABLE,
                looked_at=datetime(2026, 1, 1, tzinfo=UTC),
                evidence=kept,
            )
        )
    )
    assert report.evidence is not None
    assert report.evidence.body == "x" * BODY_LIMIT


@pytest.mark.parametrize("line", [{}, {"tracking_number": "N"}])
def test_a_line_that_is_no_report_is_refused(line: dict[str, str]) -> None:
    """
    A broken line raises instead of becoming a half report.
    """
    with pytest.raises((KeyError, TypeError, ValueError)):
        ReportReader().read(line)
