"""
The draft of a lead-time extension: only where a centre is late or closed, for whom it helps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.builders import add_parcel, after, announced, event, number, report
from tests.support.claims import packed, settings_with
from tracker.model import SellerStatus

if TYPE_CHECKING:
    from tracker.store import Store

CLOSURE = {"from": "2026-11-19", "to": "2026-11-20", "closed": True, "note": "台风 typhoon"}


def waiting(store: Store, index: int = 1, **facts: object) -> int:
    """
    The id of a parcel of a Nigerian order whose automatic cancellation is two days ahead.
    """
    return add_parcel(store, index, **({"country": "NG", "auto_cancel_at": after(days=2)} | facts))


def drafts(store: Store, *closures: dict[str, object]) -> dict[str, str]:
    """
    The drafts' texts by their names.
    """
    settings = settings_with(calendar={"exceptions": list(closures)})
    shelf, _ = packed(store, settings)
    return {name: shelf.text(name) for name in shelf.files if name.startswith("lead-time")}


def test_a_closed_centre_gives_a_draft_in_both_languages(store: Store) -> None:
    """
    The entered closure is named with its days and its note, and every order it holds up.
    """
    waiting(store, 1)
    waiting(store, 2, handed_over_at=None, scan_deadline=None)
    (draft,) = drafts(store, CLOSURE | {"centre": "shenzhen"}).values()
    assert "shenzhen: closed from 2026-11-19 to 2026-11-20 (台风 typhoon)" in draft
    assert "shenzhen：2026-11-19 至 2026-11-20 停止收货（台风 typhoon）" in draft
    assert "Shop 店铺: Lagos Lights" in draft
    assert "Registered e-mail 注册邮箱: seller@lagos-lights.example" in draft
    assert number(1) in draft
    assert number(2) in draft


@pytest.mark.parametrize(
    "closure",
    [
        CLOSURE | {"centre": "hongkong"},
        CLOSURE | {"carrier": "clevy"},
        CLOSURE | {"from": "2026-12-19", "to": "2026-12-20"},
        {"from": "2026-11-19", "cutoff": "12:00"},
    ],
    ids=["another centre", "another carrier", "after the cancellation", "no closure"],
)
def test_what_does_not_hold_the_parcel_up_gives_no_draft(
    store: Store, closure: dict[str, object]
) -> None:
    """
    Other centres, carriers and weeks are no reason.
    """
    waiting(store)
    assert drafts(store, closure) == {}


@pytest.mark.parametrize(
    "facts",
    [
        {"auto_cancel_at": after(days=-1)},
        {"seller_status": SellerStatus.CANCELED},
        {"seller_status": SellerStatus.SHIPPED},
        {"order_number": None},
    ],
    ids=["cancelled by itself", "cancelled", "shipped", "no order"],
)
def test_who_cannot_be_helped_is_left_out(store: Store, facts: dict[str, object]) -> None:
    """
    Only orders that can still be saved are spoken of.
    """
    waiting(store, **facts)
    assert drafts(store, CLOSURE) == {}


def test_a_late_centre_gives_a_draft_with_its_figures(store: Store) -> None:
    """
    18 of 20 late is told as it is; the two that were scanned are not in the list.
    """
    for index in range(1, 21):
        parcel_id = waiting(store, index)
        shown = event() if index > 18 else announced()
        with store.begin() as tx:
            tx.looks.record(parcel_id, report(shown, tracking_number=number(index)))
    (draft,) = drafts(store).values()
    assert "shenzhen: 18 of the 20 parcels" in draft
    assert "最近应扫描的 20 件已送达包裹中，有 18 件没有入库扫描记录" in draft
    assert number(18) in draft
    assert number(19) not in draft


def test_a_centre_that_works_gives_no_draft(store: Store) -> None:
    """
    One late parcel is no late centre.
    """
    waiting(store)
    assert drafts(store) == {}


def test_many_orders_make_several_drafts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Each part is a whole text with its share of the orders.
    """
    monkeypatch.setattr("alerts.claims.extension.MOST_ORDERS", 2)
    for index in (1, 2, 3):
        waiting(store, index)
    parts = drafts(store, CLOSURE)
    assert list(parts) == [f"lead-time-extension-NG-part-{part}-of-2.txt" for part in (1, 2)]
    assert all("请为以下订单延长发货时效" in text for text in parts.values())
    listed = "".join(parts.values())
    assert all(number(index) in listed for index in (1, 2, 3))
