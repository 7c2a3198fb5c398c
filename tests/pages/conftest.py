"""
The saved cases of tests/pages/cases: one folder is one answer of a portal and what it means.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.model import CarrierName, LookReport, Outcome
from tracker.pages.capture import Answer, PageCapture
from tracker.pages.portal import read_portal
from tracker.pages.route_track import read_route_track
from tracker.profiles import ReadProfile, parse_profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

CASES = Path(__file__).parent / "cases"
LOOKED_AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """
    One case folder: ``meta.toml`` says which reader, which numbers, and how the answer came.
    """

    name: str
    meta: dict[str, Any]
    capture: PageCapture | None
    answer: Answer | None
    expected: list[dict[str, Any]]

    @property
    def is_good(self) -> bool:
        """
        True when some number was seen.
        """
        return any(Outcome(line["outcome"]).is_good for line in self.expected)

    @property
    def asked(self) -> list[str]:
        """
        The numbers asked for.
        """
        numbers: list[str] = self.meta["asked"]
        return numbers

    def read(self) -> tuple[LookReport, ...]:
        """
        What the reader makes of the case.
        """
        if self.answer is not None:
            return read_route_track(self.answer, self.asked, looked_at=LOOKED_AT)
        assert self.capture is not None
        return read_portal(
            self.capture,
            self.asked,
            carrier=CarrierName(self.meta["carrier"]),
            looked_at=LOOKED_AT,
            profile=profile_of(self.meta),
            field_found=self.meta.get("field_found", True),
        )

    def told(self) -> list[dict[str, Any]]:
        """
        The reading in the form of ``track --json`` (contract.md), without ``looked_at``.
        """
        lines: list[dict[str, Any]] = json.loads(json.dumps([shape(r) for r in self.read()]))
        return lines

    def with_html(self, html: str) -> Case:
        """
        The same case with a damaged page.
        """
        assert self.capture is not None
        return replace(self, capture=replace(self.capture, html=html))

    def with_further(self, html: str, index: int) -> Case:
        """
        The same case with a damaged later snapshot.
        """
        assert self.capture is not None
        further = list(self.capture.further)
        further[index] = html
        return replace(self, capture=replace(self.capture, further=tuple(further)))

    def with_body(self, body: str, index: int = 0) -> Case:
        """
        The same case with a damaged data answer.
        """
        if self.answer is not None:
            return replace(self, answer=replace(self.answer, body=body))
        assert self.capture is not None
        answers = list(self.capture.answers)
        answers[index] = replace(answers[index], body=body)
        return replace(self, capture=replace(self.capture, answers=tuple(answers)))


def load(folder: Path) -> Case:
    """
    The case in a folder.
    """
    meta = tomllib.loads((folder / "meta.toml").read_text("utf-8"))
    answers = tuple(_answer(folder, entry) for entry in meta.get("answers", []))
    expected_file = folder / "expected.json"
    expected = json.loads(expected_file.read_text("utf-8")) if expected_file.exists() else []
    if meta["reader"] == "route_track":
        return Case(folder.name, meta, None, answers[0], expected)
    before = folder / "before.html"
    capture = PageCapture(
        url=meta["url"],
        status=meta.get("status", 200),
        html_before=before.read_text("utf-8") if before.exists() else None,
        html=(folder / "page.html").read_text("utf-8"),
        answers=answers,
        submitted=meta.get("submitted", True),
        further=tuple(_further(folder)),
        partial=meta.get("partial"),
    )
    return Case(folder.name, meta, capture, None, expected)


def profile_of(meta: dict[str, Any]) -> ReadProfile:
    """
    The reading part of the profile that a case gives (``[profile]``), as in a portal's own file.
    """
    return parse_profile({"read": meta.get("profile", {})}, "meta.toml").read


def _further(folder: Path) -> Iterator[str]:
    """
    The later snapshots ``further-1.html``, ``further-2.html`` and so on.
    """
    for number in count(1):
        file = folder / f"further-{number}.html"
        if not file.exists():
            return
        yield file.read_text("utf-8")


def _answer(folder: Path, entry: dict[str, Any]) -> Answer:
    return Answer(
        url=entry["url"],
        status=entry.get("status", 200),
        content_type=entry.get("content_type", "application/json"),
        body=(folder / entry["file"]).read_text("utf-8"),
        headers=entry.get("headers", {}),
        complete=entry.get("complete", True),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """
    One test per case folder for ``case``, per case with a seen number for ``good_case``.
    """
    cases = [load(folder) for folder in sorted(CASES.iterdir()) if (folder / "meta.toml").exists()]
    for name, chosen in (("case", cases), ("good_case", [case for case in cases if case.is_good])):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, chosen, ids=[case.name for case in chosen])


def shape(report: LookReport) -> dict[str, Any]:
    """
    A report in the form of ``track --json`` (contract.md), without ``looked_at``.
    """
    return {
        "tracking_number": report.tracking_number,
        "carrier": report.carrier,
        "outcome": report.outcome,
        "scanned": report.scanned,
        "first_scan_at": _utc(report.first_scan_at),
        "stage": report.stage,
        "detail": report.detail,
        "events": [
            {
                "occurred_at": _utc(event.occurred_at),
                "zone": event.zone,
                "zone_assumed": event.zone_assumed,
                "stage": event.stage,
                "is_scan": event.is_scan,
                "code": event.code,
                "text": event.text,
                "location": event.location,
            }
            for event in report.events
        ],
    }


def _utc(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
