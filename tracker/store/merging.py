"""
What one look changes of a parcel: pure, rows in and rows out.

Events never shrink (promises.md R7), and a look that failed changes nothing that we believe (R5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tracker.model import Stage
from tracker.store.history import (
    by_identity,
    history,
    own_verdict,
    stored_event,
    summary_of,
)
from tracker.store.types import storable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from tracker.model import Evidence, LookReport, ScanEvent
    from tracker.store.history import Row

SCAN_LOST = "scan_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """
    What one look changes, as values of rows: the look's own, new events, reworded ones, the parcel.

    ``evidence`` is there when it is to be kept (promises.md R20).
    """

    parcel_id: int
    was_scanned: bool
    look: dict[str, Any]
    added: tuple[dict[str, Any], ...]
    changed: tuple[dict[str, Any], ...]
    summary: dict[str, Any]
    evidence: Evidence | None
    unknown: tuple[str, ...]


def merge(
    before: RowMapping,
    stored: Sequence[RowMapping],
    report: LookReport,
    *,
    told: datetime | None = None,
) -> Merged:
    """
    What a look at the parcel ``before`` with its ``stored`` events changes. Pure.

    ``told`` is the earliest scan that a person told of.
    """
    added, changed = _merge_events(before["id"], stored, report)
    after = _rows_after(stored, changed, added)
    verdict = own_verdict(report, before["created_at"])
    lost = _lacks_scan(before, after, report, verdict=verdict)
    # Whatever shows no scan may have to be proved: confirming looks and failed ones (R20). A loss
    # may come after a scan, and needs no deadline.
    proves = verdict is not True or report.stage is Stage.LOST
    unknown = [event.text for event in report.events if event.stage is Stage.UNCLASSIFIED]
    return Merged(
        parcel_id=before["id"],
        was_scanned=bool(before["scanned"]),
        look={
            "parcel_id": before["id"],
            "carrier": report.carrier.value if report.carrier else None,
            "looked_at": report.looked_at,
            "outcome": report.outcome.value,
            "scanned": verdict,
            "detail": report.detail,
            "flag": SCAN_LOST if lost else None,
            "reader": report.evidence.reader if report.evidence else None,
        },
        added=tuple(added),
        changed=tuple(changed),
        summary=_summarised(before, after, report, news=bool(added), told=told),
        evidence=report.evidence if proves else None,
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _merge_events(
    parcel_id: int, stored: Sequence[RowMapping], report: LookReport
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """
    New events as rows to add, and stored ones whose wording or place moved, as rows to change.
    """
    if not report.events or report.carrier is None:
        return [], []
    known = {row["identity"]: row for row in stored}
    incoming = by_identity(report.events)
    orphans = [
        row
        for key, row in known.items()
        if key not in incoming and row["carrier"] == report.carrier.value
    ]
    added, changed = [], []
    for key, event in incoming.items():
        if key in known:
            changed += _refreshed(known[key], event, key)
            continue
        reworded = _reworded(event, orphans)
        if reworded is None:
            added.append(_event_values(parcel_id, report, key, event))
        else:
            orphans.remove(reworded)
            changed += _refreshed(reworded, event, key)
    return added, changed


def _refreshed(row: RowMapping, event: ScanEvent, key: str) -> list[dict[str, Any]]:
    """
    The stored event with the new wording and place, if any; what was known of it is never lost.
    """
    known = Stage(row["stage"])
    noise = event.stage is Stage.UNCLASSIFIED or (known.is_terminal and not event.stage.is_terminal)
    values: dict[str, Any] = {
        "text": event.text,
        "location": event.location or row["location"],
        "code": event.code or row["code"],
        "stage": known.value if noise else event.stage.value,
        "is_scan": event.is_scan or row["is_scan"],
        "wording_id": row["wording_id"] if noise else event.wording_id,
        "identity": key,
    }
    if all(row[name] == value for name, value in values.items()):
        return []
    return [values | {"of": row["id"]}]


def _rows_after(
    stored: Sequence[RowMapping],
    changed: Sequence[Row],
    added: Sequence[Row],
) -> list[Row]:
    """
    The parcel's events as they will stand, in the order in which they were first stored.
    """
    by_id = {values["of"]: values for values in changed}
    kept: list[Row] = [{**row, **by_id[row["id"]]} if row["id"] in by_id else row for row in stored]
    return [*kept, *added]


def _lacks_scan(
    before: RowMapping,
    after: Sequence[Row],
    report: LookReport,
    *,
    verdict: bool | None,
) -> bool:
    """
    True for a good answer without a scan that this carrier had shown (promises.md R7).
    """
    if not (before["scanned"] and report.carrier and report.outcome.is_good) or verdict:
        return False
    own = [
        row
        for row in after
        if row["carrier"] == report.carrier.value
        and row["is_scan"]
        and not stored_event(row, before["created_at"]).foreign
    ]
    shown = by_identity(report.events)
    return bool(own) and not any(row["identity"] in shown for row in own)


def _summarised(
    before: RowMapping,
    after: Sequence[Row],
    report: LookReport,
    *,
    news: bool,
    told: datetime | None,
) -> dict[str, Any]:
    """
    The parcel's summary after the look; what a look does not touch stays as it was.
    """
    values: dict[str, Any] = {
        "last_look_at": _later(before["last_look_at"], report.looked_at),
        "last_outcome": report.outcome.value,
        "last_good_look_at": before["last_good_look_at"],
        "last_news_at": report.looked_at if news else before["last_news_at"],
        "failures": before["failures"] + 1,
        "stage": before["stage"],
        "scanned": bool(before["scanned"]),
        "first_scan_at": before["first_scan_at"],
    }
    if not report.outcome.is_good:
        return values
    own = summary_of(
        (one.event for one in history(after, before["created_at"]) if not one.foreign), told
    )
    return values | {
        "last_good_look_at": _later(before["last_good_look_at"], report.looked_at),
        "failures": 0,
        "stage": own["stage"],
        "scanned": values["scanned"] or own["scanned"],
        "first_scan_at": own["first_scan_at"] or before["first_scan_at"],
    }


def storable_report(report: LookReport) -> LookReport:
    """
    The report as it can be stored: a failed look shows nothing, and hostile texts are made plain.
    """
    listed = report.events if report.outcome.is_good else ()
    detail = storable(report.detail) if report.detail else None
    return replace(report, events=tuple(map(_storable_event, listed)), detail=detail)


def _storable_event(event: ScanEvent) -> ScanEvent:
    text = storable(event.text)
    code = storable(event.code) if event.code else None
    location = storable(event.location) if event.location else None
    if (text, code, location) == (event.text, event.code, event.location):
        return event  # nearly always, and to make another one is not for nothing
    return replace(event, text=text, code=code, location=location)


def _reworded(event: ScanEvent, orphans: Sequence[RowMapping]) -> RowMapping | None:
    """
    The stored event that this one is another wording of: same instant, stages that agree.

    Only an event that the new answer no longer shows can have been reworded, so that two
    different events of one instant stay two.
    """
    for row in orphans:
        stages = {row["stage"], event.stage.value} - {Stage.UNCLASSIFIED.value}
        if row["occurred_at"] == event.occurred_at is not None and len(stages) <= 1:
            return row
    return None


def _event_values(parcel_id: int, report: LookReport, key: str, event: ScanEvent) -> dict[str, Any]:
    return {
        "parcel_id": parcel_id,
        "carrier": report.carrier.value if report.carrier else "",
        "identity": key,
        "occurred_at": event.occurred_at,
        "zone": event.zone,
        "zone_assumed": event.zone_assumed,
        "stage": event.stage.value,
        "is_scan": event.is_scan,
        "code": event.code,
        "text": event.text,
        "location": event.location,
        "wording_id": event.wording_id,
        "first_seen_at": report.looked_at,
    }


def _later(known: datetime | None, new: datetime) -> datetime:
    return new if known is None else max(known, new)
