"""
What a channel is: one attempt at a time, answered with what is to become of the delivery.

A channel never raises for what the other side does (promises.md R13). Its ``why`` texts are for
people and logs and never hold a webhook URL, a user name or a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import timedelta

    from alerts.messages.message import Message


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
