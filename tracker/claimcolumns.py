"""
The columns that a claim table can have: the "safe superset" of domain.md 1.6.
"""

from __future__ import annotations

from enum import StrEnum


class ClaimColumn(StrEnum):
    """
    One column of the claim table, by the name that the setting ``claims.columns`` uses.
    """

    SHOP = "shop"  # as the seller's files name it
    REGISTERED_EMAIL = "registered_email"  # the form asks for it
    COUNTRY = "country"  # whose site takes the claim
    ORDER_NUMBER = "order_number"
    ORDER_CREATED = "order_created"  # claims are taken for three months after it
    SKU = "sku"  # every item of the parcel
    TRACKING_NUMBER = "tracking_number"
    SERVICE = "service"  # DS or postal
    STATION = "station"  # as the order names it
    COURIER = "courier"  # who brought it to the sorting centre
    WAYBILL = "waybill"  # the domestic courier's number
    HANDED_OVER_AT = "handed_over_at"  # labelled when it is assumed
    SCAN_DEADLINE = "scan_deadline"  # the first instant that is late
    LAST_EVENT = "last_event"  # what the portal said last
    LOOKS = "looks"  # how often it was looked up since the deadline, and with what outcome
    URGED_AT = "urged_at"  # when Seko's customer service was urged
    CASE_ID = "case_id"  # of a claim that was raised already
    COMMENT_EN = "comment_en"
    COMMENT_ZH = "comment_zh"
