"""
What a file or the platform says of orders, and what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.sentences import Sentence
    from tracker.vocabulary import SellerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """
    One order item as a seller's file or the platform's API gives it; buyer data never enter.

    ``line`` is the 1-based line (CSV) or row (XLSX) it came from, for messages. ``status_text`` is
    the status as written; ``status`` its normalised form. ``ready_to_ship_seen_at`` is when we
    ourselves saw the item ready to ship, where the source gives no such time.
    """

    line: int
    order_number: str
    order_item_id: str | None = None
    tracking_number: str | None = None
    station: str | None = None
    service_text: str | None = None
    country: str | None = None
    shop: str | None = None
    status: SellerStatus | None = None
    status_text: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    ready_to_ship_at: datetime | None = None
    ready_to_ship_seen_at: datetime | None = None
    handed_over_at: datetime | None = None
    courier: str | None = None
    waybill: str | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """
    A row that did not go in, and why, in one sentence.
    """

    file: str
    line: int
    reason: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """
    What one import did, counted in data rows (contract.md, ``orders import``).

    ``columns`` says which heading was used for each field, ``unused`` are the other headings.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: tuple[RefusedRow, ...] = ()
    no_number: int = 0
    warnings: tuple[Sentence, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
