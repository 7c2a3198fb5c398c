"""
At whose portal a parcel is looked at next, and when. Pure.

A doubtful parcel has two portals (contract.md, service and carrier). Each has a cadence of its own,
counted from its own looks, so that a portal that fails is asked again at its own growing pauses
and not whenever the other one answers. After a good look at the parcel's own portal the other one
follows at once, so that both proofs are of one age.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.planning.cadence import Watch, next_look_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tracker.calendar import WorkingCalendar
    from tracker.model import CarrierName
    from tracker.planning.cadence import Cadence
    from tracker.store.marks import CarrierMark
    from tracker.store.records import WatchRecord

Turn = tuple["datetime | None", "CarrierName | None"]


def next_turn(
    record: WatchRecord,
    now: datetime,
    calendar: WorkingCalendar,
    cadence: Cadence,
    *,
    marks: Mapping[CarrierName, CarrierMark],
    closed: Mapping[CarrierName, datetime],
) -> Turn:
    """
    The instant of the next look, in UTC, and whose portal it goes to; ``None``: never.

    ``marks`` matter for a parcel of two portals only; a portal in ``closed`` is not asked before
    its instant (it cools down), and the turn passes to the other one meanwhile.
    """
    carriers, watch = record.parcel.carriers, watch_of(record)
    if len(carriers) < 2:  # noqa: PLR2004 - two portals or not
        carrier = record.parcel.carrier
        return (next_look_at(watch, now, calendar, cadence) if carrier else None), carrier
    if next_look_at(watch, now, calendar, cadence) is None:
        return None, carriers[0]  # the end of the watch is no portal's own
    times = {}
    for carrier in _asked(carriers, marks):
        at = next_look_at(_seen_by(watch, marks.get(carrier)), now, calendar, cadence) or now
        if carrier is carriers[1] and _follows(marks.get(carriers[0]), marks.get(carrier)):
            at = min(at, now)
        times[carrier] = max(at, closed.get(carrier, at))
    turn = min(times, key=lambda carrier: times[carrier])  # of equals the parcel's own
    return times[turn], turn


def watch_of(record: WatchRecord) -> Watch:
    """
    What the cadence needs to know of the parcel.
    """
    parcel = record.parcel
    return Watch(
        key=parcel.tracking_number or str(parcel.id),
        first_seen_at=parcel.first_seen_at,
        service=parcel.service,
        seller_status=parcel.seller_status,
        stage=parcel.stage,
        scanned=parcel.scanned,
        first_scan_at=parcel.first_scan_at,
        created_at=parcel.created_at,
        handed_over_at=parcel.handed_over_at,
        handover_assumed=parcel.handover_assumed,
        scan_deadline=parcel.scan_deadline,
        last_look_at=parcel.last_look_at,
        last_outcome=parcel.last_outcome,
        last_good_look_at=parcel.last_good_look_at,
        last_news_at=record.last_news_at,
        failures=record.failures,
        claimed_at=record.claimed_at,
    )


def _asked(
    carriers: tuple[CarrierName, ...], marks: Mapping[CarrierName, CarrierMark]
) -> tuple[CarrierName, ...]:
    """
    Both portals until one shows the scan: then it is known whose parcel it is.
    """
    shown = tuple(one for one in carriers if one in marks and marks[one].showed_scan)
    return shown or carriers


def _seen_by(watch: Watch, mark: CarrierMark | None) -> Watch:
    """
    The parcel as this portal's looks alone show it.
    """
    return replace(
        watch,
        last_look_at=mark.last_look_at if mark else None,
        last_outcome=mark.last_outcome if mark else None,
        last_good_look_at=mark.last_good_look_at if mark else None,
        failures=mark.failures if mark else 0,
    )


def _follows(first: CarrierMark | None, second: CarrierMark | None) -> bool:
    """
    True if the first portal has answered since the second one was asked, and that one is well.
    """
    if first is None or not first.last_outcome.is_good:
        return False
    return second is None or (
        second.last_outcome.is_good and second.last_look_at < first.last_look_at
    )
