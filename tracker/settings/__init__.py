"""
Every setting, validated once: ``tracker.toml`` or ``TRACKER_CONFIG``, then the environment.

The only room that reads the environment. Names and defaults are those of the interface contract;
each field's description is the text of the settings table in the documentation.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from tracker.calendar import SendWindow
from tracker.model import AlertKind, CalendarException, UsageError
from tracker.recipients import AppriseAddress, WebhookAddress
from tracker.settings.explaining import Explainer
from tracker.settings.keys import PREFIX, environment_names, fields_of
from tracker.settings.secrets import secrets_of
from tracker.settings.sections import (
    Browser,
    CalendarSection,
    Carriers,
    Claims,
    Clevy,
    Deadman,
    Email,
    ExceptionEntry,
    Inbox,
    Log,
    Operator,
    Seko,
    SekoService,
    Shop,
    Slack,
    VendorCenterApi,
    Watch,
    Web,
    Webhook,
    Wordings,
)
from tracker.settings.showing import Origin, origins_of
from tracker.settings.sources import EnvironmentSource, TomlSource, config_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from pydantic_settings import PydanticBaseSettingsSource

__all__ = [
    "PREFIX",
    "CalendarSection",
    "Clevy",
    "ExceptionEntry",
    "Recipient",
    "Seko",
    "Settings",
    "Shop",
    "known_keys",
    "load_settings",
    "settings_fields",
]


class Settings(BaseSettings):
    """
    The whole configuration, checked; build it with :func:`load_settings`.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    database_url: str = Field(
        default="sqlite:///tracker.db",
        repr=False,  # it may hold a password
        description="the order store; PostgreSQL: `postgresql+psycopg://...`",
    )
    timezone: str = Field(
        default="Asia/Shanghai", description="zone of naive times given by a person or a file"
    )
    carriers: Carriers = Carriers()
    watch: Watch = Watch()
    calendar: CalendarSection = CalendarSection()
    email: Email = Email()
    slack: Slack = Slack()
    shops: tuple[Shop, ...] = Field(default=(), description="the sellers' shops")
    operator: Operator = Operator()
    seko_service: SekoService = SekoService()
    claims: Claims = Claims()
    wordings: Wordings = Wordings()
    inbox: Inbox = Inbox()
    vendor_center: VendorCenterApi = VendorCenterApi()
    deadman: Deadman = Deadman()
    log: Log = Log()
    browser: Browser = Browser()
    web: Web = Web()

    _origins: dict[tuple[str, ...], Origin] = PrivateAttr(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as Asia/Shanghai") from error
        return value

    @field_validator("shops")
    @classmethod
    def _distinct_shops(cls, value: tuple[Shop, ...]) -> tuple[Shop, ...]:
        names = [shop.name for shop in value]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"shop {doubled[0]!r} stands twice")
        return value

    @model_validator(mode="after")
    def _urges_can_be_mailed(self) -> Self:
        if self.seko_service.mail_urges and self.email.smtp_url is None:
            raise ValueError("seko_service.mail_urges needs email.smtp_url")
        return self

    @model_validator(mode="after")
    def _one_secret_for_each_webhook(self) -> Self:
        """
        The outbox knows a webhook by its URL, so that the URL must tell its secret.
        """
        secrets = {(one.url, one.secret) for one in self.webhook_addresses}
        if len({url for url, _ in secrets}) < len(secrets):
            raise ValueError("the same webhook url stands twice, with different secrets")
        return self

    @field_validator("shops")
    @classmethod
    def _distinct_accounts(cls, value: tuple[Shop, ...]) -> tuple[Shop, ...]:
        """
        Shops with one client id hold one token, and each order belongs to one of them.
        """
        linked = [(shop, shop.vendor_center) for shop in value if shop.vendor_center]
        for (one, own), (other, its) in combinations(linked, 2):
            if own.client_id != its.client_id:
                continue
            named = f"shops {one.name!r} and {other.name!r} have the same vendor_center.client_id"
            if own.refresh_token != its.refresh_token:
                raise ValueError(f"{named}: give them the same refresh_token")
            if own.shop_id == its.shop_id and (
                own.shop_id or not (one.country and other.country) or one.country == other.country
            ):
                raise ValueError(f"{named}: give each its own vendor_center.shop_id or country")
        return value

    @classmethod
    def settings_customise_sources(  # noqa: D102 - the library's hook
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del env_settings, dotenv_settings, file_secret_settings
        environ = os.environ
        return (
            init_settings,
            EnvironmentSource(settings_cls, environ),
            TomlSource(settings_cls, config_path(environ)),
        )

    @property
    def origins(self) -> Mapping[tuple[str, ...], Origin]:
        """
        Where each single setting came from, by its path.
        """
        return self._origins

    @property
    def zone(self) -> ZoneInfo:
        """
        The zone of naive times.
        """
        return ZoneInfo(self.timezone)

    @property
    def window(self) -> SendWindow:
        """
        When messages may go out.
        """
        return SendWindow.parse(self.watch.send_window)

    @property
    def calendar_exceptions(self) -> tuple[CalendarException, ...]:
        """
        Every entered closure, opening, cut-off and peak.
        """
        return tuple(entry.value() for entry in self.calendar.exceptions)

    @property
    def smtp_url(self) -> str | None:
        """
        The mail server's URL in the clear: it may hold a password, so it is never logged.
        """
        url = self.email.smtp_url
        return url.get_secret_value() if url else None

    @property
    def secrets(self) -> frozenset[str]:
        """
        Every secret of the configuration in the clear, to be taken out of what others may read.
        """
        return secrets_of(self)

    def shop(self, name: str | None) -> Shop | None:
        """
        The shop of that name, or ``None`` when it is not configured.
        """
        return next((shop for shop in self.shops if shop.name == name), None)

    def language_of(self, name: str | None) -> str:
        """
        The language of a shop's messages; the operator's own for a shop that is not configured.
        """
        shop = self.shop(name)
        return shop.language if shop else self.operator.language

    def is_quiet(self, name: str | None, day: date) -> bool:
        """
        True on a day on which the shop wants no message (promises.md R15).
        """
        shop = self.shop(name)
        return shop is not None and shop.is_quiet(day)

    def wants_digest(self, name: str | None) -> bool:
        """
        True for a shop that wants one message a day.
        """
        shop = self.shop(name)
        return shop is not None and shop.digest

    def clocks_on(self, name: str | None) -> frozenset[AlertKind]:
        """
        The kinds beside the ladder that a shop wants to hear of.
        """
        shop = self.shop(name)
        wanted = self.watch.alerts.model_dump() | dict(shop.alerts if shop else {})
        return frozenset(AlertKind(kind) for kind, on in wanted.items() if on)

    def recipients_of(self, name: str | None) -> tuple[Recipient, ...]:
        """
        Who hears about a shop's parcels: its own recipients, else the operator (contract.md).
        """
        shop = self.shop(name)
        own: list[Recipient] = []
        if shop is not None:
            own += self._mail(shop.email)
            own += _slack(shop.slack_webhook)
            own += _services(_apprise_of(shop.apprise, f"shop {shop.name!r}"))
            own += _programs(shop.webhook)
        if not any(recipient.channel == "slack" for recipient in own):
            own += _slack(self.slack.webhook)
        return tuple(own) or self.operator_recipients

    @property
    def urge_mail_to(self) -> str | None:
        """
        Where the urge is mailed to; ``None`` unless that is switched on.
        """
        return self.seko_service.email if self.seko_service.mail_urges else None

    def reply_to_of(self, name: str | None) -> tuple[str, ...]:
        """
        Who reads Seko's answer to a mailed urge: the shop's addresses, else the operator's.
        """
        shop = self.shop(name)
        return (shop.email if shop else ()) or self.operator.email

    @property
    def operator_recipients(self) -> tuple[Recipient, ...]:
        """
        Who hears about the watcher itself.
        """
        own = self.operator
        found = self._mail(own.email) + _slack(own.slack_webhook)
        found += _services(_apprise_of(own.apprise, "operator")) + _programs(own.webhook)
        return tuple(found or _slack(self.slack.webhook))

    @property
    def apprise_addresses(self) -> tuple[AppriseAddress, ...]:
        """
        Every Apprise URL with its owner, in the clear: they hold passwords and are never logged.
        """
        found = _apprise_of(self.operator.apprise, "operator")
        for shop in self.shops:
            found += _apprise_of(shop.apprise, f"shop {shop.name!r}")
        return tuple(found)

    @property
    def webhook_addresses(self) -> tuple[WebhookAddress, ...]:
        """
        Every webhook with its secret, in the clear.
        """
        all_of_them = (self.operator.webhook, *(shop.webhook for shop in self.shops))
        return tuple(one.address for one in all_of_them if one.address is not None)

    def _mail(self, addresses: tuple[str, ...]) -> list[Recipient]:
        """
        Nobody can be reached by e-mail without a mail server.
        """
        if self.email.smtp_url is None:
            return []
        return [Recipient(channel="email", address=address) for address in addresses]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Recipient:
    """
    One address on one channel; a Slack address is a webhook URL and thus a secret.

    On ``apprise`` it stands for a URL that only the settings hold (``tracker.recipients``).
    """

    channel: str
    address: str


def _slack(webhook: SecretStr | None) -> list[Recipient]:
    if webhook is None:
        return []
    return [Recipient(channel="slack", address=webhook.get_secret_value())]


def _apprise_of(urls: tuple[SecretStr, ...], owner: str) -> list[AppriseAddress]:
    return [AppriseAddress(owner=owner, url=url.get_secret_value()) for url in urls]


def _services(addresses: list[AppriseAddress]) -> list[Recipient]:
    return [Recipient(channel="apprise", address=one.id) for one in addresses]


def _programs(webhook: Webhook) -> list[Recipient]:
    address = webhook.address
    return [] if address is None else [Recipient(channel="webhook", address=address.url)]


def load_settings(**overrides: Any) -> Settings:
    """
    The settings of this process.

    Raises :class:`UsageError` naming the file or variable, the key, and what to do.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise UsageError(Explainer(Settings, os.environ).explain(error)) from None
    from_file = TomlSource(Settings, config_path(os.environ)).init_kwargs
    settings._origins = origins_of(  # noqa: SLF001 - its maker
        Settings, os.environ.keys(), from_file
    )
    return settings


def known_keys() -> Iterator[tuple[str, tuple[str, ...]]]:
    """
    Each environment name with the path of its key.
    """
    return environment_names(Settings)


def settings_fields() -> Iterator[tuple[tuple[str, ...], Any]]:
    """
    Each single setting's path and pydantic field, in the order of declaration.
    """
    return fields_of(Settings)
