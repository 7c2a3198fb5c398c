"""
``tracker orders picked-up``: a returned parcel was picked up, and the time to claim runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import instant_of, not_ahead, opened
from tracker.cli.output import JsonOption, emit, local, notice, say
from tracker.vocabulary import SellerStatus, Stage, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.model import Parcel
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction

#: What an order or a portal says of a parcel that is on its way back or was given back.
_RETURNED = frozenset({SellerStatus.FAILED, SellerStatus.RETURNED, SellerStatus.CANCELED})
_RETURNING = frozenset({Stage.RETURNING, Stage.RETURNED, Stage.CANCELLED})


def picked_up(
    numbers: Annotated[list[str], typer.Argument(help="Tracking numbers of returned parcels.")],
    at: Annotated[str | None, typer.Option("--at", help="When; default: now.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Take it although nothing known says that it came back.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Returned parcels were picked up: a wrong product can be claimed within five working days.
    """
    from tracker.clock import utc_now
    from tracker.planning.deadlines import Deadlines

    failed = False
    with opened() as (settings, store):
        now = utc_now()
        when = not_ahead(instant_of(at, settings.zone, "--at"), now, settings.zone) if at else now
        if when > now:
            raise UsageError(f"--at {at!r} lies in the future: nothing was changed.")
        deadlines = Deadlines(settings)
        with store.begin() as tx:
            for number in numbers:
                failed |= not _pick_up(
                    tx, deadlines, number, when, now, force=force, as_json=as_json
                )
    if failed:
        raise typer.Exit(1)


def _pick_up(
    tx: Transaction,
    deadlines: Deadlines,
    number: str,
    at: datetime,
    now: datetime,
    *,
    force: bool,
    as_json: bool,
) -> bool:
    from tracker.numbers import normalise
    from tracker.planning.clocks import return_until
    from tracker.planning.watching import settle
    from tracker.shapes import instant

    known = tx.parcels.live(normalise(number), now)
    if known is None or known.parcel.order_number is None:
        notice(f"{normalise(number)} is not on the watch list: import its order first.")
        return False
    if not force and not _came_back(known.parcel):
        notice(
            f"{known.parcel.tracking_number}: nothing known says that it came back (its order is "
            f"{known.parcel.seller_status or 'of unknown status'}). Import fresh orders first, or "
            "say it with --force."
        )
        return False
    tx.parcels.mark(known.parcel.id, picked_up_at=at)
    settle(tx, known.parcel.id, deadlines, now)
    until = return_until(known.parcel, deadlines, at)
    if as_json:
        emit(
            {
                "tracking_number": known.parcel.tracking_number,
                "picked_up_at": instant(at),
                "claim_until": instant(until),
            }
        )
    else:
        zone = deadlines.calendar_of(known.parcel).zone
        shown = local(until, zone)
        say(f"{known.parcel.tracking_number}: picked up, claim before {shown} {zone}")
    return True


def _came_back(parcel: Parcel) -> bool:
    return parcel.seller_status in _RETURNED or parcel.stage in _RETURNING
