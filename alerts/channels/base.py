"""
What a channel is: one attempt at a time, answered with what is to become of the delivery.

A channel never raises for what the other side does (promises.md R13). Its ``why`` texts are for
people and logs and never hold a webhook URL, a user name or a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import timedelta

    from alerts.messages.message import Message

_SLACK_PATHS = ("/services/", "/workflows/", "/triggers/")
_SHOWN = 4
_LONG_ENOUGH_TO_SHOW = 12


@dataclass(frozen=True, slots=True)
class Delivered:
    """
    The other side took the message over.
    """

    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """
    Not now: try again, not before ``after`` if the other side named a time.
    """

    after: timedelta | None
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """
    Not like this: the delivery is parked until a person repairs something.
    """

    why: str


Result = Delivered | Retry | Refused


class Channel(Protocol):
    """
    A way to reach a recipient.
    """

    @property
    def name(self) -> str:
        """
        The channel's name in delivery rows: ``email``, ``slack``.
        """

    def send(self, message: Message, recipient: str) -> Result:
        """
        One attempt; whatever the other side does comes back as a result, never as an exception.
        """


def mask_recipient(recipient: str) -> str:
    """
    The recipient as logs and lists may show it: a webhook URL is a secret, an address is not.

    A Slack webhook becomes ``slack:…`` and its last four characters, any other URL ``webhook:…``.
    """
    if "://" not in recipient:
        return recipient
    kind = "slack" if _is_slack(recipient) else "webhook"
    secret = recipient.rstrip("/").rpartition("/")[2]
    shown = secret[-_SHOWN:] if len(secret) >= _LONG_ENOUGH_TO_SHOW else ""
    return f"{kind}:…{shown}"


def _is_slack(recipient: str) -> bool:
    try:
        parts = urlsplit(recipient)
        host = parts.hostname or ""
    except ValueError:  # a broken address is masked all the same
        return False
    return host.endswith("slack.com") or parts.path.startswith(_SLACK_PATHS)
