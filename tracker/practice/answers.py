"""
What the practice portals say about a number, in each carrier's own shape (domain.md 3.1, 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tracker.practice.scenarios import Manner, scenario_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tracker.practice.scenarios import Scenario

SHANGHAI = ZoneInfo("Asia/Shanghai")  # the portals print local time without a zone
STRANGER = {"seko": "JG-NJS-911111111-5711", "clevy": "UH911111115KE"}  # nobody asked for these


@dataclass(frozen=True, slots=True)
class PracticeEvent:
    """
    One event that a practice portal tells; ``at`` is an aware instant.
    """

    at: datetime
    text: str
    place: str = ""
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """
    What the portal knows of one number at this moment.
    """

    number: str
    manner: Manner
    events: tuple[PracticeEvent, ...]


def told_by(scenario: Scenario, number: str, start: datetime) -> Told:
    """
    The scenario's story of a number, its hours counted back from the server's start.
    """
    events = tuple(
        PracticeEvent(start - timedelta(hours=step.hours_ago), step.text, step.place, step.code)
        for step in scenario.steps
    )
    return Told(number, scenario.manner, events)


def told_of(number: str, start: datetime) -> Told:
    """
    The story of a number by the table of scenarios.
    """
    return told_by(scenario_of(number), number, start)


def clevy_answer(told: Sequence[Told]) -> dict[str, Any]:
    """
    Clevy's ``RouteTrack`` answer (domain.md 3.1).
    """
    items = _each(told, _clevy_item, STRANGER["clevy"])
    return {"Code": "SUCCESS", "ResponseMessage": items}


def seko_answer(told: Sequence[Told]) -> list[dict[str, Any]]:
    """
    The practice jtrack page's own data, in the manner of SEKO's OmniParcel (domain.md 3.3).
    """
    return _each(told, _seko_item, STRANGER["seko"])


def unreadable_answer() -> dict[str, Any]:
    """
    A whole answer in which no known marker stands.
    """
    return {"v": 3, "payload": [{"k": "a1", "q": [1, 2, 3]}]}


def _each(
    told: Sequence[Told], item: Callable[[Told, str], dict[str, Any]], stranger: str
) -> list[dict[str, Any]]:
    alone = len(told) == 1
    return [
        item(one, stranger if one.manner is Manner.SWAPPED else one.number)
        for one in told
        if not _left_out(one, alone=alone)
    ]


def _left_out(one: Told, *, alone: bool) -> bool:
    if one.manner is Manner.SKIPPED_IN_BATCH:
        return not alone
    return one.manner is Manner.SKIPPED


def _clevy_item(one: Told, number: str) -> dict[str, Any]:
    routes = [
        {
            "EventDate": event.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "EventStatus": event.text,
            "EventSite": event.place,
        }
        for event in one.events
    ]
    return {
        "MailNo": number,
        "Status": 5 if one.manner is Manner.NOT_FOUND else 2,
        "Routes": routes,
    }


def _seko_item(one: Told, number: str) -> dict[str, Any]:
    local = [event.at.astimezone(SHANGHAI) for event in one.events]
    events = [
        {
            "EventDT": at.strftime("%Y-%m-%dT%H:%M:%S"),
            "Code": None,
            "OmniCode": event.code,
            "Description": event.text,
            "Location": event.place,
            "Part": 1,
        }
        for event, at in zip(one.events, local, strict=True)
    ]
    missing = one.manner is Manner.NOT_FOUND
    return {
        "ConsignmentNo": number,
        "Status": "NotFound" if missing else (one.events[-1].text if one.events else ""),
        "Events": None if missing else events,
    }
