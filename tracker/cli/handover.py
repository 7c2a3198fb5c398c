"""
``tracker orders handover``: the seller says that parcels reached the sorting centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import instant_of, not_ahead, numbers_in, opened
from tracker.cli.output import JsonOption, emit, local, notice, say
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.deadlines import Deadlines
    from tracker.orders.numberlists import NumberRow
    from tracker.store import Transaction


def hand_over(
    numbers: Annotated[list[str] | None, typer.Argument(help="Tracking numbers.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="When it arrived; default: now.")] = None,
    courier: Annotated[str | None, typer.Option("--courier", help="Domestic courier.")] = None,
    waybill: Annotated[str | None, typer.Option("--waybill", help="Domestic waybill.")] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from", help="A file of numbers, with times if you have them.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Confirms that parcels reached the sorting centre.
    """
    from tracker.clock import utc_now
    from tracker.deadlines import Deadlines

    if not numbers and from_file is None:
        raise UsageError("Give tracking numbers, or --from FILE.")
    failed = False
    with opened() as (settings, store):
        now = utc_now()
        when = instant_of(at, settings.zone, "--at") if at else now
        rows = _handed_over(numbers or [], from_file, settings.zone)
        deadlines = Deadlines(settings)
        with store.begin() as tx:
            for row in rows:
                mark = _Handover(
                    number=row.tracking_number,
                    at=row.at or when,
                    courier=row.courier or courier,
                    waybill=row.waybill or waybill,
                )
                failed |= not _hand_over_one(tx, deadlines, mark, now, as_json=as_json)
    if failed:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handover:
    number: str
    at: datetime
    courier: str | None
    waybill: str | None


def _handed_over(
    numbers: list[str], from_file: Path | None, zone: ZoneInfo
) -> tuple[NumberRow, ...]:
    from tracker.orders.numberlists import NumberRow

    given = tuple(NumberRow(line=0, tracking_number=number) for number in numbers)
    if from_file is None:
        return given
    return given + numbers_in(from_file, zone, nothing="Nothing was changed.")


def _hand_over_one(
    tx: Transaction, deadlines: Deadlines, mark: _Handover, now: datetime, *, as_json: bool
) -> bool:
    from dataclasses import replace

    from tracker.numbers import normalise
    from tracker.shapes import parcel_shape
    from tracker.watching import settle

    number = normalise(mark.number)
    record = tx.parcels.live(number, now)
    if record is None or record.parcel.order_number is None:
        notice(f"{number} is not on the watch list: import its order first.")
        return False
    at = not_ahead(mark.at, now, deadlines.settings.zone)
    if at > now:
        notice(f"{number}: the hand-over {at.isoformat()} lies in the future; nothing changed.")
        return False
    draft = replace(
        tx.parcels.draft(record.parcel.id),
        handed_over_at=at,
        handover_assumed=False,
        courier=mark.courier or record.parcel.courier,
        waybill=mark.waybill or record.parcel.waybill,
    )
    tx.parcels.change(record.parcel.id, deadlines.derived(draft))
    settle(tx, record.parcel.id, deadlines, now)
    changed = tx.parcels.get(record.parcel.id, now)
    if changed is None:
        return False
    if as_json:
        emit(parcel_shape(changed.parcel))
    else:
        zone = deadlines.calendar_of(changed.parcel).zone
        deadline = local(changed.parcel.scan_deadline, zone)
        say(f"{number}: handed over {local(at, zone)}, to be scanned before {deadline} {zone}")
    return True
