"""
How one carrier is reached, and whether it may be asked so.
"""

from __future__ import annotations

import ipaddress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tracker.browser import find_browser
from tracker.model import CarrierName
from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAccess:
    """
    How one carrier's portal is reached and how gently (contract.md, ``carriers.<name>.*``).

    It holds the password: it travels to the child over its standard input only, and its ``repr``
    shows neither user name nor password.
    """

    carrier: CarrierName
    url: str
    api_url: str | None = None
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    allow_plain_http: bool = False
    batch_size: int = 10
    requests_per_minute: float = 6
    concurrency: int = 1
    timeout_seconds: float = 60
    verify_tls: bool = True
    browser_executable: str | None = None
    profile: str | None = None
    wordings: str | None = None
    #: The pace is shared by all processes (R22): so many slots of it are reserved for this crawl,
    #: and every further question needs one more. ``None``: the crawl keeps a pace of its own.
    reserved_slots: int | None = None
    #: Seconds until the first reserved slot.
    starts_in_seconds: float = 0.0
    #: Every number is asked through the page a person sees, so that a picture shows the answer.
    by_page_only: bool = False

    @property
    def uses_api(self) -> bool:
        """
        True when the carrier's API is asked; false when its page is opened in a browser.
        """
        return bool(
            self.carrier is CarrierName.CLEVY and self.api_url and self.username and self.password
        )

    @property
    def asked_url(self) -> str:
        """
        The address that is asked: the API's or the page's.
        """
        return self.api_url if self.uses_api and self.api_url else self.url

    @property
    def host(self) -> str:
        """
        The host that is asked, for messages.
        """
        return urlsplit(self.asked_url).hostname or self.asked_url


def access_to_json(access: CarrierAccess) -> dict[str, Any]:
    """
    The access as JSON values, password included: for the child's standard input only.
    """
    return asdict(access)


def access_from_json(told: Mapping[str, Any]) -> CarrierAccess:
    """
    The access that :func:`access_to_json` told.
    """
    return CarrierAccess(**{**told, "carrier": CarrierName(told["carrier"])})


def check_access(access: CarrierAccess) -> None:
    """
    Returns when the carrier can be asked with this configuration.

    Raises :class:`UsageError` when credentials would travel unencrypted, and
    :class:`tracker.browser.BrowserMissing` when a page is to be opened without a browser.
    """
    if not access.uses_api:
        find_browser(access.browser_executable)
        return
    parts = urlsplit(access.asked_url)
    if parts.scheme == "https" or access.allow_plain_http or is_loopback(parts.hostname or ""):
        return
    name = access.carrier.value
    raise RefusedError(
        Sentence(
            "carriers.%(name)s: the credentials would travel unencrypted to %(host)s over http: "
            "set carriers.%(name)s.api_url to an https address, or carriers.%(name)s."
            "allow_plain_http to true, or leave user name and password empty to use the public "
            "page",
            name=name,
            host=access.host,
        )
    )


def is_loopback(host: str) -> bool:
    """
    True for names and addresses that never leave this machine.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
