"""
How parcels fared over the weeks: time to the scan, scans in time, open alerts by age, claims.

Every question is answered by one aggregate, on SQLite and PostgreSQL alike. ``scope`` in
:class:`Span` bounds everything that is counted: what belongs to other shops, or to none, is not
among the figures of a person who may not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, case, false, func, literal, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from tracker.model import AlertKind, ClaimAnswer, SellerStatus
from tracker.store.conditions import counting_centre
from tracker.store.room import Room
from tracker.store.tables import alerts, parcels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.compiler import SQLCompiler

_SHARES = {"median": 50, "ninetieth": 90}
_WEEK = timedelta(weeks=1)
_HOUR = 3600.0


class Fate(StrEnum):
    """
    How a parcel whose deadline has passed was scanned.
    """

    IN_TIME = "in_time"
    LATE = "late"
    UNSCANNED = "unscanned"
    UNKNOWN = "unknown"  # nobody can say, or its deadline lies ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """
    What is counted: so many weeks of 7 x 24 hours from ``start``, whose, and where.
    """

    scope: frozenset[str] | None
    start: datetime
    weeks: int
    shop: str | None = None
    centre: str | None = None

    @property
    def end(self) -> datetime:
        """
        The first instant after the last week.
        """
        return self.start + self.weeks * _WEEK


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
        passed = _whole_between(parcels.c.handed_over_at, parcels.c.first_scan_at, _HOUR)
        counted = (
            select(
                counting_centre().label("goes_to"),
                _week(parcels.c.handed_over_at, span),
                passed.label("passed"),
                _fate(now).label("fate"),
                func.count().label("many"),
            )
            .where(*_handed_over(span))
            # What tells most rows apart first: they are sorted for it.
            .group_by("passed", "week", "goes_to", "fate")
            .cte("counted")
        )
        place = (counted.c.goes_to, counted.c.week)
        hours = case((counted.c.passed < 0, 0), else_=counted.c.passed)
        dated = func.sum(counted.c.many).filter(counted.c.passed.is_not(None))
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
                running.c.week,
                func.sum(many).filter(running.c.hours.is_not(None)).label("scanned"),
                *(
                    func.min(running.c.hours).filter(within >= running.c.whole * share).label(name)
                    for name, share in _SHARES.items()
                ),
                *(
                    func.sum(many).filter(running.c.fate == fate.value).label(fate.value)
                    for fate in (Fate.IN_TIME, Fate.LATE, Fate.UNSCANNED)
                ),
            )
            .group_by(running.c.goes_to, running.c.week)
            .order_by(running.c.goes_to, running.c.week)
        )
        return tuple(
            CentreWeek(
                centre=row["goes_to"],
                week=row["week"],
                **{name: row[name] for name in _SHARES},
                **{
                    name: int(row[name] or 0)
                    for name in ("scanned", "in_time", "late", "unscanned")
                },
            )
            for row in self._connection.execute(query).mappings()
        )

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
                counting_centre() == span.centre
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


class _whole_between(FunctionElement[int]):  # noqa: N801 - it is used as SQL's functions are
    """
    How many whole units of so many seconds lie between two instants.
    """

    inherit_cache = True
    type = Integer()


@compiles(_whole_between, "sqlite")
def _in_sqlite(element: _whole_between, compiler: SQLCompiler, **options: Any) -> str:
    # Days there are fractions: half a second keeps a whole hour whole.
    start, end, unit = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(((julianday({end}) - julianday({start})) * 86400 + 0.5) / {unit} AS INTEGER)"


@compiles(_whole_between, "postgresql")
def _in_postgresql(element: _whole_between, compiler: SQLCompiler, **options: Any) -> str:
    start, end, unit = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(trunc(extract(epoch FROM {end} - {start}) / {unit}) AS INTEGER)"


def _handed_over(span: Span) -> Iterator[ColumnElement[bool]]:
    """
    Parcels that somebody gave to a known centre within the span's weeks.
    """
    yield from _within(parcels.c.handed_over_at, span)
    yield from _where(span)
    yield parcels.c.handover_assumed.is_(False)
    yield counting_centre().is_not(None)
    yield parcels.c.superseded_at.is_(None)


def _within(at: ColumnElement[datetime], span: Span) -> Iterator[ColumnElement[bool]]:
    yield at >= span.start
    yield at < span.end


def _where(span: Span) -> Iterator[ColumnElement[bool]]:
    yield from _whose(parcels.c.shop, span)
    if span.centre is not None:
        yield counting_centre() == span.centre


def _whose(shop: ColumnElement[str | None], span: Span) -> Iterator[ColumnElement[bool]]:
    if span.scope is not None:
        yield shop.in_(sorted(span.scope))
    if span.shop is not None:
        yield shop == span.shop


def _fate(now: datetime) -> ColumnElement[str]:
    first, due = parcels.c.first_scan_at, parcels.c.scan_deadline
    over = [one.value for one in SellerStatus if one.ends_scan_watch]
    ended = func.coalesce(
        parcels.c.seller_status.in_([*over, SellerStatus.CANCELED.value]), false()
    )
    return case(
        (func.coalesce(due > now, true()), Fate.UNKNOWN.value),
        (first < due, Fate.IN_TIME.value),
        (first >= due, Fate.LATE.value),
        (parcels.c.scanned.is_(False) & ~ended, Fate.UNSCANNED.value),
        else_=Fate.UNKNOWN.value,
    )


def _week(at: ColumnElement[datetime], span: Span) -> ColumnElement[int]:
    """
    Which week of the span an instant lies in, counted from 0.
    """
    start = literal(span.start, at.type)
    return _whole_between(start, at, _WEEK.total_seconds()).label("week")
