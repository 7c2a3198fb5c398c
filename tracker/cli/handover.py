"""
``tracker orders handover``: the seller says that parcels reached the sorting centre.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import instant_of, not_ahead, numbers_in, opened
from tracker.cli.output import JsonOption, emit, local, notice, say
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.orders.handovers import Handover
    from tracker.orders.numberlists import NumberRow
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord


def hand_over(
    numbers: Annotated[list[str] | None, typer.Argument(help="Tracking numbers.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="When it arrived; default: now.")] = None,
    courier: Annotated[str | None, typer.Option("--courier", help="Domestic courier.")] = None,
    waybill: Annotated[str | None, typer.Option("--waybill", help="Domestic waybill.")] = None,
    from_file: Annotated[
        Path | None,
        typer.Option("--from", help="A list of numbers or domestic waybills, with times."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Confirms that parcels reached the sorting centre.
    """
    from tracker.clock import utc_now
    from tracker.orders.handovers import Handover
    from tracker.planning.deadlines import Deadlines

    if not numbers and from_file is None:
        raise UsageError("Give tracking numbers, or --from FILE.")
    failed = False
    with opened() as (settings, store):
        now = utc_now()
        when = instant_of(at, settings.zone, "--at") if at else now
        rows = _handed_over(numbers or [], from_file, settings.zone)
        deadlines = Deadlines(settings)
        with store.begin() as tx:
            for row, records in _meant(tx, rows, now):
                said = Handover(
                    at=row.at or when,
                    courier=row.courier or courier,
                    waybill=row.waybill or waybill,
                )
                failed |= not _hand_over(
                    tx, deadlines, row.tracking_number, records, said, now, as_json=as_json
                )
    if failed:
        raise typer.Exit(1)


def _handed_over(
    numbers: list[str], from_file: Path | None, zone: ZoneInfo
) -> tuple[NumberRow, ...]:
    from tracker.orders.numberlists import NumberRow

    given = tuple(NumberRow(line=0, tracking_number=number) for number in numbers)
    if from_file is None:
        return given
    return given + numbers_in(from_file, zone, nothing="Nothing was changed.", waybills=True)


def _meant(
    tx: Transaction, rows: tuple[NumberRow, ...], now: datetime
) -> Iterator[tuple[NumberRow, tuple[WatchRecord, ...]]]:
    """
    Each row with the parcels that it means: the one of its number, else those of its waybill.
    """
    from tracker.numbers import normalise

    by_waybill = tx.parcels.by_waybills((row.tracking_number for row in rows), now)
    for row in rows:
        record = tx.parcels.live(normalise(row.tracking_number), now)
        if record is not None and record.parcel.order_number is not None:
            yield row, (record,)
        else:
            yield row, by_waybill.get(row.tracking_number.upper(), ())


def _hand_over(
    tx: Transaction,
    deadlines: Deadlines,
    written: str,
    records: tuple[WatchRecord, ...],
    said: Handover,
    now: datetime,
    *,
    as_json: bool,
) -> bool:
    """
    The parcels are handed over; false, with a sentence, if there are none or the time is to come.
    """
    from dataclasses import replace

    from tracker.orders.handovers import hand_over

    if not records:
        notice(f"{written} is not on the watch list: import its order first.")
        return False
    at = not_ahead(said.at, now, deadlines.settings.zone)
    if at > now:
        notice(f"{written}: the hand-over {at.isoformat()} lies in the future; nothing changed.")
        return False
    ids = [record.parcel.id for record in records]
    hand_over(tx, deadlines, dict.fromkeys(ids, replace(said, at=at)), now)
    for parcel_id in ids:
        _show(tx, deadlines, parcel_id, now, as_json=as_json)
    return True


def _show(
    tx: Transaction, deadlines: Deadlines, parcel_id: int, now: datetime, *, as_json: bool
) -> None:
    """
    One line with the parcel's new deadline, by its centre's clock.
    """
    from tracker.shapes import parcel_shape

    changed = tx.parcels.get(parcel_id, now)
    if changed is None:
        return
    parcel = changed.parcel
    if as_json:
        emit(parcel_shape(parcel))
        return
    zone = deadlines.calendar_of(parcel).zone
    say(
        f"{parcel.tracking_number}: handed over {local(parcel.handed_over_at, zone)}, "
        f"to be scanned before {local(parcel.scan_deadline, zone)} {zone}"
    )
