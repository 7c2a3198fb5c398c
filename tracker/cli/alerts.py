"""
``tracker alerts``: what was told, and what people did about it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, local, notice, say, table
from tracker.vocabulary import (
    AlertKind,
    AlertState,
    DeliveryState,
    ScanTrackerError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tracker.deadlines import Deadlines
    from tracker.model import Alert
    from tracker.store import Transaction

app = typer.Typer(help="What was told, and what people did about it.", no_args_is_help=True)

_CASE_ID = re.compile(r"\d{8}")


class ListedState(StrEnum):
    """
    Which alerts to list.
    """

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


Shop = Annotated[str | None, typer.Option("--shop", help="Only this shop's.")]
Kind = Annotated[AlertKind | None, typer.Option("--kind", help="Only this kind.")]
Ids = Annotated[list[int] | None, typer.Argument(help="Alert ids.")]


@app.command("list")
def list_alerts(
    state: Annotated[ListedState, typer.Option("--state", help="Which.")] = ListedState.OPEN,
    shop: Shop = None,
    kind: Kind = None,
    as_json: JsonOption = False,
) -> None:
    """
    Lists alerts; "open" is everything that is not closed.
    """
    from tracker.shapes import alert_shape, wording_lines

    with opened() as (settings, store), store.read() as tx:
        found = tx.alerts.matching(state=state.value, shop=shop, kind=kind)
    if as_json:
        for alert in found:
            emit(alert_shape(alert))
        return
    table(
        ("id", "kind", "state", "shop", "number", "deadline", "why", "told"),
        [
            (
                alert.id,
                alert.kind,
                alert.state,
                alert.shop,
                _numbers(alert),
                local(alert.deadline, settings.zone),
                alert.closed_because or alert.reason,
                _told(alert),
            )
            for alert in found
        ],
    )
    for alert in found:
        for line in wording_lines(alert):
            say(line)
    notice(f"{len(found)} alerts; times in {settings.timezone}")


def _numbers(alert: Alert) -> str:
    shown = ", ".join(alert.tracking_numbers[:2])
    more = len(alert.tracking_numbers) - 2
    return f"{shown} and {more} more" if more > 0 else shown


def _told(alert: Alert) -> str:
    """
    ``email sent``, ``slack refused``: the newest state of each channel.
    """
    newest = {delivery.channel: delivery.state for delivery in alert.deliveries}
    return ", ".join(f"{channel} {state}" for channel, state in newest.items())


@app.command("ack")
def acknowledge(
    ids: Ids = None, shop: Shop = None, kind: Kind = None, as_json: JsonOption = False
) -> None:
    """
    Somebody saw the alerts and takes care: they are not repeated.
    """

    def mark(tx: Transaction, alert: Alert, _deadlines: Deadlines, now: datetime) -> None:
        if alert.state is AlertState.OPEN:
            tx.alerts.set_state(alert.id, AlertState.ACKNOWLEDGED, now)

    _mark(ids, shop, kind, mark, "acknowledged", as_json=as_json)


@app.command("urged")
def urged(
    ids: Ids = None, shop: Shop = None, kind: Kind = None, as_json: JsonOption = False
) -> None:
    """
    Seko's customer service was urged: a claim follows if the parcel stays unscanned.
    """

    def mark(tx: Transaction, alert: Alert, deadlines: Deadlines, now: datetime) -> None:
        if alert.kind is not AlertKind.URGE_SCAN:
            raise UsageError(f"Alert {alert.id} is {alert.kind}: only urge_scan can be urged.")
        tx.alerts.set_state(alert.id, AlertState.ACTED, now)
        for parcel_id in alert.parcel_ids:
            tx.parcels.mark(parcel_id, urged_at=now)
            _settle(tx, parcel_id, deadlines, now)

    _mark(ids, shop, kind or (None if ids else AlertKind.URGE_SCAN), mark, "urged", as_json=as_json)


@app.command("claimed")
def claimed(
    ids: Ids = None,
    case_id: Annotated[
        str | None, typer.Option("--case-id", help="The 8 digits that came by e-mail.")
    ] = None,
    shop: Shop = None,
    kind: Kind = None,
    as_json: JsonOption = False,
) -> None:
    """
    The claim was raised; one case may cover many alerts.
    """
    if case_id is not None and not _CASE_ID.fullmatch(case_id.strip()):
        raise UsageError(f"--case-id {case_id!r} is not a case id: it has 8 digits.")

    def mark(tx: Transaction, alert: Alert, deadlines: Deadlines, now: datetime) -> None:
        if alert.kind not in {AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM}:
            raise UsageError(f"Alert {alert.id} is {alert.kind}: it asks for no claim.")
        tx.alerts.set_state(
            alert.id, AlertState.ACTED, now, case_id=case_id.strip() if case_id else None
        )
        for parcel_id in alert.parcel_ids:
            tx.parcels.mark(parcel_id, claimed_at=now)
            _settle(tx, parcel_id, deadlines, now)

    chosen = kind or (None if ids else AlertKind.RAISE_CLAIM)
    _mark(ids, shop, chosen, mark, "claimed", as_json=as_json)


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

    with opened() as (settings, store), store.read() as tx:
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


def _settle(tx: Transaction, parcel_id: int, deadlines: Deadlines, now: datetime) -> None:
    from tracker.watching import settle

    settle(tx, parcel_id, deadlines, now)


def _mark(
    ids: list[int] | None,
    shop: str | None,
    kind: AlertKind | None,
    mark: Callable[[Transaction, Alert, Deadlines, datetime], None],
    word: str,
    *,
    as_json: bool,
) -> None:
    """
    What a person did is stored for each chosen alert, all or none; unknown ids are named.
    """
    from tracker.clock import utc_now
    from tracker.deadlines import Deadlines
    from tracker.shapes import alert_shape

    if not ids and shop is None and kind is None:
        raise UsageError("Give alert ids, or --shop or --kind to choose many.")
    with opened() as (settings, store):
        now = utc_now()
        with store.begin() as tx:
            chosen, unknown = _chosen(tx, ids or [], shop, kind)
            for alert in chosen:
                mark(tx, alert, Deadlines(settings), now)
            marked = [changed for one in chosen if (changed := tx.alerts.get(one.id)) is not None]
    for alert in marked:
        if as_json:
            emit(alert_shape(alert))
        else:
            say(f"{alert.id} {alert.kind} {_numbers(alert)}: {word}")
    if unknown:
        raise ScanTrackerError("; ".join(unknown))


def _chosen(
    tx: Transaction, ids: list[int], shop: str | None, kind: AlertKind | None
) -> tuple[list[Alert], list[str]]:
    if not ids:
        return list(tx.alerts.matching(shop=shop, kind=kind)), []
    chosen, unknown = [], []
    for alert_id in dict.fromkeys(ids):
        alert = tx.alerts.get(alert_id)
        if alert is None:
            unknown.append(f"alert {alert_id} is not known")
        elif alert.closed_at is not None:
            unknown.append(f"alert {alert_id} is closed already ({alert.closed_because})")
        else:
            chosen.append(alert)
    return chosen, unknown
