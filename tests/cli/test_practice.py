"""
``tracker practice`` as a user meets it.
"""

from __future__ import annotations

from tests.support.cli import run_tracker
from tracker.practice.scenarios import scenario_lines


def test_the_help_lists_the_scenarios() -> None:
    """
    ``practice serve --help`` lists each scenario on a line of its own (contract.md).
    """
    ended = run_tracker("practice", "serve", "--help")
    assert ended.code == 0
    lines = [line.strip() for line in ended.out.splitlines()]
    assert set(scenario_lines()) <= set(lines)
