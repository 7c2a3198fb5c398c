"""
``[[shops]]``: the sellers' shops.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from tracker.model import Service
from tracker.settings.sections.base import Section
from tracker.settings.sections.clocks import ClockName
from tracker.settings.sections.telling import Webhook
from tracker.settings.sections.values import Addresses, SecretAddress, ServiceUrls, checked_address
from tracker.settings.sections.vendor import VendorCenter

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Shop(Section):
    """
    One ``[[shops]]`` table: a seller's shop, its language and who hears about its parcels.
    """

    name: str = Field(min_length=1)
    country: str | None = None
    language: Literal["en", "zh"] = "en"
    email: Addresses = ()
    slack_webhook: SecretAddress | None = None
    apprise: ServiceUrls = ()
    webhook: Webhook = Webhook()
    columns: dict[str, str] = Field(default_factory=dict)
    service: Service | None = None
    registered_email: str | None = None
    quiet_days: tuple[str | date, ...] = ()
    digest: bool = False
    alerts: dict[ClockName, bool] = Field(default_factory=dict)
    vendor_center: VendorCenter | None = None

    @field_validator("email")
    @classmethod
    def _real_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checked_address(address) for address in value)

    @field_validator("registered_email")
    @classmethod
    def _real_address(cls, value: str | None) -> str | None:
        return None if value is None else checked_address(value.strip())

    @field_validator("quiet_days")
    @classmethod
    def _known_days(cls, value: tuple[str | date, ...]) -> tuple[str | date, ...]:
        return tuple(_checked_quiet_day(day) for day in value)

    @model_validator(mode="after")
    def _not_always_quiet(self) -> Self:
        if set(_WEEKDAYS) <= set(self.quiet_days):
            raise ValueError("quiet_days leaves no day of the week for messages")
        return self

    def is_quiet(self, day: date) -> bool:
        """
        True on a day on which the shop wants no message; ``day`` is the sorting centre's.
        """
        return day in self.quiet_days or _WEEKDAYS[day.weekday()] in self.quiet_days


def _checked_quiet_day(day: str | date) -> str | date:
    """
    A weekday by its first three letters, or a date.
    """
    if isinstance(day, date):
        return day
    weekday = day.strip().lower()[:3]
    if weekday in _WEEKDAYS:
        return weekday
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{day!r} is neither a weekday such as sunday nor a date") from error
