"""
``tracker orders dispatch``: what leaves, what must not, and the hand-over of all in one go.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders import draft as drafted
from tests.support.builders import number
from tracker.clock import utc_now
from tracker.model import SellerStatus
from tracker.settings import load_settings
from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.cli import Ended
    from tracker.model import Parcel
    from tracker.store import Store

    Tracker = Callable[..., Ended]

READY = {
    "seller_status": SellerStatus.READY_TO_SHIP,
    "handed_over_at": None,
    "scan_deadline": None,
}


@contextmanager
def stored() -> Iterator[Store]:
    """
    The store of the configuration.
    """
    store = open_store(load_settings().database_url)
    yield store
    store.close()


def add(index: int, **facts: Any) -> int:
    """
    The id of a parcel that is ready to ship, its status seen just now.
    """
    now = utc_now()
    known = READY | {"created_at": now - timedelta(days=1), "seller_status_at": now}
    with stored() as store, store.begin() as tx:
        return tx.parcels.add(drafted(index, **(known | facts)), now)


def parcel(index: int) -> Parcel:
    """
    The parcel as it is stored.
    """
    with stored() as store, store.read() as tx:
        return tx.parcels.by_number(number(index), utc_now())[0].parcel


def cancelled(index: int, **facts: Any) -> int:
    """
    The id of one whose cancellation was first seen just now.
    """
    known = {"seller_status": SellerStatus.CANCELED, "cancelled_seen_at": utc_now()}
    return add(index, **(known | facts))


@pytest.mark.usefixtures("workplace")
def test_todays_parcels_are_those_ready_and_not_given(tracker: Tracker) -> None:
    """
    Ready to ship or of unknown status, with a number, and nobody said that it was handed over.
    """
    add(1)
    add(2, seller_status=None, seller_status_at=None)
    add(3, handed_over_at=utc_now(), handover_assumed=True)
    add(4, handed_over_at=utc_now())
    add(5, seller_status=SellerStatus.SHIPPED)
    add(6, seller_status=SellerStatus.PENDING)
    add(7, tracking_number=None)
    add(8, archived_at=utc_now())
    ended = tracker("orders", "dispatch", "--json")
    assert ended.code == 0
    assert [one["tracking_number"] for one in ended.lines] == [number(n) for n in (1, 2, 3)]
    assert all(one["send"] for one in ended.lines)
    assert [one["status_is_old"] for one in ended.lines] == [False, True, False]
    assert "1 of 3 have an order status that was not seen today" in ended.err


@pytest.mark.usefixtures("workplace")
def test_what_must_not_be_sent_is_stopped(tracker: Tracker) -> None:
    """
    Cancelled, renumbered and carrier-less parcels come first, say DO NOT SEND, and exit 1.
    """
    add(1)
    cancelled(2)
    old = add(3, order_number="77")
    add(4, order_number="77")
    add(5, carrier=None)
    with stored() as store, store.begin() as tx:
        tx.parcels.supersede(old, utc_now())
    ended = tracker("orders", "dispatch", "--json")
    assert ended.code == 1
    told = [(one["tracking_number"], one["send"], one["why"]) for one in ended.lines]
    assert told == [
        (number(2), False, "cancelled"),
        (number(3), False, "superseded"),
        (number(5), False, "no_carrier"),
        (number(1), True, None),
        (number(4), True, None),
    ]
    assert ended.lines[1]["new_numbers"] == [number(4)]
    shown = tracker("orders", "dispatch")
    assert shown.code == 1
    assert shown.out.count("DO NOT SEND") == 3
    assert f"its order travels as {number(4)}" in shown.out
    assert "2 to send, 3 NOT to send" in shown.out


@pytest.mark.usefixtures("workplace")
def test_old_cancellations_are_warned_of_for_two_weeks(tracker: Tracker) -> None:
    """
    A parcel cancelled a month ago does not spoil every day's list.
    """
    cancelled(1, cancelled_seen_at=utc_now() - timedelta(days=13))
    cancelled(2, cancelled_seen_at=utc_now() - timedelta(days=15))
    lines = tracker("orders", "dispatch", "--json").lines
    assert [one["tracking_number"] for one in lines] == [number(1)]


@pytest.mark.usefixtures("workplace")
def test_the_rest_is_handed_over_in_one_go(tracker: Tracker) -> None:
    """
    All that may be sent have the given time, courier and waybill, and a deadline; the stopped none.
    """
    add(1)
    add(2, handed_over_at=utc_now(), handover_assumed=True, waybill="kept")
    cancelled(3)
    at = (utc_now() - timedelta(minutes=5)).isoformat(timespec="seconds")
    arguments = ("--handed-over", "--at", at, "--courier", "SF", "--json")
    ended = tracker("orders", "dispatch", *arguments)
    assert ended.code == 1
    for index in (1, 2):
        given = parcel(index)
        assert given.handed_over_at is not None
        assert given.handed_over_at.isoformat(timespec="seconds") == at
        assert not given.handover_assumed
        assert given.courier == "SF"
        assert given.scan_deadline is not None
        assert given.next_look_at is not None
    assert parcel(2).waybill == "kept"
    assert parcel(3).handed_over_at is None
    assert [one["handed_over_at"] is None for one in ended.lines] == [True, False, False]
    assert [one["tracking_number"] for one in tracker("orders", "dispatch", "--json").lines] == [
        number(3)
    ]


@pytest.mark.usefixtures("workplace")
def test_a_shop_has_its_own_list(tracker: Tracker) -> None:
    """
    ``--shop`` neither shows nor marks another shop's parcels.
    """
    add(1)
    add(2, shop="Nairobi Home")
    ended = tracker("orders", "dispatch", "--shop", "Nairobi Home", "--handed-over", "--json")
    assert [one["tracking_number"] for one in ended.lines] == [number(2)]
    assert parcel(1).handed_over_at is None


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize(
    "arguments",
    [("--at", "2020-01-01"), ("--handed-over", "--at", "2099-01-01"), ("--waybill", "1")],
)
def test_wrong_usage_changes_nothing(tracker: Tracker, arguments: tuple[str, ...]) -> None:
    """
    Exit 2 with one sentence.
    """
    add(1)
    ended = tracker("orders", "dispatch", *arguments)
    assert ended.code == 2
    assert ended.err.startswith("tracker: ")
    assert parcel(1).handed_over_at is None


@pytest.mark.usefixtures("workplace")
def test_past_automatic_cancellation_is_said(tracker: Tracker) -> None:
    """
    An order whose cancellation is over by our count is to be checked before it leaves.
    """
    add(1, auto_cancel_at=utc_now() - timedelta(hours=1))
    ended = tracker("orders", "dispatch")
    assert ended.code == 0
    assert "automatic cancellation was" in ended.out


@pytest.mark.usefixtures("workplace")
def test_an_assumed_hand_over_is_called_one_in_every_list(tracker: Tracker) -> None:
    """
    ``orders list``, ``show`` and ``dispatch`` say that nobody said so.
    """
    add(1, handed_over_at=utc_now(), handover_assumed=True)
    for command in (("list",), ("show", number(1)), ("dispatch",)):
        assert "ASSUMED, nobody said so" in tracker("orders", *command).out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_couriers_chinese_list_hands_over(
    tracker: Tracker, workplace: Path, encoding: str
) -> None:
    """
    Number, domestic waybill, company and time of delivery are found by their Chinese headings.
    """
    add(1)
    signed = (utc_now() - timedelta(hours=30)).astimezone(load_settings().zone)
    text = (
        "运单号,快递单号,快递公司,签收时间\n"
        f"{number(1)},00123456789012,顺丰速运,{signed:%Y-%m-%d %H:%M}\n"
    )
    (workplace / "list.csv").write_bytes(text.encode(encoding))
    ended = tracker("orders", "handover", "--from", "list.csv")
    assert ended.code == 0
    given = parcel(1)
    assert (given.courier, given.waybill) == ("顺丰速运", "00123456789012")
    assert given.handed_over_at is not None
    assert abs(given.handed_over_at - signed) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "headings", ["快递单号,签收时间", "运单号,签收时间", "Waybill,Delivered at"]
)
def test_a_list_of_waybills_hands_over_whole_boxes(
    tracker: Tracker, workplace: Path, headings: str
) -> None:
    """
    A courier's own list knows no tracking number: each parcel that went with a waybill is meant.
    """
    add(1)
    add(2)
    add(3, waybill="SF200")
    with stored() as store, store.begin() as tx:
        for index in (1, 2):
            draft = tx.parcels.draft(parcel_id := parcel(index).id)
            tx.parcels.change(parcel_id, replace(draft, waybill="SF100"))
    signed = (utc_now() - timedelta(hours=3)).astimezone(load_settings().zone)
    text = f"{headings}\nsf100,{signed:%Y-%m-%d %H:%M}\nSF999,{signed:%Y-%m-%d %H:%M}\n"
    (workplace / "list.csv").write_text(text)
    ended = tracker("orders", "handover", "--from", "list.csv", "--json")
    assert ended.code == 1
    assert [one["tracking_number"] for one in ended.lines] == [number(1), number(2)]
    assert parcel(1).waybill == "SF100"
    assert parcel(3).handed_over_at is None
    assert "SF999 is not on the watch list" in ended.err


def test_waybills_are_no_tracking_numbers_elsewhere(tracker: Tracker, workplace: Path) -> None:
    """
    A list of domestic waybills is not asked at the carriers' portals.
    """
    (workplace / "list.csv").write_text("快递单号,签收时间\nSF100,2026-11-20\n")
    assert tracker("track", "--from", "list.csv").code == 2
