"""
``tracker backup`` and ``tracker restore``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, notice, say


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, such as tracker.backup.zip.")],
    as_json: JsonOption = False,
) -> None:
    """
    Writes the whole store into one file, also while `tracker run` works.
    """
    from tracker.backup.saving import save
    from tracker.clock import utc_now
    from tracker.shapes import instant

    with opened() as (settings, _store):
        manifest = save(settings.database_url, file, utc_now())
    counts = manifest.counts()
    if as_json:
        emit(
            {
                "file": str(file),
                "bytes": file.stat().st_size,
                "made_at": instant(manifest.made_at),
                "revision": manifest.revision,
                "tables": counts,
            }
        )
    else:
        say(f"{file}: {counts['parcels']} parcels, {sum(counts.values())} rows in all.")
    notice("It holds secrets (Vendor Center tokens, webhook addresses): keep it as you keep those.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `tracker backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Throw away what the database holds now.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Fills an empty database, on either engine, from a backup: all of it or nothing.
    """
    from tracker.backup.restoring import restore as fill
    from tracker.clock import utc_now
    from tracker.settings import load_settings
    from tracker.shapes import instant

    settings = load_settings()
    manifest, revision = fill(settings.database_url, file, utc_now(), replace=replace)
    counts = manifest.counts()
    if as_json:
        emit(
            {
                "file": str(file),
                "made_at": instant(manifest.made_at),
                "revision": manifest.revision,
                "revision_now": revision,
                "tables": counts,
            }
        )
    else:
        made = instant(manifest.made_at)
        say(f"{counts['parcels']} parcels, {sum(counts.values())} rows in all, as of {made}.")
