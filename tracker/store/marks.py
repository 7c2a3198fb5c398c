"""
How looking at a parcel went at each portal, for parcels that are asked at two of them.

A parcel's own row mixes its portals; what the cadence needs of each stands in its looks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from tracker.model import CarrierName, Outcome
from tracker.store.parts import in_parts
from tracker.store.tables import events, looks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_IS_GOOD = looks.c.outcome.in_([outcome.value for outcome in Outcome if outcome.is_good])


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierMark:
    """
    One portal's looks at one parcel: the latest, and the failures since the last good one.

    ``showed_scan``: the portal has shown an arrival scan of this number.
    """

    last_look_at: datetime
    last_outcome: Outcome
    last_good_look_at: datetime | None = None
    failures: int = 0
    showed_scan: bool = False


def marks_of(
    connection: Connection, parcel_ids: Iterable[int]
) -> dict[int, dict[CarrierName, CarrierMark]]:
    """
    The marks of several parcels, by parcel and carrier; a portal never asked is left out.
    """
    found: dict[int, dict[CarrierName, CarrierMark]] = {}
    for part in in_parts(parcel_ids):
        _latest(connection, part, found)
        _good_and_failed(connection, part, found)
        _scans(connection, part, found)
    return found


_Marks = dict[int, dict[CarrierName, CarrierMark]]


def _latest(connection: Connection, part: Sequence[int], found: _Marks) -> None:
    newest = func.row_number().over(
        partition_by=(looks.c.parcel_id, looks.c.carrier),
        order_by=(looks.c.looked_at.desc(), looks.c.id.desc()),
    )
    ranked = (
        select(looks, newest.label("place"))
        .where(looks.c.parcel_id.in_(part), looks.c.carrier.is_not(None))
        .subquery()
    )
    for row in connection.execute(select(ranked).where(ranked.c.place == 1)).mappings():
        found.setdefault(row["parcel_id"], {})[CarrierName(row["carrier"])] = CarrierMark(
            last_look_at=row["looked_at"], last_outcome=Outcome(row["outcome"])
        )


def _good_and_failed(connection: Connection, part: Sequence[int], found: _Marks) -> None:
    good = (
        select(looks.c.parcel_id, looks.c.carrier, func.max(looks.c.looked_at).label("at"))
        .where(looks.c.parcel_id.in_(part), _IS_GOOD)
        .group_by(looks.c.parcel_id, looks.c.carrier)
        .subquery()
    )
    same = (good.c.parcel_id == looks.c.parcel_id) & (good.c.carrier == looks.c.carrier)
    failed = func.count().filter(
        ~_IS_GOOD & (good.c.at.is_(None) | (looks.c.looked_at > good.c.at))
    )
    query = (
        select(looks.c.parcel_id, looks.c.carrier, func.max(good.c.at), failed)
        .select_from(looks.outerjoin(good, same))
        .where(looks.c.parcel_id.in_(part), looks.c.carrier.is_not(None))
        .group_by(looks.c.parcel_id, looks.c.carrier)
    )
    for parcel_id, carrier, good_at, failures in connection.execute(query):
        marks, name = found[parcel_id], CarrierName(carrier)
        marks[name] = replace(marks[name], last_good_look_at=good_at, failures=failures)


def _scans(connection: Connection, part: Sequence[int], found: _Marks) -> None:
    query = (
        select(events.c.parcel_id, events.c.carrier)
        .where(events.c.parcel_id.in_(part), events.c.is_scan)
        .distinct()
    )
    for parcel_id, carrier in connection.execute(query):
        mark = found.get(parcel_id, {}).get(CarrierName(carrier))
        if mark is not None:
            found[parcel_id][CarrierName(carrier)] = replace(mark, showed_scan=True)
