"""
``[email]``, ``[slack]``, ``[operator]``, ``[seko_service]``: who is told, and by which way.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from tracker.recipients import WebhookAddress
from tracker.settings.sections.base import Section
from tracker.settings.sections.values import Addresses, SecretAddress, ServiceUrls, checked_address


class Email(Section):
    """
    The mail server that alerts leave by.
    """

    smtp_url: SecretStr | None = Field(
        default=None,
        description="`smtp://user:pass@host:587` or `smtps://...`; empty: no e-mail",
    )
    from_: str | None = Field(
        default=None,
        alias="from",
        description="the sender's address",
    )

    @model_validator(mode="after")
    def _sender_known(self) -> Self:
        if self.smtp_url is not None and self.from_ is None:
            raise ValueError("from must be set when smtp_url is set")
        return self


class Slack(Section):
    """
    The Slack channel of shops that have none of their own.
    """

    webhook: SecretAddress | None = Field(
        default=None, description="incoming webhook for shops without one of their own"
    )


class Webhook(Section):
    """
    An integrator's own program: where it listens, and the secret that signs what it is sent.
    """

    url: SecretAddress | None = Field(
        default=None, description="where signed JSON is posted, `https://...`"
    )
    secret: SecretStr | None = Field(
        default=None, description="what signs it: `whsec_` and 24 bytes or more in base64"
    )

    @field_validator("url")
    @classmethod
    def _no_user_in_it(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and "@" in value.get_secret_value().split("/")[2]:
            raise ValueError("must not hold a user name: the signature says who posts")
        return value

    @field_validator("secret")
    @classmethod
    def _strong_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and _key_length(value.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(
                "must be 24 bytes or more in base64: make one with `openssl rand -base64 32`"
            )
        return value

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.url is None) != (self.secret is None):
            raise ValueError("url and secret must be set together")
        return self

    @property
    def address(self) -> WebhookAddress | None:
        """
        URL and secret in the clear, or ``None`` when no webhook is set.
        """
        if self.url is None or self.secret is None:
            return None
        return WebhookAddress(
            url=self.url.get_secret_value(), secret=self.secret.get_secret_value()
        )


_SHORTEST_KEY = 24


def _key_length(secret: str) -> int:
    """
    How many bytes a signing secret holds (Standard Webhooks); 0 for what is no base64.
    """
    text = secret.removeprefix("whsec_").rstrip("=")
    try:
        return len(b64decode(text + "=" * (-len(text) % 4), validate=True))
    except ValueError:
        return 0


class Operator(Section):
    """
    Whoever runs the tracker: hears about blind carriers and unreadable pages.
    """

    language: Literal["en", "zh"] = Field(
        default="en", description="language of the operator's messages, `en` or `zh`"
    )
    email: Addresses = Field(default=(), description="the operator's addresses")
    slack_webhook: SecretAddress | None = Field(default=None, description="the operator's webhook")
    apprise: ServiceUrls = Field(default=(), description="the operator's Apprise URLs")
    webhook: Webhook = Webhook()

    @field_validator("email")
    @classmethod
    def _real_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checked_address(address) for address in value)


class SekoService(Section):
    """
    Seko's customer service, whose contact is published nowhere (domain.md 1.6).
    """

    contact: str | None = Field(
        default=None, description="who to urge; empty: the text says where to find it"
    )
    email: str | None = Field(
        default=None, description="the address to which `mail_urges` mails the urge"
    )
    mail_urges: bool = Field(
        default=False,
        description=(
            "mail the urge to Seko by itself, once a day for each shop; "
            "off: `alerts list` says what would be mailed"
        ),
    )

    @field_validator("email")
    @classmethod
    def _real_address(cls, value: str | None) -> str | None:
        return checked_address(value.strip()) if value else None

    @model_validator(mode="after")
    def _address_known(self) -> Self:
        if self.mail_urges and self.email is None:
            raise ValueError("email must be set when mail_urges is on")
        return self
