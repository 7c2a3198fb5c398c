"""
What commands open first: settings, store, instants given by a person.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracker.acting.written import instant_of, not_ahead
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tracker.orders.numberlists import NumberRow
    from tracker.settings import Settings
    from tracker.store import Store

__all__ = ["instant_of", "not_ahead", "numbers_in", "opened"]


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
