"""
``tracker alerts``: what was told, and what people did about it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.choosing import Kind, Shop, numbers_of, state_of, warn_of_shop
from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, local, notice, say, table
from tracker.urgemail import SEKO_SERVICE, UrgeMail
from tracker.vocabulary import (
    DeliveryState,
    UsageError,
)

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.alertlist import ListedAlert
    from tracker.model import Alert

app = typer.Typer(help="What was told, and what people did about it.", no_args_is_help=True)


_CHANNELS = ("email", "slack", "apprise", "webhook", SEKO_SERVICE)


class ListedState(StrEnum):
    """
    Which alerts to list.
    """

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


@app.command("list")
def list_alerts(
    state: Annotated[ListedState, typer.Option("--state", help="Which.")] = ListedState.OPEN,
    shop: Shop = None,
    kind: Kind = None,
    as_json: JsonOption = False,
) -> None:
    """
    Lists alerts, fewest working days to cancellation first; "open" is all that is not closed.
    """
    from tracker.alertlist import listed
    from tracker.clock import utc_now
    from tracker.planning.deadlines import Deadlines
    from tracker.shapes import listed_alert_shape, wording_lines

    now = utc_now()
    with opened() as (settings, store), store.read() as tx:
        warn_of_shop(settings, tx, shop)
        chosen = tx.alerts.matching(state=state.value, shop=shop, kind=kind)
        found = listed(tx, Deadlines(settings), chosen, now)
    if as_json:
        for one in found:
            emit(listed_alert_shape(one, now))
        return
    table(
        ("id", "kind", "state", "days left", "shop", "number", "deadline", "why", "told"),
        [
            (
                one.alert.id,
                one.alert.kind,
                state_of(one.alert, now, settings.zone),
                _left(one, now),
                one.alert.shop,
                numbers_of(one.alert),
                local(one.alert.deadline, settings.zone),
                one.alert.closed_because or one.alert.reason,
                _told(one.alert),
            )
            for one in found
        ],
    )
    for one in found:
        if one.urge_mail is UrgeMail.DRY_RUN:
            say(f"{one.alert.id}: would be mailed to {settings.seko_service.email}")
        for line in wording_lines(one.alert):
            say(line)
    notice(f"{len(found)} alerts; times in {settings.timezone}")


def _left(one: ListedAlert, now: datetime) -> str:
    """
    Working days left to automatic cancellation; nothing where none is known.
    """
    if one.auto_cancel_at is None:
        return ""
    return "past" if one.auto_cancel_at <= now else str(one.working_days_left)


def _told(alert: Alert) -> str:
    """
    ``email sent``, ``slack refused``: the newest state of each channel.
    """
    newest = {delivery.channel: delivery.state for delivery in alert.deliveries}
    return ", ".join(f"{channel} {state}" for channel, state in newest.items())


@app.command("deliveries")
def list_deliveries(
    shop: Shop = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Only this channel's.")] = None,
    state: Annotated[
        DeliveryState | None, typer.Option("--state", help="Only those in this state.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 200,
    as_json: JsonOption = False,
) -> None:
    """
    Lists what went to whom over all alerts, newest first.
    """
    from tracker.recipients import mask_recipient
    from tracker.shapes import delivery_record_shape

    if channel is not None and channel not in _CHANNELS:
        notice(f"--channel {channel!r} is no channel: known are {', '.join(_CHANNELS)}.")
    with opened() as (settings, store), store.read() as tx:
        warn_of_shop(settings, tx, shop)
        found = tx.outbox.history(shop=shop, channel=channel, state=state, limit=limit)
    if as_json:
        for record in found:
            emit(delivery_record_shape(record))
        return
    told = [(record, record.delivery) for record in found]
    table(
        ("alert", "kind", "notice", "shop", "channel", "to", "state", "tries", "sent", "error"),
        [
            (
                one.alert_id,
                record.kind,
                one.notice,
                one.shop,
                one.channel,
                mask_recipient(one.recipient),
                one.state,
                one.attempts,
                local(one.sent_at, settings.zone),
                one.last_error,
            )
            for record, one in told
        ],
    )
    notice(f"{len(found)} deliveries; times in {settings.timezone}")


@app.command("test")
def test_channels(shop: Shop = None, as_json: JsonOption = False) -> None:
    """
    Sends a marked test message over every configured channel; parked messages follow a success.
    """
    from alerts.proving import prove_channels
    from tracker.clock import utc_now
    from tracker.recipients import mask_recipient

    failed = False
    with opened() as (settings, store):
        if shop is not None and settings.shop(shop) is None:
            raise UsageError(f"--shop {shop!r} is not configured.")
        for proof in prove_channels(settings, store, utc_now, shop=shop):
            failed |= not proof.arrived
            shown = mask_recipient(proof.recipient)
            if as_json:
                emit(
                    {
                        "channel": proof.channel,
                        "recipient": shown,
                        "arrived": proof.arrived,
                        "detail": proof.detail,
                    }
                )
            else:
                word = "sent" if proof.arrived else "FAILED"
                say(
                    f"{proof.channel} to {shown}: {word}{f' ({proof.detail})' * bool(proof.detail)}"
                )
    if failed:
        raise typer.Exit(1)
