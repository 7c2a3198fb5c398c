"""
The seller's order status, from whatever spelling a file or the platform uses.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tracker.model import SellerStatus
from tracker.orders.columns import quoted
from tracker.sentences import Sentence

#: Folded spelling -> status (domain.md 1.8). Chinese words stand here only where they cannot be
#: said of the way to the sorting centre: "sent" or "signed for" in a seller's own sheet often
#: speaks of the domestic courier, and taking it for SHIPPED would end the watch.
_SPELLINGS = {
    "pending": SellerStatus.PENDING,
    "待处理": SellerStatus.PENDING,
    "readytoship": SellerStatus.READY_TO_SHIP,
    "rts": SellerStatus.READY_TO_SHIP,
    "shipped": SellerStatus.SHIPPED,
    "delivered": SellerStatus.DELIVERED,
    "canceled": SellerStatus.CANCELED,
    "cancelled": SellerStatus.CANCELED,
    "已取消": SellerStatus.CANCELED,
    "failed": SellerStatus.FAILED,
    "deliveredfailed": SellerStatus.FAILED,
    "deliveryfailed": SellerStatus.FAILED,
    "faileddelivery": SellerStatus.FAILED,
    "投递失败": SellerStatus.FAILED,
    "配送失败": SellerStatus.FAILED,
    "returned": SellerStatus.RETURNED,
    "已退货": SellerStatus.RETURNED,
}

_SEPARATORS = re.compile(r"[\W_]+")


@lru_cache(maxsize=256)
def parse_status(text: str) -> SellerStatus:
    """
    The status that ``text`` names, whatever its case and separators; ``UNKNOWN`` for any other.
    """
    folded = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).casefold())
    return _SPELLINGS.get(folded, SellerStatus.UNKNOWN)


def unknown_status(text: str) -> Sentence:
    """
    That a status is none of those above.
    """
    return Sentence("unknown order status %(status)s; it is kept as it stands", status=quoted(text))
