"""
Lines survive the store: frozen as JSON at claim time and told later.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from alerts.messages import Line
from tracker.model import AlertKind, AlertState, ClosedBecause

MakeLine = Callable[..., Line]


def test_a_line_comes_back_as_it_was(make_line: MakeLine) -> None:
    """
    Through JSON text and back, every fact, enum, day and instant is equal.
    """
    line = make_line(
        closed_because=ClosedBecause.SCANNED, covered=("A", "B"), last_text="揽收 ‘x’ \u202e"
    )
    assert Line.from_json(json.loads(json.dumps(line.to_json()))) == line


def test_missing_facts_stay_missing(make_line: MakeLine) -> None:
    """
    The least line there is comes back as it was.
    """
    full = make_line()
    least = Line(
        delivery_id=1,
        alert_id=2,
        kind=AlertKind.CARRIER_BLIND,
        notice="first",
        zone="Asia/Shanghai",
        opened_at=full.opened_at,
        alert_state=AlertState.OPEN,
        reason="",
    )
    assert Line.from_json(json.loads(json.dumps(least.to_json()))) == least


def test_instants_are_written_in_utc(make_line: MakeLine) -> None:
    """
    JSON holds UTC with ``Z``, as everywhere in the contract.
    """
    assert make_line().to_json()["deadline"] == "2026-10-13T16:00:00Z"


def test_a_line_of_another_version_is_still_told(make_line: MakeLine) -> None:
    """
    A key of a newer version is left out, a missing optional one takes its default.
    """
    stored = make_line().to_json()
    del stored["portal_confirmed"]
    read = Line.from_json({**stored, "from_the_future": 1})
    assert read == make_line(portal_confirmed=False)
