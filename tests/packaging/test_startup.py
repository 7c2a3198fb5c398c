"""
What the command line loads before it knows what is asked of it.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "alembic",
    "apprise",
    "apscheduler",
    "holidays",
    "httpx",
    "jinja2",
    "openpyxl",
    "playwright",
    "requests",
    "scrapy",
    "slack_sdk",
    "sqlalchemy",
    "standardwebhooks",
    "tenacity",
    "twisted",
)


def loaded_by(*arguments: str) -> set[str]:
    """
    The top-level packages that a run of the command line loads.
    """
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tracker", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_first_help_loads_no_settings() -> None:
    """
    ``tracker --help`` does not load the settings' library either.

    For the help of a single command typer loads it by itself.
    """
    assert loaded_by("--help").intersection({*HEAVY, "pydantic", "pydantic_settings"}) == set()


@pytest.mark.parametrize("arguments", [("--help",), ("track", "--help"), ("alerts", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """
    ``--help`` is instant because no library of the work itself is loaded for it.
    """
    loaded = loaded_by(*arguments)
    assert {"tracker", "typer"} <= loaded
    assert loaded.intersection(HEAVY) == set()


def test_dashboard_loads_nothing_of_what_writes_workbooks() -> None:
    """
    An idle daemon with its dashboard keeps no library that only a download needs.
    """
    told = "import sys, tracker.web.app; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=120
    ).stdout.split()
    assert {"fastapi", "tracker"} <= set(loaded)
    assert {"openpyxl", "PIL", "alembic", "scrapy", "playwright"}.isdisjoint(loaded)
