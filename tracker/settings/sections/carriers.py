"""
``[carriers.*]``: how each portal is reached and how gently.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from tracker.model import CarrierName
from tracker.numbers import normalise
from tracker.settings.sections.base import Section
from tracker.settings.sections.values import web_address


class Carrier(Section):
    """
    How one carrier's portal is reached and how gently.
    """

    url: str = Field(description="the portal's page")
    batch_size: int = Field(ge=1, le=100, description="numbers asked at once")
    requests_per_minute: float = Field(gt=0, le=600, description="the pace; be polite")
    concurrency: int = Field(default=1, ge=1, le=16, description="requests under way at once")
    timeout_seconds: float = Field(gt=0, le=600, description="time limit of one look")
    verify_tls: bool = Field(default=True, description="check the portal's certificate")
    profile: str | None = Field(
        default=None, description="a TOML file of what is known of the page: docs/portals.md"
    )
    canary_scanned: str | None = Field(
        default=None,
        description="a number that is scanned, asked along with late parcels to test the reading",
    )
    canary_unknown: str | None = Field(
        default=None,
        description="a number nobody knows, asked along with late parcels to test the reading",
    )

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return web_address(value)

    @field_validator("canary_scanned", "canary_unknown")
    @classmethod
    def _one_form(cls, value: str | None) -> str | None:
        return None if value is None else normalise(value) or None

    @model_validator(mode="after")
    def _canaries_differ(self) -> Self:
        if self.canary_scanned is not None and self.canary_scanned == self.canary_unknown:
            raise ValueError("canary_scanned and canary_unknown must be two numbers")
        return self


class Seko(Carrier):
    """
    Seko's jtrack portal, for DS orders; read in a real browser.
    """

    url: str = Field(
        default="https://portal.sekosynergy.com.hk:4434/mercuryhub/jtrack",
        description="Seko's jtrack page",
    )
    batch_size: int = Field(default=10, ge=1, le=100, description="numbers asked at once")
    requests_per_minute: float = Field(default=6, gt=0, le=600, description="page loads a minute")
    timeout_seconds: float = Field(default=60, gt=0, le=600, description="time limit of one look")


class Clevy(Carrier):
    """
    Clevy Links, for postal parcels; its API when there are credentials, else its page.
    """

    url: str = Field(
        default="https://clevylinks.com/en/search.html", description="Clevy's search page"
    )
    api_url: str = Field(
        default="http://api.clevylinks.com/api/v2/RouteTrack", description="Clevy's API"
    )
    username: str | None = Field(default=None, description="API user; empty: the page is used")
    password: SecretStr | None = Field(default=None, description="API password")
    allow_plain_http: bool = Field(
        default=False,
        description="send the credentials over plain http beyond this machine",
    )
    batch_size: int = Field(default=2, ge=1, le=100, description="numbers asked at once")
    requests_per_minute: float = Field(default=20, gt=0, le=600, description="requests a minute")
    timeout_seconds: float = Field(default=30, gt=0, le=600, description="time limit of one look")

    @field_validator("api_url")
    @classmethod
    def _api_address(cls, value: str) -> str:
        return web_address(value)

    @model_validator(mode="after")
    def _credentials_come_in_pairs(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password must be set together")
        return self


class Carriers(Section):
    """
    The portals that are watched.
    """

    seko: Seko = Seko()
    clevy: Clevy = Clevy()

    def of(self, name: CarrierName) -> Seko | Clevy:
        """
        The settings of one carrier.
        """
        return self.seko if name is CarrierName.SEKO else self.clevy
