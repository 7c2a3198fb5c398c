"""
``[watch.alerts]`` and ``[watch.clocks]``: the alerts beside the ladder and their days.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tracker.settings.sections.base import Section


class ClockSwitches(Section):
    """
    Which alerts beside the ladder are wanted; a shop's ``alerts`` say otherwise for itself.
    """

    cancel_risk: bool = Field(
        default=True, description="tell one lead-time day before automatic cancellation"
    )
    retrieve_parcel: bool = Field(
        default=True, description="tell when an order is cancelled whose parcel was sent"
    )
    not_synchronised: bool = Field(
        default=True, description="tell when a scan does not arrive in Seller Center"
    )
    claim_window: bool = Field(
        default=True, description="tell before the time to claim a late parcel ends"
    )
    overdue_delivery: bool = Field(default=True, description="tell when a delivery is overdue")
    return_claim: bool = Field(
        default=True, description="tell to check a returned parcel that was picked up"
    )
    pending_order: bool = Field(default=False, description="tell when an order stays pending")


class Clocks(Section):
    """
    The days of the clocks beside the ladder (domain.md 1.6, 1.7).
    """

    sync_working_days: int = Field(
        default=1, ge=0, le=30, description="working days from the scan to Shipped"
    )
    claim_window_months: int = Field(
        default=3, ge=1, le=12, description="months after the order in which claims are taken"
    )
    claim_window_warning_days: int = Field(
        default=14, ge=1, le=60, description="days before their end at which `claim_window` warns"
    )
    delivery_days: int = Field(
        default=20, ge=1, le=120, description="days from a DS parcel's scan to its delivery"
    )
    postal_delivery: bool = Field(
        default=False, description="`overdue_delivery` for postal parcels too, which say little"
    )
    postal_delivery_working_days: int = Field(
        default=30, ge=1, le=120, description="working days from a postal parcel's scan to delivery"
    )
    return_claim_working_days: int = Field(
        default=5, ge=1, le=30, description="working days to claim a wrong return after pick-up"
    )
    pending_working_days: int = Field(
        default=1, ge=0, le=30, description="working days after the order until `pending_order`"
    )


#: The clocks by their kinds, as a shop switches them.
ClockName = Literal[
    "cancel_risk",
    "retrieve_parcel",
    "not_synchronised",
    "claim_window",
    "overdue_delivery",
    "return_claim",
    "pending_order",
]
