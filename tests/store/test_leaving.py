"""
Which parcels may leave, asked of both engines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.builders import NOON, add_parcel, after
from tracker.model import SellerStatus

if TYPE_CHECKING:
    from tracker.store import Store

READY = {
    "handed_over_at": None,
    "scan_deadline": None,
    "seller_status": SellerStatus.READY_TO_SHIP,
}


@pytest.mark.parametrize("lock", [False, True])
def test_leaving_parcels(store: Store, *, lock: bool) -> None:
    """
    Ready and not given, or stopped lately; in the order of entry, of one shop or of all.
    """
    expected = [
        add_parcel(store, 1, **READY),
        add_parcel(store, 2, **(READY | {"seller_status": None})),
        add_parcel(store, 3, **(READY | {"seller_status": SellerStatus.UNKNOWN, "shop": "B"})),
        add_parcel(store, 4, **(READY | {"handed_over_at": NOON, "handover_assumed": True})),
        add_parcel(
            store,
            5,
            **(READY | {"seller_status": SellerStatus.CANCELED, "cancelled_seen_at": NOON}),
        ),
    ]
    for index, facts in enumerate(
        (
            {"handed_over_at": NOON},
            {"seller_status": SellerStatus.SHIPPED},
            {"seller_status": SellerStatus.PENDING},
            {"seller_status": SellerStatus.CANCELED, "cancelled_seen_at": after(days=-20)},
            {"tracking_number": None},
            {"order_number": None},
            {"archived_at": NOON},
        ),
        start=6,
    ):
        add_parcel(store, index, **(READY | facts))
    old, lately = add_parcel(store, 20, **READY), add_parcel(store, 21, **READY)
    with store.begin() as tx:
        tx.parcels.supersede(old, after(days=-20))
        tx.parcels.supersede(lately, after(days=-1))
        since = after(days=-14)
        found = tx.parcels.leaving(NOON, stopped_since=since, lock=lock)
        assert [one.parcel.id for one in found] == [*expected, lately]
        found = tx.parcels.leaving(NOON, stopped_since=since, shop="B", lock=lock)
        assert [one.parcel.id for one in found] == [expected[2]]


def test_parcels_of_a_waybill(store: Store) -> None:
    """
    Every live parcel in one box, whatever the case of its waybill; others are left out.
    """
    first = add_parcel(store, 1, waybill="sf100")
    second = add_parcel(store, 2, waybill="SF100")
    add_parcel(store, 3, waybill="SF101")
    add_parcel(store, 4, waybill="SF100", archived_at=NOON)
    add_parcel(store, 5, waybill="SF100", tracking_number=None)
    with store.read() as tx:
        found = tx.parcels.by_waybills(["Sf100", "SF999"], NOON)
    assert {waybill: [one.parcel.id for one in records] for waybill, records in found.items()} == {
        "SF100": [first, second]
    }
