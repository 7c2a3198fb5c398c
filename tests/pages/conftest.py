"""
The saved cases of tests/pages/cases: one folder is one answer of a portal and what it means.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
from tracker.teaching.case import SavedCase, load_case, reading

if TYPE_CHECKING:
    import pytest

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
        self, looked_at: datetime = LOOKED_AT, tables: Tables | None = None
    ) -> tuple[LookReport, ...]:
        """
        What the reader makes of the case.
        """
        return super().read(looked_at, tables)

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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """
    One test per case folder for ``case``, per case with a seen number for ``good_case``.
    """
    cases = [load(folder) for folder in sorted(CASES.iterdir()) if (folder / "meta.toml").exists()]
    for name, chosen in (("case", cases), ("good_case", [case for case in cases if case.is_good])):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, chosen, ids=[case.name for case in chosen])
