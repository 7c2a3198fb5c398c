"""
``tracker orders``: the watch list.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli.opening import instant_of, numbers_in, opened
from tracker.cli.output import JsonOption, emit, local, notice, say, table
from tracker.vocabulary import ParcelState, ScanTrackerError, UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.deadlines import Deadlines
    from tracker.model import ImportResult
    from tracker.orders.numberlists import NumberRow
    from tracker.settings import Settings
    from tracker.store import Store, Transaction
    from tracker.store.parcels import WatchRecord

app = typer.Typer(help="The watch list: import, list, show, hand-over.", no_args_is_help=True)

Shop = Annotated[str | None, typer.Option("--shop", help="Only this shop.")]


@app.command("import")
def import_orders(
    files: Annotated[list[Path], typer.Argument(help="Export files, CSV or XLSX.")],
    shop: Annotated[str | None, typer.Option("--shop", help="The shop of every row.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Takes orders from export files; refused rows are listed with line and reason.
    """
    from tracker.orders.files import OrderFileError

    failed = False
    unread: list[str] = []
    with opened() as (settings, store):
        for path in files:
            try:
                result = _import_one(settings, store, path, shop, dry_run=dry_run)
            except OrderFileError as error:
                unread.append(str(error))
                continue
            failed |= bool(result.refused)
            _show_import(path, result, as_json=as_json, dry_run=dry_run)
    for sentence in unread:
        notice(f"tracker: {sentence}")
    if unread or failed:
        raise typer.Exit(2 if len(unread) == len(files) else 1)


def _import_one(
    settings: Settings, store: Store, path: Path, shop: str | None, *, dry_run: bool
) -> ImportResult:
    from tracker.clock import utc_now
    from tracker.deadlines import Deadlines
    from tracker.orders.taking import Taking

    taking = Taking(store=store, deadlines=Deadlines(settings), now=utc_now(), dry_run=dry_run)
    return taking.take(path, shop)


def _show_import(path: Path, result: ImportResult, *, as_json: bool, dry_run: bool) -> None:
    from tracker.shapes import import_shape

    for warning in result.warnings:
        notice(f"warning: {warning}")
    for row in result.refused:
        if as_json:
            emit({"file": row.file, "line": row.line, "reason": row.reason})
        else:
            say(f"refused: {row.file}, line {row.line}: {row.reason}")
    if as_json:
        emit(import_shape(result))
        return
    would = "would be " if dry_run else ""
    say(
        f"{path}: {would}{result.added} added, {result.updated} updated, "
        f"{result.unchanged} unchanged, {result.no_number} without a number yet, "
        f"{len(result.refused)} refused."
    )


@app.command("list")
def list_orders(
    shop: Shop = None,
    state: Annotated[ParcelState | None, typer.Option("--state", help="Only this state.")] = None,
    centre: Annotated[str | None, typer.Option("--centre", help="Only this centre.")] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Lists the parcels that are watched.
    """
    from tracker.calendar import centre_name
    from tracker.clock import utc_now
    from tracker.shapes import parcel_shape

    wanted = centre_name(centre) if centre else None
    with opened() as (settings, store), store.read() as tx:
        found = tx.parcels.matching(utc_now(), shop=shop, state=state, centre=wanted)
        if as_json:
            for parcel in found:
                emit(parcel_shape(parcel))
            return
        rows = [
            (
                parcel.tracking_number or "(no number yet)",
                parcel.order_number,
                parcel.shop,
                parcel.service,
                parcel.centre,
                parcel.state,
                parcel.stage,
                local(parcel.scan_deadline, settings.zone),
                local(parcel.last_good_look_at, settings.zone),
            )
            for parcel in found
        ]
    table(
        ("number", "order", "shop", "service", "centre", "state", "stage", "deadline", "looked"),
        rows,
    )
    notice(f"{len(rows)} parcels; times in {settings.timezone}")


@app.command("show")
def show_order(
    number: Annotated[str, typer.Argument(help="The tracking number, or an order number.")],
    as_json: JsonOption = False,
) -> None:
    """
    Shows one parcel with its events, looks and alerts.
    """
    from tracker.clock import utc_now

    with opened() as (settings, store), store.read() as tx:
        found = _find(tx, number, utc_now())
        if not found:
            raise ScanTrackerError(f"{number} is not on the watch list; see: tracker orders list")
        for record in found:
            if as_json:
                emit(_full_shape(tx, record))
            else:
                _show_parcel(tx, record, settings.zone)


def _find(tx: Transaction, number: str, now: datetime) -> tuple[WatchRecord, ...]:
    from tracker.numbers import normalise

    return tx.parcels.by_number(normalise(number), now) or tx.parcels.by_order(number.strip(), now)


def _full_shape(tx: Transaction, record: WatchRecord) -> dict[str, Any]:
    from tracker.shapes import alert_shape, look_shape, parcel_shape, stored_event_shape

    parcel_id = record.parcel.id
    alerts = (*tx.alerts.on_parcel(parcel_id), *tx.alerts.covering(parcel_id))
    return parcel_shape(record.parcel) | {
        "events": [stored_event_shape(one) for one in tx.looks.events(parcel_id)],
        "looks": [look_shape(one) for one in tx.looks.of(parcel_id)],
        "alerts": [alert_shape(one) for one in alerts],
    }


def _show_parcel(tx: Transaction, record: WatchRecord, zone: ZoneInfo) -> None:
    parcel = record.parcel
    say(f"{parcel.tracking_number or '(no number yet)'}  {parcel.state}")
    assumed = " (assumed)" if parcel.handover_assumed else ""
    facts = (
        ("order", parcel.order_number),
        ("shop", parcel.shop),
        ("service", parcel.service),
        ("station", parcel.station),
        ("seller status", parcel.seller_status_text or parcel.seller_status),
        ("ordered", local(parcel.created_at, zone)),
        ("handed over", local(parcel.handed_over_at, zone) + assumed),
        ("scan deadline", local(parcel.scan_deadline, zone)),
        ("automatic cancellation", local(parcel.auto_cancel_at, zone)),
        ("next look", local(parcel.next_look_at, zone)),
    )
    table(("", ""), [(name, value) for name, value in facts if value])
    events = tx.looks.events(parcel.id)
    if events:
        say("\nWhat the portal showed")
        rows = [
            (
                local(one.event.occurred_at, zone),
                one.event.stage,
                one.event.text,
                one.event.location,
            )
            for one in events
        ]
        table(("when", "stage", "text", "place"), rows)
    looks = tx.looks.of(parcel.id)
    if looks:
        say("\nWhen we looked")
        table(
            ("when", "outcome", "scanned", "detail"),
            [(local(one.looked_at, zone), one.outcome, one.scanned, one.detail) for one in looks],
        )
    alerts = (*tx.alerts.on_parcel(parcel.id), *tx.alerts.covering(parcel.id))
    if alerts:
        say("\nAlerts")
        table(
            ("id", "kind", "state", "opened", "closed", "why"),
            [
                (
                    one.id,
                    one.kind,
                    one.state,
                    local(one.opened_at, zone),
                    local(one.closed_at, zone),
                    one.closed_because or one.reason,
                )
                for one in alerts
            ],
        )
    say("")


@app.command("handover")
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


def _not_ahead(at: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """
    The hand-over itself; today's bare date stands for noon, which may be still to come: now.
    """
    from tracker.orders.dates import BARE_HANDOVER

    here, today = at.astimezone(zone), now.astimezone(zone).date()
    ahead = at > now and (here.date(), here.time()) == (today, BARE_HANDOVER)
    return now if ahead else at


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
    at = _not_ahead(mark.at, now, deadlines.settings.zone)
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
