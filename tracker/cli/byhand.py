"""
``tracker orders by-hand``: the parcels that a person has to look up, while a portal is unread.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.choosing import warn_of_shop
from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, local, notice, table
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from tracker.settings import Settings
    from tracker.shapes import Shape
    from tracker.store.parcels import WatchRecord


def by_hand(
    shop: Annotated[str | None, typer.Option("--shop", help="Only this shop.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the list to fill in to this new file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Lists the late parcels that no look could check, with the portal to look them up at.
    """
    from tracker.clock import utc_now

    with opened() as (settings, store), store.read() as tx:
        warn_of_shop(settings, tx, shop)
        found = tx.parcels.unverified(utc_now(), shop=shop)
    entries = [entry for record in found for entry in _entries(settings, record)]
    if out is not None:
        _write(out, entries, settings.language_of(shop))
    if as_json:
        for entry in entries:
            emit(entry)
    else:
        _show(found, settings, out)


def _entries(settings: Settings, record: WatchRecord) -> Iterator[Shape]:
    """
    One for each portal that may show the parcel; one without a portal if none is known.
    """
    from tracker.shapes import by_hand_shape

    for carrier in record.parcel.carriers or (None,):
        url = settings.carriers.of(carrier).url if carrier else None
        yield by_hand_shape(record.parcel, carrier, url, record.unverified_since)


def _write(out: Path, entries: list[Shape], language: str) -> None:
    """
    Raises :class:`UsageError` rather than overwrite anything.
    """
    from alerts.messages.by_hand import by_hand_csv
    from alerts.messages.words import Words

    listed = [(one["tracking_number"], one["url"]) for one in entries if one["tracking_number"]]
    headings = Words(language).lines("letter", "by_hand_columns")
    try:
        with out.open("x", encoding="utf-8-sig", newline="") as stream:
            stream.write(by_hand_csv(listed, headings))
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from error


def _show(found: tuple[WatchRecord, ...], settings: Settings, out: Path | None) -> None:
    rows = [row for record in found for row in _rows(settings, record, settings.zone)]
    table(("number", "shop", "portal", "look it up at", "unverified since"), rows)
    notice(f"{len(found)} parcels to look up by hand; times in {settings.timezone}")
    if found:
        file = out or "FILE"
        notice(f"scanned? tracker orders scanned NUMBER --at TIME --source TEXT, or --from {file}")


def _rows(settings: Settings, record: WatchRecord, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    for entry in _entries(settings, record):
        yield (
            entry["tracking_number"],
            entry["shop"],
            entry["carrier"],
            entry["url"],
            local(record.unverified_since, zone),
        )
