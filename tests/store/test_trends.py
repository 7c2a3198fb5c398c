"""
Aggregates over weeks: as if counted parcel by parcel, on both engines, never beyond a scope.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from math import ceil
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from tests.support.builders import (
    CLEVY,
    NOON,
    SEKO,
    add_parcel,
    after,
    draft,
    new_alert,
    open_alert,
)
from tracker.model import AlertKind, ClaimAnswer, ClosedBecause, ParcelState, SellerStatus
from tracker.store.boards.trends import Span
from tracker.store.drafts import draft_values
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from tracker.store import Store, Transaction

#: Mondays, 00:00 in China; the last one begins the week of the clock.
WEEKS = tuple(datetime(2026, 11, 15, 16, tzinfo=UTC) + timedelta(weeks=n) for n in range(-3, 2))
CENTRES = ("shenzhen", "ningbo")
SHOPS = ("Lagos Lights", "Other")


def span(scope: frozenset[str] | None = None, **facts: str) -> Span:
    """
    The last four weeks.
    """
    return Span(scope=scope, start=WEEKS[0], weeks=4, **facts)


@pytest.fixture
def many(store: Store) -> list[dict[str, object]]:
    """
    Parcels of all sorts, the same ones every time.
    """
    chance = Random(20261118)
    rows = [some(chance, n) for n in range(400)]
    with store.begin() as tx:
        tx._connection.execute(insert(parcels), rows)
    return rows


def some(chance: Random, index: int) -> dict[str, object]:
    """
    One parcel by chance: scanned or not, in the span or not, given or assumed.
    """
    handed = after(hours=-chance.randint(-20, 24 * 35))
    first = handed + timedelta(minutes=chance.randint(-300, 6000))
    scanned = chance.random() < 0.8
    claimed = chance.random() < 0.2
    values = draft_values(
        draft(
            index,
            handed_over_at=handed,
            handover_assumed=chance.random() < 0.1,
            centre=chance.choice([*CENTRES, None]),
            carrier=chance.choice([SEKO, SEKO, CLEVY]),
            shop=chance.choice([*SHOPS, None]),
            scan_deadline=handed + timedelta(hours=40),
            seller_status=chance.choice([None, SellerStatus.CANCELED, SellerStatus.SHIPPED]),
        )
    )
    return values | {
        "first_seen_at": NOON,
        "scanned": scanned,
        "first_scan_at": first if scanned and chance.random() < 0.95 else None,
        "superseded_at": NOON if chance.random() < 0.05 else None,
        "claimed_at": after(hours=-chance.randint(0, 24 * 35)) if claimed else None,
        "claim_answer": chance.choice([None, *ClaimAnswer]) if claimed else None,
    }


def week_of(at: object) -> int | None:
    """
    Which week of the span the instant lies in.
    """
    found = [n for n in range(4) if WEEKS[n] <= at < WEEKS[n + 1]]  # type: ignore[operator]
    return found[0] if found else None


def counted(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """
    Those with a given hand-over to a known centre in the span.
    """
    return [
        row
        for row in rows
        if centre_of(row) and not row["handover_assumed"] and row["superseded_at"] is None
        if week_of(row["handed_over_at"]) is not None
    ]


def centre_of(row: dict[str, object]) -> str | None:
    """
    Where the parcel counts.
    """
    return row["centre"] or ("clevy" if row["carrier"] == CLEVY else None)  # type: ignore[return-value]


def hours(row: dict[str, object]) -> int:
    """
    From hand-over to scan.
    """
    passed: timedelta = row["first_scan_at"] - row["handed_over_at"]  # type: ignore[operator]
    return max(0, int(passed.total_seconds() // 3600))


def test_median_and_percentile_are_those_of_the_parcels(
    store: Store, many: list[dict[str, object]]
) -> None:
    """
    The smallest hours within which half, and nine tenths, of a centre's week were scanned.
    """
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in counted(many):
        if row["first_scan_at"] is not None:
            groups[centre_of(row), week_of(row["handed_over_at"])].append(hours(row))  # type: ignore[index]
    expected = {}
    for place, values in groups.items():
        ranked = sorted(values)
        ranks = [ranked[ceil(len(ranked) * share / 100) - 1] for share in (50, 90)]
        expected[place] = (len(ranked), *ranks)
    with store.read() as tx:
        found = [one for one in tx.trends.by_week(span(), NOON) if one.scanned]
    assert len(expected) == 12
    assert {
        (one.centre, one.week): (one.scanned, one.median, one.ninetieth) for one in found
    } == expected


def test_in_time_is_before_the_deadline(store: Store, many: list[dict[str, object]]) -> None:
    """
    What nobody can tell is left out: no time of the scan, cancelled, shipped without a scan.
    """
    expected: Counter[tuple[object, object, str]] = Counter()
    for row in counted(many):
        place = centre_of(row), week_of(row["handed_over_at"])
        due: datetime = row["scan_deadline"]  # type: ignore[assignment]
        first: datetime | None = row["first_scan_at"]  # type: ignore[assignment]
        if due > NOON:
            continue
        if first is not None:
            expected[*place, "in_time" if first < due else "late"] += 1
        elif not row["scanned"] and row["seller_status"] is None:
            expected[*place, "unscanned"] += 1
    with store.read() as tx:
        found = tx.trends.by_week(span(), NOON)
    assert {
        (one.centre, one.week, name): getattr(one, name)
        for one in found
        for name in ("in_time", "late", "unscanned")
        if getattr(one, name)
    } == expected
    assert sum(one.due for one in found) == expected.total() > 100


def test_claims_by_week_and_answer(store: Store, many: list[dict[str, object]]) -> None:
    """
    An unanswered claim counts as such.
    """
    expected = Counter(
        (week_of(row["claimed_at"]), row["claim_answer"])
        for row in many
        if row["claimed_at"] and week_of(row["claimed_at"]) is not None
    )
    with store.read() as tx:
        found = tx.trends.claims(span())
    assert {(one.week, one.answer): one.many for one in found} == expected


def test_alerts_are_counted_by_age(store: Store) -> None:
    """
    At a bound an alert is still of the younger age; a closed one is none.
    """
    for index, hours_ago in enumerate((1, 24, 25, 200), start=1):
        parcel_id = add_parcel(store, index, centre=CENTRES[index % 2])
        with store.begin() as tx:
            tx.alerts.open(new_alert(parcel_id), after(hours=-hours_ago))
    parcel_id = add_parcel(store, 9)
    with store.begin() as tx:
        tx.alerts.close(open_alert(tx, parcel_id), ClosedBecause.MANUAL, NOON)
    bounds = (after(hours=-24), after(hours=-72))
    with store.read() as tx:
        found = tx.trends.open_alerts(span(), bounds)
        here = tx.trends.open_alerts(span(centre="ningbo"), bounds)
    urge = AlertKind.URGE_SCAN
    assert {(one.kind, one.age): one.many for one in found} == {
        (urge, 0): 2,
        (urge, 1): 1,
        (urge, 2): 1,
    }
    assert sum(one.many for one in here) == 2


@pytest.mark.usefixtures("many")
def test_figures_are_those_of_the_parcels(store: Store) -> None:
    """
    Each parcel counts where it goes to, postal ones without a station at Clevy's.
    """
    since = after(days=-7)
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    with store.read() as tx:
        found = tx.centre_board.figures(None, NOON, since=since)
        watched = [one for one in tx.parcels.matching(NOON) if not one.scanned]
    for one in watched:
        centre = one.centre or ("clevy" if one.carrier is CLEVY else None)
        if centre is not None and one.state in {ParcelState.WAITING, ParcelState.OVERDUE}:
            expected[centre][one.state.value] += 1
    assert {
        name: Counter(waiting=one.waiting, overdue=one.overdue) for name, one in found.items()
    } == expected
    assert set(found) == {*CENTRES, "clevy"}
    assert sum(one.overdue for one in found.values()) > 20


def test_nothing_of_another_shop_is_counted(store: Store, many: list[dict[str, object]]) -> None:
    """
    A scope counts what lies in it, not what belongs to no shop; asking for another shop gives none.
    """
    own = frozenset({"Other"})
    with store.begin() as tx:
        tx._connection.execute(parcels.delete().where(parcels.c.shop.is_distinct_from("Other")))
        alone = figures(tx, None)
        assert alone[0]
    with store.begin() as tx:
        tx._connection.execute(parcels.delete())
        tx._connection.execute(insert(parcels), many)
        assert figures(tx, own) == alone
        assert figures(tx, None) != alone
        assert figures(tx, own, shop="Lagos Lights") == ((), (), {})
        assert figures(tx, frozenset()) == ((), (), {})


def figures(tx: Transaction, scope: frozenset[str] | None, **facts: str) -> tuple[object, ...]:
    """
    Everything that is counted for somebody.
    """
    wanted = span(scope, **facts)
    return (
        tx.trends.by_week(wanted, NOON),
        tx.trends.claims(wanted),
        tx.centre_board.figures(scope, NOON, since=after(days=-7)) if not facts else {},
    )
