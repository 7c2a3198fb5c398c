"""
``[vendor_center]`` and a shop's access to it: orders from the Vendor Center API.
"""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from tracker.settings.sections.base import Section
from tracker.settings.sections.values import private_address


class VendorCenter(Section):
    """
    Read access to a shop's orders on the Vendor Center API.

    Shops of one seller share a client id and its token; ``shop_id`` tells them apart.
    """

    client_id: str = Field(min_length=1)
    refresh_token: SecretStr
    shop_id: str | None = None


class VendorCenterApi(Section):
    """
    Where the Vendor Center API is and how gently it is asked (domain.md 5.2).
    """

    api_url: str = Field(
        default="https://vendor-api.jumia.com", description="the Vendor Center API"
    )
    token_url: str | None = Field(
        default=None, description="where its tokens are renewed; empty: `/token` under `api_url`"
    )
    every_minutes: float = Field(
        default=15, ge=1, le=1440, description="minutes between two syncs of `tracker run`"
    )
    requests_per_minute: float = Field(
        default=180, gt=0, le=600, description="the pace; the API allows 200 a minute, 4 a second"
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=300, description="time limit of one request"
    )

    @field_validator("api_url", "token_url")
    @classmethod
    def _private(cls, value: str | None) -> str | None:
        return None if value is None else private_address(value).rstrip("/")
