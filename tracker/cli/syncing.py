"""
``tracker orders sync``: orders from the Vendor Center API.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, notice, say
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from tracker.vendor.sync import SyncResult


def sync_orders(
    shop: Annotated[str | None, typer.Option("--shop", help="Only this shop's account.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Take no order.")] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Pulls orders from the Vendor Center API, read only; what changed since the last sync.
    """
    from tracker.clock import utc_now
    from tracker.planning.deadlines import Deadlines
    from tracker.vendor.accounts import accounts_of
    from tracker.vendor.sync import Syncing

    failed = False
    with opened() as (settings, store):
        accounts = accounts_of(settings, shop)
        if not accounts:
            raise UsageError("No shop has vendor_center settings: see docs/orders.md.")
        syncing = Syncing(
            store=store,
            deadlines=Deadlines(settings),
            clock=utc_now,
            pause=time.sleep,
            dry_run=dry_run,
        )
        for account in accounts:
            if not as_json:
                notice(f"asking Vendor Center for the orders of {account.label}")
            result = syncing.sync(account)
            _show(result, as_json=as_json, dry_run=dry_run)
            failed |= result.problem is not None or bool(result.refused)
    if failed:
        raise typer.Exit(1)


def _show(result: SyncResult, *, as_json: bool, dry_run: bool) -> None:
    for warning in dict.fromkeys(result.warnings):
        notice(f"warning: {warning}")
    for row in result.refused:
        if as_json:
            emit({"file": row.file, "line": row.line, "reason": row.reason})
        else:
            say(f"left out: {row.file}, item {row.line}: {row.reason}")
    if as_json:
        emit(_shape(result))
    else:
        _say(result, "would be " if dry_run else "")
    if result.problem is not None:
        notice(f"tracker: {result.account.label}: {result.problem}")


def _say(result: SyncResult, would: str) -> None:
    say(
        f"{result.account.label}: {result.orders} orders; order items: "
        f"{would}{result.added} added, {result.updated} updated, {result.unchanged} unchanged, "
        f"{result.no_number} without a number yet, {len(result.refused)} left out."
    )
    if result.by_jumia or result.other_shops:
        say(
            f"Not watched: {result.by_jumia} items sent by Jumia itself, "
            f"{result.other_shops} of shops or countries that are not configured."
        )


def _shape(result: SyncResult) -> dict[str, Any]:
    return {
        "shops": [shop.name for shop in result.account.shops],
        "orders": result.orders,
        "added": result.added,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "refused": len(result.refused),
        "no_number": result.no_number,
        "warnings": len(result.warnings),
        "by_jumia": result.by_jumia,
        "other_shops": result.other_shops,
        "problem": result.problem,
    }
