"""
The channels that are configured, by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.channels.email import EmailChannel
from alerts.channels.slack import SlackChannel

if TYPE_CHECKING:
    from alerts.channels.base import Channel


def make_channels(smtp_url: str | None, sender: str | None) -> dict[str, Channel]:
    """
    Slack always (its webhooks come with the recipients), e-mail when there is a mail server.

    Raises :class:`UsageError` for an SMTP URL that cannot be read.
    """
    channels: dict[str, Channel] = {"slack": SlackChannel()}
    if smtp_url is not None and sender is not None:
        channels["email"] = EmailChannel(smtp_url, sender)
    return channels
