"""
How parcels fared over the weeks: time to the scan, scans in time, open alerts by age, claims.

Every question is answered by one aggregate, on SQLite and PostgreSQL alike. ``scope`` in
:class:`Span` bounds everything that is counted: what belongs to other shops, or to none, is not
among the figures of a person who may not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import case, func, literal, select

from tracker.model import AlertKind, ClaimAnswer
from tracker.store.between import whole_between
from tracker.store.room import Room
from tracker.store.tables import alerts, parcels
from tracker.store.tables.derived import WEEK, WEEKS_BEGIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement

_SHARES = {"median": 50, "ninetieth": 90}


class Fate(StrEnum):
    """
    How a parcel whose deadline has passed was scanned, as the database derives it.
    """

    IN_TIME = "in_time"
    LATE = "late"
    UNSCANNED = "unscanned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """
    What is counted: so many weeks of 7 x 24 hours from ``start``, whose, and where.

    ``start`` is a Monday, 00:00 on the centres' clock; else a ``ValueError`` is raised.
    """

    scope: frozenset[str] | None
    start: datetime
    weeks: int
    shop: str | None = None
    centre: str | None = None

    def __post_init__(self) -> None:
        if (self.start - WEEKS_BEGIN) % WEEK:
            raise ValueError(f"no week begins at {self.start.isoformat()}")

    @property
    def first_week(self) -> int:
        """
        The week that begins at ``start``, as parcels' weeks are counted.
        """
        return (self.start - WEEKS_BEGIN) // WEEK

    @property
    def end(self) -> datetime:
        """
        The first instant after the last week.
        """
        return self.start + self.weeks * WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreWeek:
    """
    One centre's parcels of one week's hand-overs; ``week`` counts from 0 within the span.

    ``median`` and ``ninetieth`` are the whole hours from hand-over to scan within which that share
    of the ``scanned`` ones was scanned, closed days included; ``None`` if none was. ``due`` are
    those whose deadline has passed.
    """

    centre: str
    week: int
    scanned: int
    median: int | None
    ninetieth: int | None
    in_time: int
    late: int
    unscanned: int

    @property
    def due(self) -> int:
        """
        Those of which it is known whether they were scanned in time.
        """
        return self.in_time + self.late + self.unscanned


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlerts:
    """
    How many alerts of a kind are open that long: ``age`` is the place in the bounds asked for.
    """

    kind: AlertKind
    age: int
    many: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """
    How many claims of one week were answered so; ``None``: not yet.
    """

    week: int
    answer: ClaimAnswer | None
    many: int


class Trends(Room):
    """
    Reads what the trends' pages show.
    """

    def by_week(self, span: Span, now: datetime) -> tuple[CentreWeek, ...]:
        """
        How long each centre took with what it was given each week, and whether that was in time.

        A scan dated before its hand-over took no time. Of what is past its deadline is left out
        what nobody can judge: cancelled orders, scans without a time, and what the platform calls
        shipped without a scan that we saw.
        """
        on_index = (
            parcels.c.goes_to,
            parcels.c.given_week,
            parcels.c.transit_hours,
            parcels.c.fate,
        )
        counted = (
            select(
                *on_index,
                func.count().label("many"),
                func.count().filter(parcels.c.scan_deadline <= now).label("due"),
            )
            .where(*_handed_over(span))
            .group_by(*on_index)  # as the index is ordered: nothing is sorted
            .cte("counted")
        )
        place = (counted.c.goes_to, counted.c.given_week)
        passed = counted.c.transit_hours
        hours = case((passed < 0, 0), else_=passed)
        dated = func.sum(counted.c.many).filter(passed.is_not(None))
        running = select(
            counted,
            hours.label("hours"),
            dated.over(partition_by=place, order_by=hours).label("upto"),
            dated.over(partition_by=place).label("whole"),
        ).cte("running")
        many, within = running.c.many, running.c.upto * 100
        query = (
            select(
                running.c.goes_to,
                (running.c.given_week - span.first_week).label("week"),
                func.sum(many).filter(running.c.hours.is_not(None)).label("scanned"),
                *(
                    func.min(running.c.hours).filter(within >= running.c.whole * share).label(name)
                    for name, share in _SHARES.items()
                ),
                *(
                    func.sum(running.c.due).filter(running.c.fate == fate.value).label(fate.value)
                    for fate in Fate
                ),
            )
            .group_by(running.c.goes_to, running.c.given_week)
            .order_by(running.c.goes_to, running.c.given_week)
        )
        return tuple(
            CentreWeek(
                centre=row["goes_to"],
                week=row["week"],
                **{name: row[name] for name in _SHARES},
                **{
                    name: int(row[name] or 0)
                    for name in ("scanned", *(fate.value for fate in Fate))
                },
            )
            for row in self._connection.execute(query).mappings()
        )

    def shops(self) -> tuple[str, ...]:
        """
        Every shop that a parcel belongs to, or belonged to, by name.
        """
        query = select(parcels.c.shop).distinct().where(parcels.c.shop.is_not(None))
        return tuple(sorted(self._connection.execute(query).scalars()))

    def open_alerts(self, span: Span, bounds: tuple[datetime, ...]) -> tuple[OpenAlerts, ...]:
        """
        The open alerts by kind and age: those opened at or after the first bound are of age 0.

        The weeks of the span do not matter.
        """
        age = case(
            *((alerts.c.opened_at >= bound, n) for n, bound in enumerate(bounds)),
            else_=len(bounds),
        )
        query = (
            select(alerts.c.kind, age.label("age"), func.count().label("many"))
            .where(alerts.c.closed_at.is_(None), *_whose(alerts.c.shop, span))
            .group_by(alerts.c.kind, "age")
            .order_by(alerts.c.kind, "age")
        )
        if span.centre is not None:
            query = query.join(parcels, parcels.c.id == alerts.c.parcel_id).where(
                parcels.c.goes_to == span.centre
            )
        return tuple(
            OpenAlerts(kind=AlertKind(row["kind"]), age=row["age"], many=row["many"])
            for row in self._connection.execute(query).mappings()
        )

    def claims(self, span: Span) -> tuple[Claims, ...]:
        """
        The claims raised in the weeks of the span, by their latest answer.
        """
        at = parcels.c.claimed_at
        query = (
            select(_week(at, span), parcels.c.claim_answer, func.count().label("many"))
            .where(*_within(at, span), *_where(span))
            .group_by("week", parcels.c.claim_answer)
            .order_by("week", parcels.c.claim_answer)
        )
        return tuple(
            Claims(
                week=row["week"],
                answer=ClaimAnswer(row["claim_answer"]) if row["claim_answer"] else None,
                many=row["many"],
            )
            for row in self._connection.execute(query).mappings()
        )


def _handed_over(span: Span) -> Iterator[ColumnElement[bool]]:
    """
    Parcels that somebody gave to a known centre within the span's weeks.
    """
    week = parcels.c.given_week
    yield week >= span.first_week
    yield week < span.first_week + span.weeks
    yield parcels.c.goes_to.is_not(None)
    yield from _where(span)


def _within(at: ColumnElement[datetime], span: Span) -> Iterator[ColumnElement[bool]]:
    yield at >= span.start
    yield at < span.end


def _where(span: Span) -> Iterator[ColumnElement[bool]]:
    yield from _whose(parcels.c.shop, span)
    if span.centre is not None:
        yield parcels.c.goes_to == span.centre


def _whose(shop: ColumnElement[str | None], span: Span) -> Iterator[ColumnElement[bool]]:
    if span.scope is not None:
        yield shop.in_(sorted(span.scope))
    if span.shop is not None:
        yield shop == span.shop


def _week(at: ColumnElement[datetime], span: Span) -> ColumnElement[int]:
    """
    Which week of the span an instant lies in, counted from 0.
    """
    start = literal(span.start, at.type)
    return whole_between(start, at, WEEK.total_seconds()).label("week")
