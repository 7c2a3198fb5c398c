"""
Orders of the API as the order rows that an import takes. Pure.

The API gives no ready-to-ship time and no station (domain.md 5.2): the first time that we see an
item ready to ship is kept as such, labelled as our own observation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tracker.model import OrderRow, RefusedRow, SellerStatus
from tracker.orders.columns import quoted
from tracker.orders.dates import UnreadableDateError, parse_instant
from tracker.orders.status import parse_status, unknown_status
from tracker.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.vendor.accounts import Account
    from tracker.vendor.pages import Item, OrderHead


@dataclass(slots=True, kw_only=True)
class PageRows:
    """
    What one page comes to: rows to take, what was left out and why, and what is not ours.
    """

    rows: list[OrderRow] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[Sentence] = field(default_factory=list)
    by_jumia: int = 0
    other_shops: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    head: OrderHead
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """
    Makes rows for one account of what was seen at ``seen_at``; naive times are in ``zone``.
    """

    account: Account
    zone: ZoneInfo
    seen_at: datetime

    @property
    def source(self) -> str:
        """
        What stands for the file's name in messages.
        """
        return f"Vendor Center ({self.account.label})"

    def of_page(
        self, heads: Sequence[OrderHead], items: Mapping[str, Sequence[Item]], *, first_line: int
    ) -> PageRows:
        """
        The rows of a page; ``first_line`` numbers its first item, for messages.
        """
        page = PageRows()
        line = first_line
        for head in heads:
            reason = _why_not(head, items)
            if reason is not None:
                page.refused.append(RefusedRow(file=self.source, line=line, reason=reason))
                line += 1
                continue
            order = _Order(head=head, created_at=self._created_at(head, page))
            for item in items[head.id or ""]:
                self._take(page, order, item, line)
                line += 1
        return page

    def _take(self, page: PageRows, order: _Order, item: Item, line: int) -> None:
        if item.by_jumia:
            page.by_jumia += 1
            return
        head = order.head
        shops = self.account.shops_of(_shop_id(head, item), item.country or head.country)
        if len(shops) > 1:
            reason = Sentence(
                "order %(order)s may belong to %(shops)s: give each its own vendor_center.shop_id.",
                order=head.number,
                shops=" or ".join(shop.name for shop in shops),
            )
            page.refused.append(RefusedRow(file=self.source, line=line, reason=reason))
        elif not shops:
            page.other_shops += 1
        else:
            row = self._row(order, item, line, page.warnings)
            page.rows.append(replace(row, shop=shops[0].name))

    def _row(self, order: _Order, item: Item, line: int, warnings: list[Sentence]) -> OrderRow:
        head = order.head
        status = None if item.status is None else parse_status(item.status)
        if status is SellerStatus.UNKNOWN:
            warnings.append(self._warning(head, unknown_status(item.status or "")))
        return OrderRow(
            line=line,
            order_number=head.number or "",
            order_item_id=item.id,
            tracking_number=item.tracking_number,
            service_text=item.service,
            country=item.country or head.country,
            status=status,
            status_text=item.status,
            created_at=order.created_at,
            ready_to_ship_seen_at=self.seen_at if status is SellerStatus.READY_TO_SHIP else None,
            sku=item.sku,
        )

    def _created_at(self, head: OrderHead, page: PageRows) -> datetime | None:
        if head.created_at is None:
            return None
        try:
            return parse_instant(head.created_at, zone=self.zone)
        except UnreadableDateError as error:
            unreadable = Sentence(
                "the creation time %(text)s cannot be read: %(why)s",
                text=quoted(head.created_at),
                why=error.sentence,
            )
            page.warnings.append(self._warning(head, unreadable))
            return None

    def _warning(self, head: OrderHead, what: Sentence) -> Sentence:
        return Sentence(
            "%(source)s, order %(order)s: %(what)s",
            source=self.source,
            order=head.number,
            what=what,
        )


def _why_not(head: OrderHead, items: Mapping[str, Sequence[Item]]) -> Sentence | None:
    """
    Why the order as a whole cannot be taken.
    """
    if head.number is None:
        return Sentence("an order without a number")
    if head.id is None:
        return Sentence("order %(order)s has no id to ask its items by", order=head.number)
    if head.id not in items:
        return Sentence("order %(order)s: the API gave no items for it", order=head.number)
    return None


def _shop_id(head: OrderHead, item: Item) -> str | None:
    """
    The item's own shop, else the order's if it has only one.
    """
    return item.shop_id or (head.shop_ids[0] if len(head.shop_ids) == 1 else None)
