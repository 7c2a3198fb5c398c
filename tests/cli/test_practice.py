"""
``tracker practice`` as a user meets it.
"""

from __future__ import annotations

import socket

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


def test_a_port_that_is_taken_is_one_sentence() -> None:
    """
    A port that somebody else listens on is wrong usage, exit 2, and says what to do.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run_tracker("practice", "serve", "--port", port)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"tracker: --port {port} cannot be served: ")
    assert ended.err.count("\n") == 1
