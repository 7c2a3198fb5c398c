"""
Looking through the watch list: whoever asks gets what they may see, in order, and nothing twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from tests.support.builders import CLEVY, NOON, SEKO, add_parcel, after, draft
from tracker.model import CarrierName, ParcelState, SellerStatus
from tracker.searching import MOST_NUMBERS, numbers_meant
from tracker.store.boards.parcels import DatedBy, ParcelFilter, Place, Sort, place_of
from tracker.store.conditions import state_at
from tracker.store.drafts import draft_values
from tracker.store.records import parcel_of
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.store import Store, Transaction

EVERYTHING = ParcelFilter()


def ids(tx: Transaction, wanted: ParcelFilter, scope: frozenset[str] | None = None) -> list[int]:
    """
    The parcels found, newest first.
    """
    found = tx.parcel_board.page(scope, wanted, NOON, sort=Sort.NEWEST, limit=100)
    return [one.id for one in found]


def walk(tx: Transaction, sort: Sort, size: int) -> Iterator[int]:
    """
    Every parcel, page after page.
    """
    place: Place | None = None
    while page := tx.parcel_board.page(None, EVERYTHING, NOON, sort=sort, limit=size, after=place):
        yield from (one.id for one in page)
        place = place_of(page[-1], sort)


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("jg–njs–319365323–5711", ("JG-NJS-319365323-5711",)),
        ("UH 47312 4829 KE", ("UH473124829KE",)),
        (
            "UH473124829KE UH 4731 2482 9 KE\nJG-NJS-319365323-5711,319365323；SF123；",
            ("UH473124829KE", "JG-NJS-319365323-5711", "319365323", "SF123"),
        ),
        ("  \n ,, ", ()),
        ("ＵＨ４７３１２４８２９ＫＥ", ("UH473124829KE",)),
    ],
)
def test_pasted_numbers_are_told_apart(pasted: str, meant: tuple[str, ...]) -> None:
    """
    Blanks and lines divide numbers, but not the groups of a postal one.
    """
    assert numbers_meant(pasted).numbers == meant


def test_too_many_numbers_are_counted() -> None:
    """
    What goes beyond the limit is not looked for, and that is known.
    """
    found = numbers_meant(" ".join(f"N{index:05}" for index in range(MOST_NUMBERS + 7)))
    assert (len(found.numbers), found.left_out) == (MOST_NUMBERS, 7)


def test_any_number_finds_its_parcel(store: Store) -> None:
    """
    Tracking, order, waybill and case number, whole or by their first four characters.
    """
    first = add_parcel(store, 1, waybill="sf7788", tracking_number="UH473124829KE")
    second = add_parcel(store, 2, order_number="40%0_1")
    with store.begin() as tx:
        tx.parcels.mark(second, case_id="12345678")
    with store.read() as tx:
        for asked, found in {
            "UH 47312 4829 KE": [first],
            "uh47": [first],
            "uh4": [],
            "SF7788": [first],
            "sf77": [first],
            "319365001": [first],
            "12345678": [second],
            "1234": [second],
            "40%0": [second],
            "____": [],
            "%%%%": [],
            "sf7788, 12345678, nothing": [second, first],
        }.items():
            assert ids(tx, ParcelFilter(search=numbers_meant(asked))) == found, asked


def test_nobody_finds_a_parcel_of_another_shop(store: Store) -> None:
    """
    Neither by its number nor by any filter, nor as a count; parcels of no shop are the operator's.
    """
    own = add_parcel(store, 1, shop="Own", waybill="SF1111")
    other = add_parcel(store, 2, shop="Other", waybill="SF1112")
    nobodys = add_parcel(store, 3, shop=None)
    scope = frozenset({"Own"})
    with store.read() as tx:
        assert ids(tx, EVERYTHING) == [nobodys, other, own]
        for wanted in (
            EVERYTHING,
            ParcelFilter(search=numbers_meant("SF11")),
            ParcelFilter(carrier=SEKO),
            ParcelFilter(state=ParcelState.OVERDUE),
        ):
            assert ids(tx, wanted, scope) == [own]
            assert tx.parcel_board.counts(scope, wanted, NOON) == {ParcelState.OVERDUE: 1}
        assert ids(tx, ParcelFilter(shop="Other"), scope) == []
        assert ids(tx, ParcelFilter(search=numbers_meant("SF1112")), scope) == []
        assert ids(tx, EVERYTHING, frozenset()) == []
        assert tx.parcel_board.places(scope) == (("Own", None),)


def test_filters_narrow(store: Store) -> None:
    """
    Each filter leaves what it names.
    """
    one = add_parcel(store, 1, shop="A", station="NG-JG-Seko-Xiamen-Seko-Station", centre="xiamen")
    two = add_parcel(store, 2, carrier=CLEVY, created_at=after(days=-9), handed_over_at=None)
    three = add_parcel(store, 3, carrier=CLEVY, second_carrier=SEKO, handed_over_at=NOON)
    with store.read() as tx:
        for wanted, found in (
            (ParcelFilter(shop="A"), [one]),
            (ParcelFilter(centre="xiamen"), [one]),
            (ParcelFilter(station="NG-JG-Seko-Xiamen-Seko-Station"), [one]),
            (ParcelFilter(carrier=CarrierName.SEKO), [three, one]),
            (ParcelFilter(carrier=CarrierName.CLEVY), [three, two]),
            (ParcelFilter(since=NOON), [three]),
            (ParcelFilter(until=NOON), [one]),
            (ParcelFilter(until=after(days=-5), dated_by=DatedBy.ORDERED), [two]),
        ):
            assert ids(tx, wanted) == found, wanted


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_hold_every_parcel_once(store: Store, sort: Sort, size: int) -> None:
    """
    Equal instants and missing ones divide the list nowhere twice.
    """
    deadlines = [after(hours=2), None, NOON, NOON, None, NOON, after(hours=-2)]
    entered = [
        add_parcel(store, index, scan_deadline=at, auto_cancel_at=at)
        for index, at in enumerate(deadlines)
    ]
    with store.read() as tx:
        listed = list(walk(tx, sort, size))
    in_time = [entered[index] for index in (6, 2, 3, 5, 0, 4, 1)]
    assert listed == (entered[::-1] if sort is Sort.NEWEST else in_time)


facts = st.fixed_dictionaries(
    {
        "superseded_at": st.sampled_from([None, NOON]),
        "archived_at": st.sampled_from([None, NOON]),
        "seller_status": st.sampled_from([None, *(one.value for one in SellerStatus)]),
        "handed_over_at": st.sampled_from([None, NOON]),
        "handover_assumed": st.booleans(),
        "tracking_number": st.sampled_from([None, "UH473124829KE"]),
        "scanned": st.booleans(),
        "carrier": st.sampled_from([None, "seko"]),
        "unverified_since": st.sampled_from([None, NOON]),
        "scan_deadline": st.sampled_from([None, after(hours=-1), NOON, after(hours=1)]),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(facts)
def test_sql_and_python_tell_the_same_state(store: Store, known: dict[str, Any]) -> None:
    """
    The state that a filter asks for is the one that the parcel shows.
    """
    with store.begin(dry_run=True) as tx:
        connection = tx._connection
        values = draft_values(draft(1)) | {"first_seen_at": NOON - timedelta(days=3)}
        connection.execute(insert(parcels).values(values))
        connection.execute(update(parcels).values(known))
        row = connection.execute(select(parcels, state_at(NOON).label("told"))).mappings().one()
        assert row["told"] == parcel_of(row, NOON).state
