"""
``tracker orders import`` and ``list``; the other commands stand in ``showing`` and ``telling``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.choosing import warn_of_shop
from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, handed_over, local, notice, say, table
from tracker.vocabulary import ParcelState

if TYPE_CHECKING:
    from tracker.model import ImportResult
    from tracker.settings import Settings
    from tracker.store import Store

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
    from tracker.orders.taking import Taking
    from tracker.planning.deadlines import Deadlines

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
        warn_of_shop(settings, tx, shop)
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
                handed_over(parcel, settings.zone),
                local(parcel.scan_deadline, settings.zone),
                local(parcel.last_good_look_at, settings.zone),
            )
            for parcel in found
        ]
    table(
        (
            "number",
            "order",
            "shop",
            "service",
            "centre",
            "state",
            "stage",
            "handed over",
            "deadline",
            "looked",
        ),
        rows,
    )
    notice(f"{len(rows)} parcels; times in {settings.timezone}")
