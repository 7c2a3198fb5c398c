"""
Proving the channels: a marked test message to every recipient, now.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.channels.base import Delivered, Refused
from alerts.channels.configured import make_channels
from alerts.messages.compose import compose
from alerts.messages.message import Letter
from tracker.model import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.clock import Clock
    from tracker.settings import Recipient, Settings
    from tracker.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelProof:
    """
    What came of one test message.
    """

    channel: str
    recipient: str
    arrived: bool
    detail: str | None


def prove_channels(
    settings: Settings, store: Store, clock: Clock, *, shop: str | None = None
) -> Iterator[ChannelProof]:
    """
    One proof for each distinct recipient; what was parked for one that works is due again.

    Raises :class:`UsageError` when nobody is configured.
    """
    recipients = _recipients(settings, shop)
    if not recipients:
        raise UsageError(
            "No recipient is configured: set operator.email (with email.smtp_url), "
            "operator.slack_webhook, operator.apprise, operator.webhook or slack.webhook, "
            "or give a shop its own."
        )
    channels = make_channels(
        settings.smtp_url,
        settings.email.from_,
        settings.apprise_addresses,
        settings.webhook_addresses,
    )
    for one, whose in recipients.items():
        channel = channels.get(one.channel)
        if channel is None:
            answer: object = Refused(why=f"{one.channel} is not configured")
        else:
            answer = channel.send(compose(_letter(settings, whose, clock)), one.address)
        arrived = isinstance(answer, Delivered)
        if arrived:
            with store.begin() as tx:
                tx.outbox.revive(one.channel, one.address, clock())
        yield ChannelProof(
            channel=one.channel,
            recipient=one.address,
            arrived=arrived,
            detail=getattr(answer, "why", None),
        )


def _recipients(settings: Settings, shop: str | None) -> dict[Recipient, str | None]:
    """
    Each recipient once, with the first shop that it hears about; the operator's own have none.
    """
    operator = settings.operator_recipients if shop is None else ()
    found: dict[Recipient, str | None] = {}
    for name in [shop] if shop else [one.name for one in settings.shops]:
        for one in settings.recipients_of(name):
            found.setdefault(one, None if one in operator else name)
    return found | dict.fromkeys(operator)


def _letter(settings: Settings, shop: str | None, clock: Clock) -> Letter:
    sender = settings.email.from_ or "scan-tracker@localhost"
    domain = sender.rpartition("@")[2].strip("<> ") or "localhost"
    return Letter(
        reference=f"<{uuid.uuid4()}.scan-tracker@{domain}>",
        created_at=clock(),
        shop=shop,
        language=settings.language_of(shop),
        test=True,
    )
