"""
What an entry into a centre's calendar, or its withdrawal, would change: nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alerts.gathering import Gatherer
from alerts.rules import decide
from tracker.acting.entering import check_entry, held_entry
from tracker.model import ClosedBecause
from tracker.planning.deadlines import Deadlines
from tracker.planning.recounting import moved_by_calendar, parcels_concerned
from tracker.store.drafts import COUNTED_COLUMNS
from tracker.store.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tracker.model import CalendarException
    from tracker.settings import Settings
    from tracker.store import Transaction
    from tracker.store.drafts import ParcelDraft
    from tracker.store.parcels import WatchRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """
    How many stored deadlines move, and how many open alerts end because theirs does.
    """

    deadlines: int
    alerts: int


def foresee_entry(
    tx: Transaction, settings: Settings, entry: CalendarException, now: datetime
) -> Foreseen:
    """
    What entering it now would change.

    Raises :class:`UsageError` for an entry that cannot be entered.
    """
    check_entry(tx, settings, entry)
    return _foreseen(tx, settings, entry, (*tx.closures.in_force(), entry), now)


def foresee_withdrawal(
    tx: Transaction, settings: Settings, entry_id: int, now: datetime
) -> Foreseen:
    """
    What withdrawing the entry now would change.

    Raises :class:`UsageError` when no entry of that id holds.
    """
    entry = held_entry(tx, entry_id).entry
    left = [one.entry for one in tx.closures.all() if one.withdrawn_at is None]
    left.remove(entry)
    return _foreseen(tx, settings, entry, left, now)


def _foreseen(
    tx: Transaction,
    settings: Settings,
    changed: CalendarException,
    entered: Iterable[CalendarException],
    now: datetime,
) -> Foreseen:
    deadlines = Deadlines(settings).counting(entered)
    gatherer = Gatherer(deadlines)
    moving = ending = 0
    alerted: dict[int, ParcelDraft | None] = {}  # as it will be counted, if that moves
    for part in in_parts(parcels_concerned(tx, deadlines, [changed])):
        moved = moved_by_calendar(deadlines, tx.parcels.drafts(part, lock=False))
        moving += len(moved)
        alerted |= {one: moved.get(one) for one in tx.parcels.with_open_alert(part)}
    for part in in_parts(alerted):
        records = tx.parcels.records(dict.fromkeys(part, now))
        counted = [_as_counted(one, alerted[one.parcel.id]) for one in records]
        for facts in gatherer.facts_of(tx, counted):
            ended = [one.because for one in decide(facts, now).closings]
            ending += ended.count(ClosedBecause.DEADLINE_MOVED)
    return Foreseen(deadlines=moving, alerts=ending)


def _as_counted(record: WatchRecord, draft: ParcelDraft | None) -> WatchRecord:
    if draft is None:
        return record
    counted = {
        name: getattr(draft, name) for name in COUNTED_COLUMNS if hasattr(record.parcel, name)
    }
    return replace(record, parcel=replace(record.parcel, **counted))
