"""
``tracker claims``: the claim pack.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.choosing import warn_of_shop
from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, notice, say, table

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alerts.claims.folder import FolderShelf
    from alerts.claims.packing import Packed

app = typer.Typer(help="What is filled into Raise A Claim, ready to send.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """
    With one command only, typer would leave its name out.
    """


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="A new folder is made in this one.")],
    country: Annotated[
        str | None, typer.Option("--country", help="Only this country site: NG, KE, CI.")
    ] = None,
    shop: Annotated[str | None, typer.Option("--shop", help="Only this shop.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Writes the claim pack: a table for each country site, the evidence, and what to do with them.
    """
    from alerts.claims.folder import NoShelf
    from alerts.claims.packing import Packer, summary_shape
    from tracker.clock import utc_now
    from tracker.planning.deadlines import Deadlines
    from tracker.stations import country_code, is_country_site

    now = utc_now()
    site = country_code(country) if country else None
    with (
        opened() as (settings, store),
        store.read() as tx,
        _shelf(out, now, settings.zone, dry_run=dry_run) as shelf,
    ):
        warn_of_shop(settings, tx, shop)
        packer = Packer(tx, Deadlines(settings), now, shelf or NoShelf())
        packed = packer.pack(shop=shop, country=site)
    if site is not None and not packed.files and not is_country_site(site):
        notice(f"--country {country!r} is no country site that is known here.")
    folder = shelf.final if shelf else None
    if as_json:
        for one in packed.files:
            emit(one.shape())
        emit(summary_shape(packed, str(folder) if folder else None))
    else:
        _show(packed, folder, dry_run=dry_run)
    for problem in packed.problems:
        notice(problem)
    if packed.problems:
        raise typer.Exit(1)


def _shelf(
    out: Path, now: datetime, zone: ZoneInfo, *, dry_run: bool
) -> AbstractContextManager[FolderShelf | None]:
    from alerts.claims.folder import new_folder

    if dry_run:
        return nullcontext()
    return new_folder(out, f"claims-{now.astimezone(zone):%Y-%m-%d-%H%M%S}")


def _show(packed: Packed, folder: Path | None, *, dry_run: bool) -> None:
    from alerts.claims.cases import Step

    if packed.files:
        rows = [
            (one.name, one.kind.value.replace("_", " "), len(one.tracking_numbers) or "", one.size)
            for one in packed.files
        ]
        table(("file", "what", "parcels", "bytes"), rows)
    counts = {step: packed.count(step) for step in Step}
    say(
        f"{counts[Step.CLAIM]} to claim, {counts[Step.FOLLOW_UP]} to follow up, "
        f"{counts[Step.TOO_OLD]} older than three months (listed apart), "
        f"{counts[Step.CLAIMED]} claimed already (not in the pack)."
    )
    if folder is not None:
        say(f"Written to {folder}; begin with index.txt there.")
    elif packed.files and dry_run:
        say("Nothing was written.")
