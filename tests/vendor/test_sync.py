"""
Orders from the API into the watch list: what is taken, what is left, what is asked again.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.vendorcenter import BUYER, item, order
from tests.support.world import ds_number, postal_number
from tests.vendor.conftest import shops
from tracker.model import ParcelState, ReadyToShipSource, SellerStatus, Service

if TYPE_CHECKING:
    import pytest

    from tests.vendor.conftest import Desk

ONE, TWO = ds_number(319365301), ds_number(319365302)


def test_an_order_becomes_parcels(any_desk: Desk) -> None:
    """
    Status, country, SKU and times are those of the API; what we saw ourselves is labelled so.
    """
    any_desk.server.orders = [order("319365301", item(ONE), item(TWO, status="PENDING"))]
    result = any_desk.sync()
    assert (result.problem, result.orders, result.added) == (None, 1, 2)
    parcel = any_desk.parcel(ONE)
    assert (parcel.shop, parcel.country, parcel.sku) == ("Lagos Lights", "NG", "SKU-1")
    assert (parcel.service, parcel.seller_status) == (Service.DS, SellerStatus.READY_TO_SHIP)
    assert parcel.seller_status_at == any_desk.now
    assert parcel.ready_to_ship_at == any_desk.now
    assert parcel.ready_to_ship_source is ReadyToShipSource.FIRST_SEEN
    assert any_desk.parcel(TWO).ready_to_ship_at is None


def test_a_repeat_changes_nothing_and_keeps_the_first_sighting(any_desk: Desk) -> None:
    """
    The same orders an hour later: unchanged, seen later, ready to ship since the first time.
    """
    any_desk.server.orders = [
        order("319365301", item(ONE), updatedAt="2026-11-24T05:30:00+00:00"),
    ]
    any_desk.sync()
    first = any_desk.now
    any_desk.now += timedelta(hours=1)
    again = any_desk.sync()
    parcel = any_desk.parcel(ONE)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 1)
    assert (parcel.ready_to_ship_at, parcel.seller_status_at) == (first, any_desk.now)


def test_pending_then_ready_is_seen_when_it_happens(desk: Desk) -> None:
    """
    Ready to ship counts from the sync that saw it, not from the order's creation.
    """
    pending = order("319365301", item(ONE, status="PENDING", trackingNumber=""))
    desk.server.orders = [pending]
    assert desk.sync().no_number == 1
    desk.now += timedelta(hours=3)
    desk.server.orders = [
        order("319365301", item(None, id=f"item-{ONE}") | item(ONE))
        | {"updatedAt": "2026-11-24T08:00:00+00:00"}
    ]
    desk.sync()
    parcel = desk.parcel(ONE)
    assert (parcel.ready_to_ship_at, parcel.state) == (desk.now, ParcelState.WAITING)


def test_first_sync_asks_for_95_days_then_for_what_changed(desk: Desk) -> None:
    """
    By creation in ranges under three months at first; later by change, two hours overlapping.
    """
    desk.sync()
    first = [one.query for one in desk.server.asked("/orders")]
    assert [query["createdAfter"] for query in first] == [
        ["2026-08-21T06:00:00.000Z"],
        ["2026-10-20T06:00:00.000Z"],
    ]
    assert first[0]["createdBefore"] == first[1]["createdAfter"]
    assert all(query["size"] == ["100"] for query in first)
    desk.now += timedelta(minutes=15)
    desk.sync()
    (later,) = [one.query for one in desk.server.asked("/orders")][2:]
    assert later["updatedAfter"] == ["2026-11-24T04:00:00.000Z"]


def test_pages_are_followed_to_the_last(any_desk: Desk) -> None:
    """
    120 orders in pages of 50: each is taken once, items are asked 25 orders at a time.
    """
    server = any_desk.server
    server.page_size = 50
    server.orders = [
        order(f"31936{n:04}", item(postal_number(47310000 + n), shipmentType=None))
        for n in range(120)
    ]
    result = any_desk.sync()
    assert (result.orders, result.added, result.problem) == (120, 120, None)
    asked = [len(one.query["orderId"]) for one in server.asked("/orders/items")]
    assert asked == [25, 25, 25, 25, 20]


def test_a_page_token_that_comes_again_ends_the_paging(desk: Desk) -> None:
    """
    A server that repeats its token is not asked for ever.
    """
    desk.server.orders = [order("319365301", item(ONE))]
    page = {"orders": [], "nextToken": "again", "isLastPage": False}
    desk.sync()
    desk.now += timedelta(minutes=15)
    before = len(desk.server.asked("/orders"))
    desk.server.fail("/orders", *[lambda exchange: exchange.answer(200, page)] * 5)
    assert desk.sync().problem is None
    assert len(desk.server.asked("/orders")) - before == 2


def test_a_single_object_for_a_list_is_understood(desk: Desk) -> None:
    """
    A server that answers with one order at a time, as published, is asked for each alone.
    """
    desk.server.single_object = True
    desk.server.orders = [order("319365301", item(ONE)), order("319365302", item(TWO))]
    result = desk.sync()
    assert (result.added, result.refused, result.problem) == (2, [], None)


def test_what_jumia_sends_itself_is_left(desk: Desk) -> None:
    """
    An item from Jumia's own warehouse never goes through the sorting centre.
    """
    desk.server.orders = [order("319365301", item(ONE), item(TWO, isFulfilledByJumia=True))]
    result = desk.sync()
    assert (result.added, result.by_jumia) == (1, 1)


def test_a_changed_number_supersedes_the_old_parcel(any_desk: Desk) -> None:
    """
    The item's id tells that its parcel got another number (promises.md R24).
    """
    any_desk.server.orders = [order("319365301", item(ONE, id="item-1"))]
    any_desk.sync()
    any_desk.now += timedelta(minutes=15)
    any_desk.server.orders = [
        order("319365301", item(TWO, id="item-1"), updatedAt="2026-11-24T06:10:00+00:00")
    ]
    any_desk.sync()
    assert any_desk.parcel(ONE).state is ParcelState.SUPERSEDED
    assert any_desk.parcel(TWO).state is ParcelState.WAITING


def test_an_unknown_status_is_kept_as_text(desk: Desk) -> None:
    """
    A new word of the platform is told, and nothing is dropped for it (domain.md 1.8).
    """
    desk.server.orders = [order("319365301", item(ONE, status="ON_THE_MOON"))]
    result = desk.sync()
    parcel = desk.parcel(ONE)
    assert (parcel.seller_status, parcel.seller_status_text) == (
        SellerStatus.UNKNOWN,
        "ON_THE_MOON",
    )
    assert "ON_THE_MOON" in result.warnings[0]


def test_what_cannot_be_taken_is_told_and_the_rest_goes_in(desk: Desk) -> None:
    """
    Orders without number, id or items are left out with a reason, and asked again for a day.
    """
    desk.server.orders = [
        order("319365301", item(ONE)),
        order("319365302", item(TWO)) | {"number": None},
        order("319365303", id=None),
        order("319365304", items="none"),
        order("319365305", item(ds_number(5)), createdAt="2026-11-20Tsoon"),
    ]
    result = desk.sync()
    assert result.added == 2
    assert [row.reason for row in result.refused] == [
        "an order without a number",
        "order 319365303 has no id to ask its items by",
        "order 319365304: the API gave no items for it",
    ]
    assert "order 319365305: the creation time" in result.warnings[0]
    account = desk.account()
    assert account.synced_until == desk.now - timedelta(days=1)
    assert account.problem is not None
    assert "3 order items were left out" in account.problem


def test_hostile_values_are_plain_text(any_desk: Desk) -> None:
    """
    Control characters, lone surrogates and objects where texts belong break no database.
    """
    hostile = item(ONE, status="A\x00B\ud800", shipmentType={"a": 1}, product=[1], country="NG")
    any_desk.server.orders = [order("319365301", hostile, country=7)]
    result = any_desk.sync()
    assert (result.added, result.problem) == (1, None)
    assert any_desk.parcel(ONE).seller_status_text == "A B"


def test_buyer_data_are_nowhere(
    desk: Desk, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """
    Neither the database nor the log holds a buyer's name, and the log holds no token (R23).
    """
    caplog.set_level("DEBUG")
    desk.server.orders = [order("319365301", item(ONE))]
    desk.sync()
    desk.store.close()
    stored = b"".join(path.read_bytes() for path in _files_of(desk.database_url))
    assert ONE.encode() in stored
    assert BUYER.encode() not in stored
    assert "ACCESS-1" not in caplog.text
    assert "REFRESH-1" not in caplog.text


def _files_of(database_url: str) -> list[Path]:
    path = Path(database_url.removeprefix("sqlite:///"))
    return [one for one in (path, path.with_name(path.name + "-wal")) if one.exists()]


def test_a_dry_run_takes_no_order(any_desk: Desk) -> None:
    """
    The counts are real, nothing is stored but the renewed token, and nothing counts as synced.
    """
    any_desk.server.orders = [order("319365301", item(ONE))]
    result = any_desk.sync(dry_run=True)
    assert result.added == 1
    with any_desk.store.read() as tx:
        assert tx.parcels.count() == 0
    account = any_desk.account()
    assert (account.refresh_token, account.synced_until) == (any_desk.server.living, None)


SEVERAL = """
[[shops]]
name = "Lagos Lights"
country = "NG"
vendor_center = {{ client_id = "client-1", refresh_token = "SEED-TOKEN-1"{one} }}
[[shops]]
name = "Nairobi Home"
country = "KE"
vendor_center = {{ client_id = "client-1", refresh_token = "SEED-TOKEN-1"{two} }}
"""


def test_shops_under_one_access_are_told_apart_by_country(desk: Desk) -> None:
    """
    One client id, two shops: each item goes to the shop of its country, a third country to none.
    """
    desk.configure(SEVERAL.format(one="", two=""))
    third = ds_number(3)
    desk.server.orders = [
        order("319365301", item(ONE), item(TWO, country={"code": "KE"})),
        order("319365303", item(third, country={"code": "GH"})),
    ]
    result = desk.sync()
    assert (desk.parcel(ONE).shop, desk.parcel(TWO).shop) == ("Lagos Lights", "Nairobi Home")
    assert (result.other_shops, len(desk.server.renewals)) == (1, 1)


def test_shops_under_one_access_are_told_apart_by_id(desk: Desk) -> None:
    """
    The shop id decides where the country does not fit.
    """
    desk.configure(SEVERAL.format(one=', shop_id = "shop-1"', two=', shop_id = "shop-2"'))
    desk.server.orders = [
        order("319365301", item(ONE, shopId="shop-2", country={"code": "KE"})),
        order("319365302", item(TWO, shopId="shop-9", country={"code": "KE"})),
    ]
    result = desk.sync()
    assert (desk.parcel(ONE).shop, result.other_shops) == ("Nairobi Home", 1)


def test_a_shop_that_is_added_later_gets_its_older_orders(desk: Desk) -> None:
    """
    What was left as another shop's before is asked for again when its shop is configured.
    """
    desk.configure(SEVERAL.format(one=', shop_id = "a"', two=', shop_id = "b"'))
    desk.server.orders = [order("319365301", item(ONE, shopId="c"))]
    assert desk.sync().other_shops == 1
    desk.configure(SEVERAL.format(one=', shop_id = "c"', two=', shop_id = "b"'))
    desk.now += timedelta(minutes=15)
    assert desk.sync().added == 1


def test_an_item_that_fits_two_shops_is_left_out(desk: Desk) -> None:
    """
    Without shop id and country nobody can tell whose it is: it is told, not guessed.
    """
    desk.configure(SEVERAL.format(one="", two=""))
    lost = order("319365301", item(ONE, country=None), country=None)
    desk.server.orders = [lost]
    result = desk.sync()
    assert result.added == 0
    assert "may belong to Lagos Lights or Nairobi Home" in result.refused[0].reason


def test_a_shop_without_access_is_not_asked_for(desk: Desk) -> None:
    """
    A configuration with a shop of its own token renews that token only.
    """
    desk.configure(shops() + '[[shops]]\nname = "Files only"\n')
    desk.server.orders = [order("319365301", item(ONE))]
    assert desk.sync().added == 1
