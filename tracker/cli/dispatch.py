"""
``tracker orders dispatch``: today's parcels before they leave for the sorting centre.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.choosing import warn_of_shop
from tracker.cli.opening import instant_of, not_ahead, opened
from tracker.cli.output import JsonOption, emit, handed_over, local, notice, say, table
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.orders.dispatching import Departure
    from tracker.orders.handovers import Handover
    from tracker.planning.deadlines import Deadlines
    from tracker.shapes import Shape
    from tracker.store import Transaction


def dispatch(
    shop: Annotated[str | None, typer.Option("--shop", help="Only this shop.")] = None,
    mark: Annotated[
        bool,
        typer.Option("--handed-over", help="Mark all that may be sent as handed over, at once."),
    ] = False,
    at: Annotated[
        str | None, typer.Option("--at", help="When they arrived at the centre; default: now.")
    ] = None,
    courier: Annotated[str | None, typer.Option("--courier", help="Domestic courier.")] = None,
    waybill: Annotated[str | None, typer.Option("--waybill", help="Domestic waybill.")] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Lists today's parcels before they leave; cancelled ones and the like say DO NOT SEND.
    """
    from tracker.clock import utc_now
    from tracker.orders.dispatching import departures
    from tracker.orders.handovers import Handover
    from tracker.planning.deadlines import Deadlines

    if not mark and (at or courier or waybill):
        raise UsageError("--at, --courier and --waybill go with --handed-over.")
    with opened() as (settings, store):
        now = utc_now()
        said = Handover(at=_when(at, now, settings.zone), courier=courier, waybill=waybill)
        with store.begin() if mark else store.read() as tx:
            warn_of_shop(settings, tx, shop)
            found = departures(tx, now, settings.zone, shop=shop, lock=mark)
            if mark:
                found = _handed_over(tx, Deadlines(settings), found, said, now)
    if as_json:
        for one in found:
            emit(_shape(one))
    else:
        _show(found, settings.zone, marked=mark)
    _warn(found)
    if any(one.stop for one in found):
        raise typer.Exit(1)


def _when(at: str | None, now: datetime, zone: ZoneInfo) -> datetime:
    when = not_ahead(instant_of(at, zone, "--at"), now, zone) if at else now
    if when > now:
        raise UsageError(f"--at {at} lies in the future; nothing was changed.")
    return when


def _handed_over(
    tx: Transaction,
    deadlines: Deadlines,
    found: Sequence[Departure],
    said: Handover,
    now: datetime,
) -> tuple[Departure, ...]:
    """
    The same, after all that may be sent were handed over in the transaction that found them.
    """
    from tracker.orders.handovers import hand_over

    sent = [one.parcel.id for one in found if one.stop is None]
    hand_over(tx, deadlines, dict.fromkeys(sent, said), now)
    records = tx.parcels.records({one.parcel.id: now for one in found})
    changed = {record.parcel.id: record.parcel for record in records}
    return tuple(replace(one, parcel=changed[one.parcel.id]) for one in found)


def _shape(one: Departure) -> Shape:
    from tracker.shapes import parcel_shape

    return parcel_shape(one.parcel) | {
        "send": one.stop is None,
        "why": one.stop.value if one.stop else None,
        "status_is_old": one.status_is_old,
        "past_cancellation": one.past_cancellation,
        "new_numbers": list(one.new_numbers),
    }


def _show(found: Sequence[Departure], zone: ZoneInfo, *, marked: bool) -> None:
    table(
        ("number", "send?", "why", "order", "shop", "centre", "handed over", "deadline"),
        [
            (
                one.parcel.tracking_number,
                "DO NOT SEND" if one.stop else "send",
                _why(one, zone),
                one.parcel.order_number,
                one.parcel.shop,
                one.parcel.centre,
                handed_over(one.parcel, zone),
                local(one.parcel.scan_deadline, zone),
            )
            for one in found
        ],
    )
    sent = sum(one.stop is None for one in found)
    word = "handed over" if marked else "to send"
    say(f"{sent} {word}, {len(found) - sent} NOT to send; times in {zone}")


def _why(one: Departure, zone: ZoneInfo) -> str:
    """
    What stops the parcel, and what else is to be known before it leaves.
    """
    said = []
    if one.stop:
        said.append(_WORDS[one.stop.value])
    if one.new_numbers:
        said.append(f"its order travels as {', '.join(one.new_numbers)}")
    if one.past_cancellation and one.stop is None:
        said.append(f"automatic cancellation was {local(one.parcel.auto_cancel_at, zone)}: check")
    if one.status_is_old:
        as_of = local(one.parcel.seller_status_at, zone) or "unknown"
        said.append(f"order status as of {as_of}")
    return "; ".join(said)


_WORDS = {
    "cancelled": "the order was cancelled",
    "superseded": "the tracking number has changed: this label is an old one",
    "no_carrier": "no carrier is known for it",
}


def _warn(found: Sequence[Departure]) -> None:
    """
    Old facts are said to be old (promises.md R27).
    """
    old = sum(one.status_is_old for one in found)
    if old:
        notice(
            f"{old} of {len(found)} have an order status that was not seen today: "
            "import fresh orders first, some may be cancelled."
        )
