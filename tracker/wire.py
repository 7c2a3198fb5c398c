"""
Looks as JSON and back: the only serialisation between the crawl process and its supervisor.
"""

from __future__ import annotations

import base64
from dataclasses import asdict, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tracker.model import CarrierName, Evidence, LookReport, Outcome, ScanEvent, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

BODY_LIMIT = 512_000  # characters of evidence kept; a hostile page may be of any size
SCREENSHOT_LIMIT = 4_000_000  # bytes


def report_to_json(report: LookReport) -> dict[str, Any]:
    """
    The report as JSON values; evidence beyond the limits is cut (body) or left out (picture).
    """
    told = asdict(report)
    told["looked_at"] = report.looked_at.isoformat()
    told["events"] = [_event_to_json(event) for event in report.events]
    told["evidence"] = None if report.evidence is None else _evidence_to_json(report.evidence)
    return told


def report_from_json(told: Mapping[str, Any]) -> LookReport:
    """
    The report that :func:`report_to_json` told.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else.
    """
    values = {item.name: told[item.name] for item in fields(LookReport)}
    values["carrier"] = None if told["carrier"] is None else CarrierName(told["carrier"])
    values["outcome"] = Outcome(told["outcome"])
    values["looked_at"] = datetime.fromisoformat(told["looked_at"])
    values["events"] = tuple(_event_from_json(event) for event in told["events"])
    if told["evidence"] is not None:
        values["evidence"] = _evidence_from_json(told["evidence"])
    return LookReport(**values)


def _event_to_json(event: ScanEvent) -> dict[str, Any]:
    told = asdict(event)
    told["occurred_at"] = event.occurred_at.isoformat() if event.occurred_at else None
    return told


def _event_from_json(told: Mapping[str, Any]) -> ScanEvent:
    at = told["occurred_at"]
    return ScanEvent(
        **{
            **told,
            "occurred_at": datetime.fromisoformat(at) if at else None,
            "stage": Stage(told["stage"]),
        }
    )


def _evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    picture = evidence.screenshot
    if picture is not None and len(picture) > SCREENSHOT_LIMIT:
        picture = None
    told = asdict(evidence)
    told["body"] = evidence.body[:BODY_LIMIT] if evidence.body is not None else None
    told["screenshot"] = base64.b64encode(picture).decode("ascii") if picture else None
    return told


def _evidence_from_json(told: Mapping[str, Any]) -> Evidence:
    picture = told["screenshot"]
    return Evidence(**{**told, "screenshot": base64.b64decode(picture) if picture else None})
