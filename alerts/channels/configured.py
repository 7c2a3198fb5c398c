"""
The channels that are configured, by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.channels.email import EmailChannel
from alerts.channels.slack import SlackChannel
from tracker.urgemail import SEKO_SERVICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.channels.base import Channel
    from tracker.recipients import AppriseAddress, WebhookAddress


def make_channels(
    smtp_url: str | None,
    sender: str | None,
    apprise: Sequence[AppriseAddress] = (),
    webhooks: Sequence[WebhookAddress] = (),
) -> dict[str, Channel]:
    """
    Slack always (its webhooks come with the recipients), the others when somebody uses them.

    Raises :class:`UsageError` for an SMTP URL that cannot be read, or an Apprise URL that no
    service takes.
    """
    channels: dict[str, Channel] = {"slack": SlackChannel()}
    if smtp_url is not None and sender is not None:
        # Seko's service is urged by the same server; who that is stands in the delivery.
        channels["email"] = channels[SEKO_SERVICE] = EmailChannel(smtp_url, sender)
    if webhooks:
        from alerts.channels.webhook import WebhookChannel  # noqa: PLC0415  few use one

        channels["webhook"] = WebhookChannel(webhooks)
    if apprise:
        # Its library loads 180 services, which takes a second or more: only who needs it waits.
        from alerts.channels.apprise import AppriseChannel  # noqa: PLC0415  few use one

        channels["apprise"] = AppriseChannel(apprise)
    return channels
