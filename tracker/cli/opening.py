"""
What commands open first: settings, store, instants given by a person.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tracker.orders.numberlists import NumberRow
    from tracker.settings import Settings
    from tracker.store import Store


@contextmanager
def opened() -> Iterator[tuple[Settings, Store]]:
    """
    The settings and the store, closed at the end of the block.
    """
    from tracker.settings import load_settings
    from tracker.store import open_store

    settings = load_settings()
    store = open_store(settings.database_url)
    try:
        yield settings, store
    finally:
        store.close()


def instant_of(text: str, zone: ZoneInfo, option: str) -> datetime:
    """
    An instant as a person wrote it; a naive one is in the configured zone, a bare day at noon.

    Raises :class:`UsageError` naming the option.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"{option} {text!r} is not a time: write 2026-11-20 or 2026-11-20T17:05."
        ) from error
    if len(text.strip()) <= len("2026-11-20"):
        at = at.replace(hour=12)
    return at.replace(tzinfo=zone) if at.tzinfo is None else at


def numbers_in(
    path: Path, zone: ZoneInfo, *, nothing: str, waybills: bool = False
) -> tuple[NumberRow, ...]:
    """
    The rows of a list of numbers, all of them or none; with ``waybills`` also of domestic ones.

    Raises :class:`UsageError` for a file that cannot be read or holds a row that cannot be used;
    ``nothing`` says what was therefore not done.
    """
    from tracker.orders.files import OrderFileError
    from tracker.orders.numberlists import read_numbers

    try:
        read = read_numbers(path, zone=zone, waybills=waybills)
    except OrderFileError as error:
        raise UsageError(f"{error}. {nothing}") from error
    if read.refused:
        first = read.refused[0]
        raise UsageError(f"{first.file}, line {first.line}: {first.reason} {nothing}")
    return read.rows


def not_ahead(at: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """
    The instant itself; today's bare date stands for noon, which may be still to come: now.
    """
    from tracker.orders.dates import BARE_HANDOVER

    here, today = at.astimezone(zone), now.astimezone(zone).date()
    ahead = at > now and (here.date(), here.time()) == (today, BARE_HANDOVER)
    return now if ahead else at
