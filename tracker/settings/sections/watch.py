"""
``[watch]``: when a parcel is late, who may be accused of it, and how long proofs are kept.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from tracker.calendar import SendWindow
from tracker.model import ScanTrackerError, Service
from tracker.settings.sections.base import Section
from tracker.settings.sections.clocks import Clocks, ClockSwitches


class LeadTime(Section):
    """
    Working days from the order until the platform cancels it (domain.md 1.2).
    """

    ds: int = Field(default=5, ge=1, le=60, description="lead-time days of DS orders")
    postal: int = Field(default=6, ge=1, le=60, description="lead-time days of postal orders")

    def of(self, service: Service | None) -> int:
        """
        The lead time of a service; an unknown service gets the shorter one.
        """
        return self.postal if service is Service.POSTAL else self.ds


class Watch(Section):
    """
    The rule of watching: when a parcel is late and who may be accused of it.
    """

    scan_working_days: int = Field(
        default=1, ge=0, le=30, description="working days after the hand-over day to be scanned"
    )
    claim_wait_working_days: int = Field(
        default=1, ge=0, le=30, description="working days between urging and claiming"
    )
    claim_answer_working_days: int = Field(
        default=3,
        ge=1,
        le=30,
        description="working days for Jumia's answer to a claim, and for yours to Jumia's question",
    )
    verify_grace_minutes: float = Field(
        default=120,
        ge=0,
        description="minutes inside the send window before a parcel without proof is unverified",
    )
    send_window: str = Field(
        default="08:30-20:00",
        description="when messages go out, on the centre's open days and clock; or `always`",
    )
    flood_messages: int = Field(
        default=200,
        ge=1,
        description="messages in one delivery round; when more are due the operator is told, and "
        "they wait an hour",
    )
    assume_handover_working_days: int | Literal["never"] = Field(
        default=2, description="assumed hand-over, working days after ready-to-ship; or `never`"
    )
    trust_assumed_handover: bool = Field(
        default=False, description="let an assumed hand-over open urge_scan and raise_claim"
    )
    lead_time_working_days: LeadTime = LeadTime()
    alerts: ClockSwitches = ClockSwitches()
    clocks: Clocks = Clocks()
    retention_days: int = Field(
        default=180, ge=100, description="days for which the portals' answers are kept as evidence"
    )
    evidence_megabytes: int = Field(
        default=2000,
        ge=50,
        description="room for these answers; beyond it the oldest pictures go first, then the "
        "oldest answers, but nothing that an open alert rests on",
    )

    break_notice_days: int = Field(
        default=14,
        ge=0,
        le=60,
        description="days before a break of three days or more at which the operator is asked to "
        "enter the centres' closures; 0 turns it off",
    )

    @field_validator("send_window")
    @classmethod
    def _known_window(cls, value: str) -> str:
        try:
            SendWindow.parse(value)
        except ScanTrackerError as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("assume_handover_working_days", mode="before")
    @classmethod
    def _days_or_never(cls, value: object) -> object:
        days = str(value).strip()
        if days == "never":
            return days
        if not re.fullmatch(r"[12]?[0-9]|30", days):
            raise ValueError("must be a number of days from 0 to 30, or never")
        return int(days)
