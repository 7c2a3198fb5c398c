"""
Order statuses in whatever spelling.
"""

from __future__ import annotations

import pytest

from tracker.model import SellerStatus
from tracker.orders.status import parse_status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Pending", SellerStatus.PENDING),
        ("Ready to Ship", SellerStatus.READY_TO_SHIP),
        ("ready_to_ship", SellerStatus.READY_TO_SHIP),
        ("READY-TO-SHIP", SellerStatus.READY_TO_SHIP),
        (" shipped ", SellerStatus.SHIPPED),
        ("Delivered", SellerStatus.DELIVERED),
        ("Canceled", SellerStatus.CANCELED),
        ("CANCELLED", SellerStatus.CANCELED),
        ("FAILED", SellerStatus.FAILED),
        ("Delivered failed", SellerStatus.FAILED),
        ("Delivery Failed", SellerStatus.FAILED),
        ("Returned", SellerStatus.RETURNED),
        ("已取消", SellerStatus.CANCELED),
        ("ＰＥＮＤＩＮＧ", SellerStatus.PENDING),
    ],
)
def test_spellings_mean_the_same_status(text: str, status: SellerStatus) -> None:
    """
    Case, separators and both spellings of "cancelled" do not matter.
    """
    assert parse_status(text) is status


@pytest.mark.parametrize("status", [each for each in SellerStatus if each.name != "UNKNOWN"])
def test_every_status_reads_its_own_name(status: SellerStatus) -> None:
    """
    The platform's own names are all known.
    """
    assert parse_status(status.value) is status


@pytest.mark.parametrize("text", ["", "packed by elves", "not delivered", "shipped back", "已签收"])
def test_other_texts_are_unknown(text: str) -> None:
    """
    A text that merely contains a status, or may speak of another carrier, is not taken for one.
    """
    assert parse_status(text) is SellerStatus.UNKNOWN
