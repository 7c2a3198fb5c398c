"""
Every saved answer means what its folder says.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Case


def shape(report: Any) -> dict[str, Any]:
    """
    A report in the form of ``track --json`` (contract.md), without ``looked_at``.
    """
    told = {
        name: getattr(report, name) for name in ("tracking_number", "carrier", "outcome", "scanned")
    }
    told |= {"first_scan_at": _utc(report.first_scan_at), "stage": report.stage}
    fields = ("zone", "zone_assumed", "stage", "is_scan", "code", "text", "location")
    told["detail"] = report.detail
    told["events"] = [
        {"occurred_at": _utc(event.occurred_at), **{name: getattr(event, name) for name in fields}}
        for event in report.events
    ]
    return told


def _utc(at: Any) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def test_case_reads_as_its_folder_says(case: Case) -> None:
    """
    Each saved answer gives exactly the expected lines, in the asked order.
    """
    read = json.loads(json.dumps([shape(report) for report in case.read()]))
    assert read == case.expected


def test_every_asked_number_has_one_report(case: Case) -> None:
    """
    As many reports come out as numbers were asked, each for its own number.
    """
    assert [report.tracking_number for report in case.read()] == case.asked


def test_reading_keeps_evidence(case: Case) -> None:
    """
    Every report carries the answer it was read from and the reader's version.
    """
    for report in case.read():
        assert report.evidence is not None
        assert report.evidence.reader in {"portal/1", "route_track/1"}
        assert report.evidence.body is not None
