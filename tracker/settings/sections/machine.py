"""
What stands around the tracker on its machine: files, folders, browser, dashboard.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from tracker.settings.sections.base import Section
from tracker.settings.sections.values import SecretAddress, comma_list

#: Shorter passwords are guessed too soon (NIST SP 800-63B asks for 8 at least).
MIN_PASSWORD = 10


class Wordings(Section):
    """
    Lines of the user's own for the stage tables.
    """

    file: Path | None = Field(
        default=None, description="a TOML file with further lines for the stage tables"
    )


class Inbox(Section):
    """
    A folder whose files are imported.
    """

    folder: Path | None = Field(
        default=None, description="a folder whose export files are imported; see orders.md"
    )


class Deadman(Section):
    """
    An outside watchdog, told every minute that the watcher lives (promises.md P5).
    """

    url: SecretAddress | None = Field(
        default=None,
        description="an outside watchdog's URL, fetched every minute while the watcher is well; "
        "a secret: server.md",
    )


class Log(Section):
    """
    What `tracker run` writes to standard error.
    """

    format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="`json` (an object a line), `text`, or `auto`: text on a terminal; server.md",
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="how much `tracker run` writes to its log"
    )


class Browser(Section):
    """
    The browser that reads Seko's page.
    """

    executable: str | None = Field(default=None, description="the browser; empty: it is found")


class Web(Section):
    """
    The dashboard.
    """

    enabled: bool = Field(default=True, description="`tracker run` serves the dashboard")
    host: str = Field(
        default="127.0.0.1",
        description="where it listens; beyond this machine `web.password` must be set",
    )
    port: int = Field(default=8420, ge=0, le=65535, description="its port; 0: any free one")
    password: SecretStr | None = Field(
        default=None,
        description="the password of the user `operator`; empty: one is made and shown once",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_list)] = Field(
        default=("127.0.0.1", "::1"),
        description="the web servers in front whose X-Forwarded-For and -Proto are believed: "
        "addresses, or networks such as `172.30.84.0/24`; server.md",
    )
    api_requests_per_minute: int = Field(
        default=600, ge=1, le=100_000, description="how often one API token may ask"
    )

    @model_validator(mode="after")
    def _open_doors_have_a_lock(self) -> Self:
        if self.enabled and self.password is None and not _is_loopback(self.host):
            raise ValueError(
                f"web.host {self.host} can be reached from other machines: set web.password as "
                "well, or keep 127.0.0.1 and put a web server with TLS in front (docs/server.md)"
            )
        return self

    @field_validator("trusted_proxies")
    @classmethod
    def _real_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_network(one) for one in value)

    @field_validator("password")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < MIN_PASSWORD:
            raise ValueError(f"too short: it must have {MIN_PASSWORD} characters or more")
        return value


def _network(text: str) -> str:
    """
    An address or a network as it is given; raises ``ValueError`` for what is none, or is everybody.
    """
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is neither an address nor a network: write 172.30.84.1 or 172.30.84.0/24"
        ) from error
    if network.prefixlen == 0:
        raise ValueError(f"{text!r} is everybody: anybody could then say where they come from")
    return text


def _is_loopback(host: str) -> bool:
    """
    True for an address that only this machine reaches.
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
