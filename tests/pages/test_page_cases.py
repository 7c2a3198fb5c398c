"""
Every saved answer means what its folder says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Case


def test_case_reads_as_its_folder_says(case: Case) -> None:
    """
    Each saved answer gives exactly the expected lines, in the asked order.
    """
    assert case.told() == case.expected


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
        assert report.evidence.reader in {"portal/2", "route_track/1"}
        assert report.evidence.body is not None
