"""
Totals are read from what the database derives: they stay true whatever is changed afterwards.

A back-dated scan, another hand-over, a cancellation, an archived, replaced or deleted parcel: after
each the totals are those of the parcels as they stand, counted here one by one in Python.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from tests.support.builders import CLEVY, NOON, SEKO, after, draft
from tests.support.plans import plans_of
from tracker.model import ParcelState, SellerStatus
from tracker.store import Store, StoreError
from tracker.store.boards.centres import CentreFigures
from tracker.store.boards.parcels import ParcelFilter
from tracker.store.boards.trends import CentreWeek, Span
from tracker.store.drafts import draft_values
from tracker.store.records import parcel_of
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import RowMapping

    from tests.support.databases import Databases
    from tracker.store import Transaction

#: Monday, 00:00 in China: the week before last.
START = datetime(2026, 11, 1, 16, tzinfo=UTC)
SPAN = Span(scope=None, start=START, weeks=3)
SINCE = after(days=-7)
MANY = 20
UNTOLD = {SellerStatus.SHIPPED, SellerStatus.DELIVERED, SellerStatus.FAILED}
UNTOLD |= {SellerStatus.RETURNED, SellerStatus.CANCELED}

#: Few instants, so that they meet: at and beside the bounds of weeks, hours and what is due.
instants = st.builds(
    lambda bound, minutes: bound + timedelta(minutes=minutes),
    st.sampled_from([START, START + timedelta(weeks=2), NOON, NOON, SINCE]),
    st.sampled_from([-1440, -60, -1, 0, 1]),
)
maybe = st.none() | instants
facts = st.fixed_dictionaries(
    {
        "handed_over_at": maybe,
        "handover_assumed": st.sampled_from([False, False, True]),
        "first_scan_at": maybe,
        "scanned": st.booleans(),
        "scan_deadline": maybe,
        "seller_status": st.sampled_from([None, None, *SellerStatus, SellerStatus.CANCELED]),
        "centre": st.sampled_from(["shenzhen", "ningbo", None]),
        "carrier": st.sampled_from([SEKO, SEKO, CLEVY, None]),
        "shop": st.sampled_from(["Lagos Lights", "Other", None]),
        "tracking_number": st.sampled_from([True, True, None]),
        "unverified_since": st.sampled_from([None, NOON]),
        "superseded_at": st.sampled_from([None, None, None, NOON]),
        "archived_at": st.sampled_from([None, None, None, NOON]),
    }
)
changes = st.lists(st.tuples(st.integers(1, MANY), facts | st.none()), max_size=6)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)
@given(born=st.lists(facts, min_size=MANY, max_size=MANY), changed=changes)
def test_totals_are_those_of_the_parcels_as_they_stand(
    store: Store, born: list[dict[str, Any]], changed: list[tuple[int, dict[str, Any] | None]]
) -> None:
    """
    After parcels were entered, changed and deleted, every total equals the plain count.
    """
    with store.begin(dry_run=True) as tx:
        entered = [_values(number, known) for number, known in enumerate(born, start=1)]
        tx._connection.execute(insert(parcels), entered)
        for number, known in changed:
            here = parcels.c.id == number
            if known is None:
                tx._connection.execute(delete(parcels).where(here))
            else:
                values = _values(number, known)
                tx._connection.execute(update(parcels).where(here).values(values))
        rows = tx._connection.execute(select(parcels)).mappings().all()
        assert set(tx.trends.by_week(SPAN, NOON)) == set(_weeks(rows))
        assert tx.centre_board.figures(None, NOON, since=SINCE) == _figures(rows)
        _same_states(tx, rows)


def _values(number: int, known: dict[str, Any]) -> dict[str, Any]:
    bears = draft(number).tracking_number if known["tracking_number"] else None
    return (
        draft_values(draft(number))
        | {"id": number, "first_seen_at": START}
        | known
        | {"tracking_number": bears}
    )


def _same_states(tx: Transaction, rows: Sequence[RowMapping]) -> None:
    for shop in (None, "Other"):
        expected = Counter(
            parcel_of(row, NOON).state for row in rows if shop is None or row["shop"] == shop
        )
        assert tx.parcel_board.counts(None, ParcelFilter(shop=shop), NOON) == expected


def _centre(row: RowMapping) -> str | None:
    centre: str | None = row["centre"]
    return centre or ("clevy" if row["carrier"] == CLEVY else None)


def _weeks(rows: Sequence[RowMapping]) -> list[CentreWeek]:
    groups: dict[tuple[str, int], list[RowMapping]] = defaultdict(list)
    for row in rows:
        at, centre = row["handed_over_at"], _centre(row)
        if centre and at and not row["handover_assumed"] and row["superseded_at"] is None:
            week = (at - START) // timedelta(weeks=1)
            if week in range(3):
                groups[centre, week].append(row)
    return [_week(centre, week, group) for (centre, week), group in groups.items()]


def _week(centre: str, week: int, group: list[RowMapping]) -> CentreWeek:
    hours = sorted(
        max(0, (row["first_scan_at"] - row["handed_over_at"]) // timedelta(hours=1))
        for row in group
        if row["first_scan_at"]
    )
    fates = Counter(_fate(row) for row in group)
    return CentreWeek(
        centre=centre,
        week=week,
        scanned=len(hours),
        median=hours[ceil(len(hours) * 0.5) - 1] if hours else None,
        ninetieth=hours[ceil(len(hours) * 0.9) - 1] if hours else None,
        in_time=fates["in_time"],
        late=fates["late"],
        unscanned=fates["unscanned"],
    )


def _fate(row: RowMapping) -> str | None:
    first, due = row["first_scan_at"], row["scan_deadline"]
    if due is None or due > NOON:
        return None
    if first is not None:
        return "in_time" if first < due else "late"
    return None if row["scanned"] or row["seller_status"] in UNTOLD else "unscanned"


def _figures(rows: Sequence[RowMapping]) -> dict[str, CentreFigures]:
    groups: dict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        centre, due = _centre(row), row["scan_deadline"]
        gone = row["superseded_at"] or row["archived_at"]
        if centre and not gone and (not row["scanned"] or (due is not None and due > SINCE)):
            groups[centre].append(row)
    return {centre: _standing(group) for centre, group in groups.items()}


def _standing(group: list[RowMapping]) -> CentreFigures:
    states = Counter(parcel_of(row, NOON).state for row in group)
    late = {ParcelState.OVERDUE, ParcelState.UNVERIFIED}
    overdue = [row for row in group if parcel_of(row, NOON).state in late]
    lately = [
        row
        for row in group
        if row["scan_deadline"] and SINCE < row["scan_deadline"] <= NOON
        if not row["handover_assumed"]
        if row["first_scan_at"] or row in overdue
    ]
    scans = [row["first_scan_at"] for row in group if row["first_scan_at"]]
    return CentreFigures(
        waiting=states[ParcelState.WAITING],
        overdue=len(overdue),
        unverified=states[ParcelState.UNVERIFIED],
        oldest_deadline=min((row["scan_deadline"] for row in overdue), default=None),
        in_time=sum(
            row["first_scan_at"] is not None and row["first_scan_at"] < row["scan_deadline"]
            for row in lately
        ),
        due=len(lately),
        last_scan_at=max(scans, default=None),
    )


def test_a_week_that_is_none_is_refused() -> None:
    """
    Totals are kept by weeks from Monday: a span that begins in between has none.
    """
    with pytest.raises(ValueError, match="no week begins at 2026-11-18"):
        Span(scope=None, start=NOON, weeks=1)


def test_nobody_writes_what_is_derived(store: Store) -> None:
    """
    Each engine refuses it: a total can only change with what it is derived from.
    """
    with pytest.raises(StoreError, match="goes_to"), store.begin() as tx:
        tx._connection.exec_driver_sql("UPDATE parcels SET goes_to = 'shenzhen'")


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (lambda tx: tx.trends.by_week(SPAN, NOON), "ix_parcels_fared"),
        (lambda tx: tx.centre_board.figures(None, NOON, since=SINCE), "ix_parcels_standing"),
        (lambda tx: tx.parcel_board.counts(None, ParcelFilter(), NOON), "ix_parcels_standing"),
    ],
)
def test_totals_are_read_from_an_index_in_its_order(
    sqlite_files: Databases, question: Callable[[Transaction], object], index: str
) -> None:
    """
    SQLite, which keeps no statistics here, reads the index and sorts no parcels.
    """
    store = Store(sqlite_files.migrated())
    with store.read() as tx, plans_of(tx._connection) as plans:
        question(tx)
    store.close()
    steps = plans[0].split("\n")
    reading = next(step for step in steps if "parcels" in step)
    assert index in reading
    after_it = steps[steps.index(reading) + 1 :][:1]
    assert "USE TEMP B-TREE FOR GROUP BY" not in after_it
