"""
From settings to accounts: whose orders are synced, and which shop an order item belongs to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.model import UsageError
from tracker.stations import country_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.settings import Settings, Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """
    Where the API is and how gently it is asked.
    """

    api_url: str
    token_url: str
    timeout_seconds: float
    requests_per_minute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """
    One client id with every configured shop whose orders it shows.
    """

    client_id: str
    refresh_token: str = field(repr=False)
    shops: tuple[Shop, ...]

    @property
    def label(self) -> str:
        """
        Whose orders these are, for messages: ``Lagos Lights, Nairobi Home``.
        """
        return ", ".join(shop.name for shop in self.shops)

    @property
    def seed(self) -> str:
        """
        The hash by which the settings' token is known again.
        """
        return hashlib.sha256(self.refresh_token.encode()).hexdigest()

    @property
    def scope(self) -> str:
        """
        What decides whose orders are taken: when it changes, older orders are asked for again.
        """
        told = sorted((shop.name, _shop_id(shop), _country(shop.country)) for shop in self.shops)
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def shops_of(self, shop_id: str | None, country: str | None) -> tuple[Shop, ...]:
        """
        The configured shops that an item of this shop id and country may belong to.

        Of several shops under one client id each is told by its ``shop_id`` or country.
        """
        told_apart = len(self.shops) > 1
        return tuple(
            shop
            for shop in self.shops
            if _fits(_shop_id(shop), shop_id)
            and (not told_apart or _fits(_country(shop.country), _country(country)))
        )


def access_of(settings: Settings) -> Access:
    """
    How the API is reached under these settings.
    """
    api = settings.vendor_center
    return Access(
        api_url=api.api_url,
        token_url=api.token_url or f"{api.api_url}/token",
        timeout_seconds=api.timeout_seconds,
        requests_per_minute=api.requests_per_minute,
    )


def accounts_of(settings: Settings, shop: str | None = None) -> tuple[Account, ...]:
    """
    Every account with Vendor Center settings, or the one that shows ``shop``.

    Raises :class:`UsageError` when that shop is not configured, or has no access.
    """
    accounts = tuple(_accounts(settings))
    if shop is None:
        return accounts
    if settings.shop(shop) is None:
        raise UsageError(f"Shop {shop!r} is not configured: see [[shops]] in the settings.")
    wanted = tuple(one for one in accounts if any(each.name == shop for each in one.shops))
    if not wanted:
        raise UsageError(f"Shop {shop!r} has no vendor_center settings: see docs/orders.md.")
    return wanted


def _accounts(settings: Settings) -> Iterator[Account]:
    shops: dict[str, list[Shop]] = {}
    for shop in settings.shops:
        if shop.vendor_center is not None:
            shops.setdefault(shop.vendor_center.client_id, []).append(shop)
    for client_id, members in shops.items():
        access = members[0].vendor_center
        if access is not None:
            token = access.refresh_token.get_secret_value().strip()
            yield Account(client_id=client_id, refresh_token=token, shops=tuple(members))


def _shop_id(shop: Shop) -> str | None:
    return shop.vendor_center.shop_id if shop.vendor_center else None


def _country(text: str | None) -> str | None:
    return country_code(text) if text else None


def _fits(configured: str | None, told: str | None) -> bool:
    """
    What is not told rules nothing out.
    """
    return configured is None or told is None or configured == told
