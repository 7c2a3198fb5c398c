"""
Looking up in this process, as the ``track`` command does.

Each look runs in a Python of its own: a reactor stays in its process for ever.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.portals import ds, postal
from tracker.looking import look
from tracker.model import Outcome
from tracker.practice.server import start_practice

ROOT = Path(__file__).parents[2]
LOOK = """
import json, sys
from tests.support.portals import clevy_access, seko_access
from tracker.looking import look
from tracker.model import CarrierName
url, asked = sys.argv[1], json.loads(sys.argv[2])
accesses = {CarrierName.CLEVY: clevy_access(url), CarrierName.SEKO: seko_access(url)}
pairs = [(number, carrier and CarrierName(carrier)) for number, carrier in asked]
heard = []
for _ in range(2):
    reports = look(accesses, pairs, on_report=lambda report: heard.append(report))
print(json.dumps({
    "reports": [[one.tracking_number, one.outcome.value] for one in reports],
    "heard": len(heard),
    "playwright": "playwright" in sys.modules,
}))
"""


def run(code: str, *arguments: str) -> dict[str, object]:
    """
    What a Python of its own prints, as JSON.
    """
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_both_carriers_and_nobody_in_the_asked_order() -> None:
    """
    One report per asked entry, in order, repeated where a number was asked twice; twice in a row.
    """
    asked = [
        [postal("scanned-today"), "clevy"],
        [ds("pre-advice"), "seko"],
        ["X1", None],
        [postal("scanned-today"), "clevy"],
        [ds("not-found"), "seko"],
    ]
    with start_practice() as portal:
        found = run(LOOK, portal.url, json.dumps(asked))
    outcomes = ["events", "events", "no_carrier", "events", "not_found"]
    numbers = [number for number, _ in asked]
    assert found["reports"] == [list(pair) for pair in zip(numbers, outcomes, strict=True)]
    assert found["heard"] == 8


def test_an_interface_look_does_not_load_playwright() -> None:
    """
    A look at Clevy's interface does not wait for the import of Playwright.
    """
    with start_practice() as portal:
        found = run(LOOK, portal.url, json.dumps([[postal("delivered"), "clevy"]]))
    assert found["playwright"] is False


def test_nobody_to_ask_needs_no_scrapy() -> None:
    """
    A number without a carrier is ``no_carrier`` at once.
    """
    (report,) = look({}, [("X1", None)])
    assert (report.outcome, report.carrier) == (Outcome.NO_CARRIER, None)


def test_the_supervisor_loads_neither_scrapy_nor_playwright() -> None:
    """
    The daemon's side of the crawl stays small.
    """
    code = """
import json, sys
import tracker.crawl, tracker.looking, tracker.wire, tracker.browser
print(json.dumps({n: n in sys.modules for n in ("scrapy", "playwright", "twisted")}))
"""
    assert run(code) == {"scrapy": False, "playwright": False, "twisted": False}
