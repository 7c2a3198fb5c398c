"""
The saved cases of tests/pages/cases: one folder is one answer of a portal and what it means.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tracker.model import Outcome
from tracker.teaching.case import SavedCase, load_case, reading

if TYPE_CHECKING:
    from tracker.model import LookReport
    from tracker.stages import Tables

CASES = Path(__file__).parent / "cases"
LOOKED_AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Case(SavedCase):
    """
    One case folder, loaded as the product loads what it records, and ways to damage it.
    """

    @property
    def is_good(self) -> bool:
        """
        True when some number was seen.
        """
        return any(Outcome(line["outcome"]).is_good for line in self.expected)

    def read(
        self, looked_at: datetime | None = None, tables: Tables | None = None
    ) -> tuple[LookReport, ...]:
        """
        What the reader makes of the case, as of its look.
        """
        return super().read(looked_at or self.looked_at or LOOKED_AT, tables)

    def told(self) -> list[dict[str, Any]]:
        """
        The reading in the form of ``track --json`` (contract.md), without ``looked_at``.
        """
        return reading(self.read())

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
    saved = load_case(folder)
    return Case(**{one.name: getattr(saved, one.name) for one in fields(saved)})


@cache
def all_cases() -> tuple[Case, ...]:
    """
    Every case, read once: each test that is collected asks for them.
    """
    found = sorted(folder for folder in CASES.iterdir() if (folder / "meta.toml").exists())
    return tuple(load(folder) for folder in found)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """
    One test per case folder for ``case``, per case with a seen number for ``good_case``.
    """
    cases = all_cases()
    for name, chosen in (("case", cases), ("good_case", [case for case in cases if case.is_good])):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, chosen, ids=[case.name for case in chosen])


@pytest.fixture
def good_cases() -> list[Case]:
    """
    Every case with a seen number.
    """
    return [case for case in all_cases() if case.is_good]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """
    The count of damaged readings, and of those outside the claim (promises.md), ends the run.
    """
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    told = [entry for report in reports for entry in report.user_properties]
    tried, outside = (
        sum(number for name, number in told if name == counted)
        for counted in ("damaged_readings", "outside_the_claim")
    )
    if tried:
        terminalreporter.write_line(
            f"{tried} readings of damaged answers, {outside} outside the claim"
        )
