"""
``[[calendar.exceptions]]``: what no public calendar knows about a sorting centre.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from tracker.calendar.entering import MOST_EXTRA_DAYS, entered_exception
from tracker.model import CalendarException, CarrierName, ScanTrackerError
from tracker.settings.sections.base import Section


class ExceptionEntry(Section):
    """
    One ``[[calendar.exceptions]]`` table: what no public calendar knows about a centre.
    """

    from_: str = Field(alias="from", description="first day, 2026-11-11")
    to: str | None = Field(default=None, description="last day, included; empty: the first day")
    centre: str | None = None
    carrier: CarrierName | None = None
    closed: bool = False
    open: bool = False
    cutoff: str | None = None
    extra_working_days: int = Field(default=0, ge=0, le=MOST_EXTRA_DAYS)
    note: str | None = None

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _day_text(cls, value: object) -> object:
        return value.isoformat() if hasattr(value, "isoformat") else value

    @model_validator(mode="after")
    def _usable(self) -> Self:
        self.value()
        return self

    def value(self) -> CalendarException:
        """
        The entry as the calendar takes it; raises ``ValueError`` for one that cannot be used.
        """
        try:
            return entered_exception(
                first=self.from_,
                last=self.to,
                centre=self.centre,
                carrier=self.carrier,
                closed=self.closed,
                open_=self.open,
                cutoff=self.cutoff,
                extra_working_days=self.extra_working_days,
                note=self.note,
            )
        except ScanTrackerError as error:
            raise ValueError(str(error)) from error


class CalendarSection(Section):
    """
    Closures, extra open days, other cut-offs and extra working days.
    """

    exceptions: tuple[ExceptionEntry, ...] = Field(
        default=(),
        description="what no public calendar knows: closures, extra open days, cut-offs, peaks",
    )
