"""
The watch list as people look through it: searched, filtered, sorted, page by page.

``scope`` is the shops that the person may see, ``None`` for all. Whatever is asked for, a parcel
of another shop, or of none, is not among the answers and is not counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import any_, func, literal, or_, select, tuple_, union_all

from tracker.model import AlertKind, ParcelState
from tracker.searching import SHORTEST_BEGINNING, Search
from tracker.store.conditions import state_at, unindexed
from tracker.store.parts import in_parts
from tracker.store.records import parcel_of
from tracker.store.room import Room
from tracker.store.tables import alert_parcels, alerts, looks, parcels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, CompoundSelect, Select

    from tracker.model import CarrierName, Parcel, Service

Scope: TypeAlias = "frozenset[str] | None"


class Sort(StrEnum):
    """
    In which order parcels are listed.
    """

    NEWEST = "newest"  # the last entered first
    DEADLINE = "deadline"  # the first to be scanned first; those without a deadline last
    CANCELLATION = "cancellation"  # the first to be cancelled first, likewise


class DatedBy(StrEnum):
    """
    Which date the dates of a filter mean.
    """

    HANDED_OVER = "handed_over"
    ORDERED = "ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFilter:
    """
    Which parcels are meant; what is not given does not matter.

    ``since`` and ``until`` bound the date that ``dated_by`` names, the end excluded. ``states`` is
    as of the instant of asking.
    """

    search: Search = field(default_factory=Search)
    shop: str | None = None
    state: ParcelState | None = None
    carrier: CarrierName | None = None
    centre: str | None = None
    station: str | None = None
    service: Service | None = None
    dated_by: DatedBy = DatedBy.HANDED_OVER
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """
    A place in a sorted list: the parcel there and the instant that it is sorted by, if it has one.
    """

    parcel_id: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering:
    """
    An alert about the watching itself that lists a parcel: its kind and its time, nothing else.
    """

    id: int
    kind: AlertKind
    opened_at: datetime
    closed_at: datetime | None


_SORTED_BY = {Sort.DEADLINE: parcels.c.scan_deadline, Sort.CANCELLATION: parcels.c.auto_cancel_at}
_DATE = {DatedBy.HANDED_OVER: parcels.c.handed_over_at, DatedBy.ORDERED: parcels.c.created_at}
_MANY_FOUND = 5_000
_WAYBILL = func.upper(parcels.c.waybill)


class ParcelBoard(Room):
    """
    Reads what the parcels' pages show.
    """

    def counts(self, scope: Scope, wanted: ParcelFilter, now: datetime) -> dict[ParcelState, int]:
        """
        How many parcels of each state the filter finds when its own state does not matter.
        """
        passed = parcels.c.scan_deadline <= now
        query = (
            select(
                parcels.c.standing,
                func.count(),
                func.count().filter(passed),
                func.count().filter(passed, parcels.c.unverified_since.is_not(None)),
            )
            .where(*self._conditions(scope, replace(wanted, state=None), now, counted=True))
            # By centre too, as an index is ordered: nothing is sorted when nothing is filtered.
            .group_by(parcels.c.goes_to, parcels.c.standing)
        )
        found: Counter[ParcelState] = Counter()
        for standing, many, late, unverified in self._connection.execute(query):
            if standing is not None:
                found[ParcelState(standing)] += many
                continue
            found[ParcelState.WAITING] += many - late
            found[ParcelState.OVERDUE] += late - unverified
            found[ParcelState.UNVERIFIED] += unverified
        return {state: found[state] for state in sorted(found) if found[state]}

    def page(
        self,
        scope: Scope,
        wanted: ParcelFilter,
        now: datetime,
        *,
        sort: Sort,
        limit: int,
        after: Place | None = None,
    ) -> tuple[Parcel, ...]:
        """
        Up to ``limit`` parcels behind the place, or from the beginning.
        """
        query = select(parcels).where(*self._conditions(scope, wanted, now))
        listed: list[Parcel] = []
        for part in _parts(query, sort, after):
            if len(listed) < limit:
                rows = self._connection.execute(part.limit(limit - len(listed))).mappings()
                listed += [parcel_of(row, now) for row in rows]
        return tuple(listed)

    def places(self, scope: Scope) -> tuple[tuple[str | None, str | None], ...]:
        """
        Each pair of shop and station that any parcel has, in the order of their names.
        """
        query = select(parcels.c.shop, parcels.c.station).distinct()
        if scope is not None:
            query = query.where(parcels.c.shop.in_(scope))
        pairs = self._connection.execute(query)
        return tuple(sorted(((row[0], row[1]) for row in pairs), key=_by_names))

    def covering(self, parcel_id: int) -> tuple[Covering, ...]:
        """
        The alerts about the watching itself that list the parcel, oldest first.
        """
        query = (
            select(alerts.c.id, alerts.c.kind, alerts.c.opened_at, alerts.c.closed_at)
            .join(alert_parcels, alert_parcels.c.alert_id == alerts.c.id)
            .where(alert_parcels.c.parcel_id == parcel_id)
            .order_by(alerts.c.opened_at, alerts.c.id)
        )
        return tuple(
            Covering(
                id=row["id"],
                kind=AlertKind(row["kind"]),
                opened_at=row["opened_at"],
                closed_at=row["closed_at"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def concerns_others(self, scope: frozenset[str], digest: str, numbers: Iterable[str]) -> bool:
        """
        True if a kept answer is about parcels beyond the scope too.

        By the looks that rest on it, and by the ``numbers`` that stand in it: many looks keep no
        answer of their own.
        """
        beyond = parcels.c.shop.is_(None) | parcels.c.shop.not_in(sorted(scope))
        looked = (
            select(looks.c.id)
            .join(parcels, parcels.c.id == looks.c.parcel_id)
            .where(looks.c.evidence == digest, beyond)
        )
        if self._connection.execute(looked.limit(1)).first() is not None:
            return True
        for part in in_parts(sorted(numbers)):
            named = select(parcels.c.id).where(parcels.c.tracking_number.in_(part), beyond)
            if self._connection.execute(named.limit(1)).first() is not None:
                return True
        return False

    def _conditions(
        self, scope: Scope, wanted: ParcelFilter, now: datetime, *, counted: bool = False
    ) -> Iterator[ColumnElement[bool]]:
        """
        What a parcel must meet; ``counted`` says that all that do are read, not the first few.
        """
        if scope is not None:
            yield parcels.c.shop.in_(sorted(scope))
        if wanted.search.numbers:
            yield self._bears(wanted.search, counted=counted)
        equal = {
            parcels.c.shop: wanted.shop,
            parcels.c.centre: wanted.centre,
            parcels.c.station: wanted.station,
            parcels.c.service: wanted.service,
        }
        for column, value in equal.items():
            if value is not None:
                yield column == str(value)
        if wanted.carrier is not None:
            own, second = parcels.c.carrier, parcels.c.second_carrier
            yield or_(own == wanted.carrier.value, second == wanted.carrier.value)
        date = _DATE[wanted.dated_by]
        if wanted.since is not None:
            yield date >= wanted.since
        if wanted.until is not None:
            yield date < wanted.until
        if wanted.state is not None:
            yield state_at(now) == wanted.state.value

    def _bears(self, search: Search, *, counted: bool) -> ColumnElement[bool]:
        """
        True for parcels whose tracking, order, waybill or case number is or begins with one.

        A long list is of whole numbers.
        """
        columns = (parcels.c.tracking_number, parcels.c.order_number, _WAYBILL, parcels.c.case_id)
        begins = () if search.only_whole else search.numbers
        beginnings = [one for one in begins if len(one) >= SHORTEST_BEGINNING]
        alike = [
            or_(column.in_(search.numbers), *(self._begins(column, one) for one in beginnings))
            for column in columns
        ]
        # Few are found by the indexes. A beginning that half of the list shares is not: to collect
        # all of them before the first page is sorted takes longer than to look at each in order.
        # Where all are counted, they are looked up in what the indexes know, in the index that
        # counts: the rows themselves need not be read.
        found = union_all(*(select(parcels.c.id).where(one) for one in alike))
        if self._count(found, _MANY_FOUND + 1) <= _MANY_FOUND:
            return self._one_of(found)
        return unindexed(parcels.c.id, 0).in_(select(found.subquery())) if counted else or_(*alike)

    def _count(self, found: CompoundSelect[int], most: int) -> int:
        """
        How many were found, but not beyond ``most``.
        """
        # Apart from its limit: with it PostgreSQL takes reading the table from its beginning for
        # the shorter way, and few are found late or never.
        all_found = found.cte().prefix_with("MATERIALIZED", dialect="postgresql")
        some = select(all_found.c.id).limit(most).subquery()
        return self._connection.execute(select(func.count()).select_from(some)).scalar_one()

    def _one_of(self, few: CompoundSelect[int]) -> ColumnElement[bool]:
        """
        True for parcels with one of the ids, each fetched by its id.
        """
        if self._connection.dialect.name == "sqlite":
            return parcels.c.id.in_(select(few.subquery()))
        # An array, because PostgreSQL cannot tell beforehand how many begin alike: it may take them
        # for so few that it compares each with every parcel.
        return parcels.c.id == any_(func.array(few.scalar_subquery()))

    def _begins(self, column: ColumnElement[str | None], text: str) -> ColumnElement[bool]:
        """
        True for what begins with the text; written so that each engine's index answers it.
        """
        if self._connection.dialect.name == "sqlite":
            return column.between(text, text + "\U0010ffff")
        return column.startswith(text, autoescape=True)


def _parts(
    query: Select[*tuple[object, ...]], sort: Sort, after: Place | None
) -> Iterator[Select[*tuple[object, ...]]]:
    """
    The rest of the list in one query or two: what is sorted by an instant, then what has none.

    Two, because an index gives the first in order and engines differ in where they put the rest.
    """
    newest = parcels.c.id.desc()
    if sort is Sort.NEWEST:
        rest = query if after is None else query.where(parcels.c.id < after.parcel_id)
        yield rest.order_by(newest)
        return
    column = _SORTED_BY[sort]
    if after is None or after.at is not None:
        dated = query.where(column.is_not(None)).order_by(column, parcels.c.id)
        if after is not None:
            here = tuple_(literal(after.at, column.type), literal(after.parcel_id))
            dated = dated.where(tuple_(column, parcels.c.id) > here)
        yield dated
        yield query.where(column.is_(None)).order_by(newest)
    else:
        yield query.where(column.is_(None), parcels.c.id < after.parcel_id).order_by(newest)


def place_of(parcel: Parcel, sort: Sort) -> Place:
    """
    Where the parcel stands in a list sorted so.
    """
    at = {
        Sort.NEWEST: None,
        Sort.DEADLINE: parcel.scan_deadline,
        Sort.CANCELLATION: parcel.auto_cancel_at,
    }
    return Place(parcel.id, at[sort])


def _by_names(pair: tuple[str | None, str | None]) -> tuple[str, str]:
    return pair[0] or "", pair[1] or ""
