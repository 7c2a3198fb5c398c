"""
``[[calendar.exceptions]]``: what no public calendar knows about a sorting centre.
"""

from __future__ import annotations

from datetime import date, time
from typing import Self

from pydantic import Field, field_validator, model_validator

from tracker.calendar import centre_name
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
    extra_working_days: int = Field(default=0, ge=0, le=30)
    note: str | None = None

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _day_text(cls, value: object) -> object:
        return value.isoformat() if hasattr(value, "isoformat") else value

    @field_validator("centre")
    @classmethod
    def _known_centre(cls, value: str | None) -> str | None:
        try:
            return None if value is None else centre_name(value)
        except ScanTrackerError as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _one_effect(self) -> Self:
        effects = (self.closed, self.open, self.cutoff is not None, self.extra_working_days > 0)
        if sum(effects) != 1:
            raise ValueError("set exactly one of closed, open, cutoff, extra_working_days")
        self.value()
        return self

    def value(self) -> CalendarException:
        """
        The entry as the calendar takes it; raises ``ValueError`` for an unreadable day or hour.
        """
        first = date.fromisoformat(self.from_)
        last = date.fromisoformat(self.to) if self.to else first
        if last < first:
            raise ValueError(f"to ({last}) lies before from ({first})")
        if self.cutoff is not None:
            time.fromisoformat(self.cutoff)
        return CalendarException(
            first=first,
            last=last,
            centre=self.centre,
            carrier=self.carrier,
            closed=self.closed,
            open=self.open,
            cutoff=self.cutoff,
            extra_working_days=self.extra_working_days,
            note=self.note,
        )


class CalendarSection(Section):
    """
    Closures, extra open days, other cut-offs and extra working days.
    """

    exceptions: tuple[ExceptionEntry, ...] = Field(
        default=(),
        description="what no public calendar knows: closures, extra open days, cut-offs, peaks",
    )
