"""
The API's answers as values: orders, and the items of each order. Pure.

Only what is used is read: names, addresses and prices of buyers are never looked at. An answer
without its known container raises; it is never taken for "no orders" (promises.md R6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.vendor.errors import VendorCenterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST = 500  # characters of a used text, as in files


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHead:
    """
    One order of a page; its parcels are told by its items.
    """

    id: str | None
    number: str | None
    created_at: str | None
    country: str | None
    shop_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """
    One page of orders; ``next_token`` is ``None`` on the last one.
    """

    orders: tuple[OrderHead, ...]
    next_token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    One order item as the API gives it.
    """

    id: str | None
    shop_id: str | None
    country: str | None
    status: str | None
    tracking_number: str | None
    service: str | None
    sku: str | None
    by_jumia: bool


def read_orders(document: Any) -> OrderPage:
    """
    The page; raises :class:`VendorCenterError` for an answer that holds no list of orders.
    """
    orders = document.get("orders") if isinstance(document, dict) else None
    if not isinstance(orders, list):
        raise VendorCenterError("The Vendor Center API answered without a list of orders.")
    token = None if document.get("isLastPage") is True else text_of(document.get("nextToken"))
    return OrderPage(orders=tuple(_head(_fields(one)) for one in orders), next_token=token)


def read_items(document: Any, asked: Sequence[str]) -> dict[str, tuple[Item, ...]]:
    """
    The items of each asked order that the answer holds, by order id.

    A list is seen live, a single object stands in the published description: both are taken. An
    entry without an order id counts only when one order was asked.
    """
    if not isinstance(document, (list, dict)):
        raise VendorCenterError("The Vendor Center API answered without items of orders.")
    found: dict[str, tuple[Item, ...]] = {}
    for entry in document if isinstance(document, list) else [document]:
        fields = _fields(entry)
        order_id = text_of(fields.get("orderId")) or (asked[0] if len(asked) == 1 else None)
        items = fields.get("items")
        if order_id in asked and isinstance(items, list):
            found[str(order_id)] = tuple(_item(_fields(one)) for one in items)
    return found


def _head(fields: dict[str, Any]) -> OrderHead:
    return OrderHead(
        id=text_of(fields.get("id")),
        number=text_of(fields.get("number")),
        created_at=text_of(fields.get("createdAt")),
        country=_country(fields),
        shop_ids=tuple(_texts(fields.get("shopIds"))),
    )


def _item(fields: dict[str, Any]) -> Item:
    services = (text_of(fields.get("shipmentType")), text_of(fields.get("deliveryOption")))
    return Item(
        id=text_of(fields.get("id")),
        shop_id=text_of(fields.get("shopId")),
        country=_country(fields),
        status=text_of(fields.get("status")),
        tracking_number=text_of(fields.get("trackingNumber")),
        service=" ".join(filter(None, services)) or None,
        sku=text_of(_fields(fields.get("product")).get("sellerSku")),
        by_jumia=fields.get("isFulfilledByJumia") is True,
    )


def _country(fields: dict[str, Any]) -> str | None:
    return text_of(_fields(fields.get("country")).get("code"))


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else ():
        text = text_of(one)
        if text is not None:
            yield text


def text_of(value: Any) -> str | None:
    """
    A text or whole number as plain text; ``None`` for anything else, and when nothing is in it.

    Control characters and lone surrogates, which no database holds, become blanks.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = "".join(char if char.isprintable() else " " for char in str(value)[:_LONGEST])
    return text.strip() or None
