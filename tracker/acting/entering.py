"""
A person enters what a sorting centre announced, or takes it back: the store's part of the calendar.

Watchers count with it in their next step: stored deadlines move, and alerts that it excuses end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.calendar.entering import check_leaves_open_days
from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.model import CalendarException
    from tracker.settings import Settings
    from tracker.store import Transaction
    from tracker.store.closures import EnteredException


class EntryUnknownError(RefusedError):
    """
    No entry has the id.
    """

    def __init__(self, entry_id: int) -> None:
        super().__init__(
            Sentence("No calendar entry has the id %(id)s: see `calendar entries`.", id=entry_id)
        )


def enter(
    tx: Transaction,
    settings: Settings,
    entry: CalendarException,
    author: str | None,
    now: datetime,
) -> int:
    """
    The entry holds from now on; its id. To be called first in its transaction.

    Raises :class:`UsageError`, with nothing entered, when it holds already or leaves a centre
    without open days.
    """
    tx.closures.alone()
    check_entry(tx, settings, entry)
    return tx.closures.enter(entry, author, now)


def check_entry(tx: Transaction, settings: Settings, entry: CalendarException) -> None:
    """
    Returns when the entry can be entered beside the file's entries and the store's.

    Raises :class:`UsageError` as :func:`enter` does.
    """
    twin = next((one for one in tx.closures.all() if _holds(one) and one.entry == entry), None)
    if twin is not None:
        raise RefusedError(Sentence("This is entered already, as %(id)s.", id=twin.id))
    check_leaves_open_days((*settings.calendar_exceptions, *tx.closures.in_force()), entry)


def withdraw(tx: Transaction, entry_id: int, author: str | None, now: datetime) -> EnteredException:
    """
    The entry holds no more; it stays as history. To be called first in its transaction.

    Raises :class:`UsageError` when none of that id holds: one in the file is taken out there.
    """
    tx.closures.alone()
    known = held_entry(tx, entry_id)
    tx.closures.withdraw(entry_id, author, now)
    return tx.closures.get(entry_id) or known


def held_entry(tx: Transaction, entry_id: int) -> EnteredException:
    """
    The entry of that id that holds; raises :class:`UsageError` when there is none.
    """
    known = tx.closures.get(entry_id)
    if known is None:
        raise EntryUnknownError(entry_id)
    if not _holds(known):
        raise RefusedError(Sentence("The calendar entry %(id)s is withdrawn already.", id=entry_id))
    return known


def _holds(one: EnteredException) -> bool:
    return one.withdrawn_at is None
