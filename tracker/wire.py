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
_SAME = "same"
_EVENT_FIELDS = fields(ScanEvent)
SCREENSHOT_LIMIT = 4_000_000  # bytes


class ReportWriter:
    """
    Reports as JSON values, one after another; evidence shared with the report before is told once.

    The reports of one batch rest on the same answer and picture: telling it with each of them
    would be most of the traffic.
    """

    def __init__(self) -> None:
        self._last: Evidence | None = None

    def told(self, report: LookReport) -> dict[str, Any]:
        """
        The report; evidence beyond the limits is cut (body) or left out (picture).
        """
        told = {item.name: getattr(report, item.name) for item in fields(LookReport)}
        told["looked_at"] = report.looked_at.isoformat()
        told["events"] = [_event_to_json(event) for event in report.events]
        told["evidence"] = self._evidence(report.evidence)
        return told

    def _evidence(self, evidence: Evidence | None) -> dict[str, Any] | str | None:
        if evidence is None:
            return None
        if evidence is self._last:
            return _SAME
        self._last = evidence
        return _evidence_to_json(evidence)


class ReportReader:
    """
    The other end of a :class:`ReportWriter`: reads the reports in the order they were told.
    """

    def __init__(self) -> None:
        self._last: Evidence | None = None

    def read(self, told: Mapping[str, Any]) -> LookReport:
        """
        The report.

        Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything that is none.
        """
        values = {item.name: told[item.name] for item in fields(LookReport)}
        values["carrier"] = None if told["carrier"] is None else CarrierName(told["carrier"])
        values["outcome"] = Outcome(told["outcome"])
        values["looked_at"] = datetime.fromisoformat(told["looked_at"])
        values["events"] = tuple(_event_from_json(event) for event in told["events"])
        values["evidence"] = self._evidence(told["evidence"])
        return LookReport(**values)

    def _evidence(self, told: Mapping[str, Any] | str | None) -> Evidence | None:
        if told is None or told == _SAME:
            return None if told is None else self._last
        if isinstance(told, str):
            raise TypeError("evidence is neither told nor the one before")
        self._last = _evidence_from_json(told)
        return self._last


def _event_to_json(event: ScanEvent) -> dict[str, Any]:
    told: dict[str, Any] = {item.name: getattr(event, item.name) for item in _EVENT_FIELDS}
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
