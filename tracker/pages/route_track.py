"""
Clevy's RouteTrack answer (domain.md 3.1), read strictly: what is not said in full is unreadable.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tracker.model import CarrierName, Outcome
from tracker.pages.dates import read_instant
from tracker.pages.events import in_order, scan_event
from tracker.pages.http import refusal
from tracker.pages.numbers import canonical
from tracker.pages.report import Finding, evidence_of, look_report, of_refusal, unreadable
from tracker.stages import load_tables, normalise_text, phrases

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.model import LookReport, ScanEvent
    from tracker.pages.capture import Answer
    from tracker.stages import Tables

READER = "route_track/1"
_NOT_FOUND = {5, "5"}  # domain.md 3.1; the other values of Status are unexplained and unused


def read_route_track(
    answer: Answer,
    asked: Sequence[str],
    *,
    looked_at: datetime,
    zone: str = "Asia/Shanghai",
    tables: Tables | None = None,
) -> tuple[LookReport, ...]:
    """
    Exactly one report per asked number, in the asked order (contract.md, outcomes).

    ``zone`` is where dates without an offset are read; ``looked_at`` is aware.
    """
    found = findings(answer, asked, now=looked_at, zone=zone, tables=tables or load_tables())
    kept = evidence_of(answer, reader=READER)
    return tuple(
        look_report(number, CarrierName.CLEVY, found[number], looked_at=looked_at, evidence=kept)
        for number in asked
    )


def findings(
    answer: Answer, asked: Sequence[str], *, now: datetime, zone: str, tables: Tables
) -> dict[str, Finding]:
    """
    What the answer says of each asked number.
    """
    refused = refusal(answer, now=now)
    if refused is not None:
        return dict.fromkeys(asked, of_refusal(refused))
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        return dict.fromkeys(asked, unreadable("the answer is not JSON"))
    return read_data(data, asked, zone=zone, tables=tables)


def is_route_track(data: Any) -> bool:
    """
    True when parsed JSON has the outer form of a RouteTrack answer.
    """
    return isinstance(data, dict) and "Code" in data and "ResponseMessage" in data


def read_data(data: Any, asked: Sequence[str], *, zone: str, tables: Tables) -> dict[str, Finding]:
    """
    What parsed JSON says of each asked number; a failed answer says nothing of any.
    """
    failed = _failure(data)
    if failed is not None:
        return dict.fromkeys(asked, failed)
    items: dict[str, list[dict[str, Any]]] = {}
    for item in data["ResponseMessage"]:
        if isinstance(item, dict) and isinstance(item.get("MailNo"), str):
            items.setdefault(canonical(item["MailNo"]), []).append(item)
    return {
        number: _of_items(items.get(canonical(number), []), zone=zone, tables=tables)
        for number in asked
    }


def _failure(data: Any) -> Finding | None:
    if not isinstance(data, dict) or "Code" not in data:
        return unreadable("the answer has no Code")
    if data["Code"] != "SUCCESS":
        return _failed(f"{data['Code']} {data.get('ResponseMessage')}")
    if not isinstance(data.get("ResponseMessage"), list):
        return unreadable("the answer has no list of parcels")
    return None


def _failed(message: str) -> Finding:
    told = normalise_text(message[:300])
    if any(mark in told for mark in phrases().credentials):
        return Finding(Outcome.BLOCKED, detail="credentials")
    if any(mark in told for mark in phrases().too_many):
        return Finding(Outcome.BLOCKED, detail="the portal says that we asked too often")
    return unreadable("the answer says that the request failed")


def _of_items(items: list[dict[str, Any]], *, zone: str, tables: Tables) -> Finding:
    """
    One number's finding; a number that stands twice is believed only where both say the same kind.
    """
    if not items:
        return Finding(Outcome.MISSING, detail="the answer lacks this number")
    found = [_of_item(item, zone=zone, tables=tables) for item in items]
    outcomes = {finding.outcome for finding in found}
    if len(outcomes) > 1:
        return unreadable("the number stands twice in the answer and the two disagree")
    events = in_order(event for finding in found for event in finding.events)
    return Finding(found[0].outcome, events, found[0].detail)


def _of_item(item: dict[str, Any], *, zone: str, tables: Tables) -> Finding:
    routes = item.get("Routes")
    if item.get("Status") in _NOT_FOUND:
        return (
            unreadable("status 5 (not found) with routes") if routes else Finding(Outcome.NOT_FOUND)
        )
    if not isinstance(routes, list):
        return unreadable("the number has no list of routes")
    if not routes:
        return Finding(Outcome.NO_EVENTS)
    events = [_event(route, zone=zone, tables=tables) for route in routes]
    read = [event for event in events if event is not None]
    if len(read) < len(events):
        return unreadable("a route lacks its date or its text")
    return Finding(Outcome.EVENTS, in_order(read))


def _event(route: Any, *, zone: str, tables: Tables) -> ScanEvent | None:
    """
    One route as an event; ``None`` when a field is absent. An unreadable date only loses the date.
    """
    if not isinstance(route, dict) or "EventDate" not in route:
        return None
    text, site = route.get("EventStatus"), route.get("EventSite")
    if not isinstance(text, str) or not text.strip():
        return None
    return scan_event(
        tables,
        CarrierName.CLEVY,
        instant=read_instant(str(route["EventDate"]), zone=zone),
        text=text,
        location=site if isinstance(site, str) else None,
        code=None,
    )
