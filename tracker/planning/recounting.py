"""
Stored deadlines follow the calendar: the settings' part at a start, what people entered at once.

It is done in parts of a transaction each. A crash between two of them, or a second process that
does the same, harms nothing: what is not marked as counted is counted again, to the same end.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from tracker.planning.watching import decide_anew, settle_all
from tracker.store import StoreUnavailable
from tracker.store.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tracker.clock import Clock
    from tracker.model import CalendarException
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Store, Transaction
    from tracker.store.parcels import ParcelDraft

log = logging.getLogger(__name__)

CALENDAR_NOTE = "calendar"
#: A centre's local day begins at most so long before the same day in UTC.
_ZONES = timedelta(days=1)


def recount_all(store: Store, deadlines: Deadlines, clock: Clock) -> int:
    """
    Stored deadlines follow the settings and the holiday data as they are now; how many moved.

    Scanned parcels, which have no deadline to come, get the clocks that run for them now. One read
    when nothing has changed since the last time.
    """
    fingerprint = deadlines.fingerprint()
    with store.read() as tx:
        if tx.health.note(CALENDAR_NOTE) == fingerprint:
            return 0
        parcel_ids = tx.parcels.unscanned_live()
        scanned = tx.parcels.scanned_live()
    moved = sum(_recounted(store, deadlines, parcel_ids, clock))
    for part in in_parts(scanned):
        with store.begin() as tx:
            settle_all(tx, dict.fromkeys(part, clock()), deadlines)
    with store.begin() as tx:
        tx.health.set_note(CALENDAR_NOTE, fingerprint)
    return moved


def recount_entered(
    store: Store,
    deadlines: Deadlines,
    clock: Clock,
    stopping: Callable[[], bool] = lambda: False,
) -> int | None:
    """
    Stored deadlines follow what people entered since; how many moved, ``None``: nothing was new.

    One read when nothing is new. What it cannot finish, because it is ``stopping``, is left for
    the next time.
    """
    with store.read() as tx:
        deadlines.follow(tx)
        waiting = tx.closures.uncounted()
        if not waiting:
            return None
        concerned = parcels_concerned(tx, deadlines, [one.entry for one in waiting])
    moved = 0
    for count in _recounted(store, deadlines, concerned, clock):
        moved += count
        if stopping():
            return moved
    with store.begin() as tx:
        tx.closures.counted(waiting)
    log.info("%d calendar entries counted: %d deadlines moved", len(waiting), moved)
    return moved


def parcels_concerned(
    tx: Transaction, deadlines: Deadlines, entries: Sequence[CalendarException]
) -> tuple[int, ...]:
    """
    The parcels whose deadlines or decisions these entries, new or withdrawn, can move.

    Nothing that ends before an entry's first day is counted with it.
    """
    going_to = [
        pair
        for pair in tx.parcels.destinations()
        if any(deadlines.concerns(entry, *pair) for entry in entries)
    ]
    first = min(entry.first for entry in entries)
    since = datetime.combine(first, time.min, UTC) - _ZONES
    return tx.parcels.counting_days_after(since, going_to)


def moved_by_calendar(
    deadlines: Deadlines, drafts: Mapping[int, ParcelDraft]
) -> dict[int, ParcelDraft]:
    """
    Those of the parcels whose instants the calendar counts otherwise than they are stored. Pure.
    """
    counted = {parcel_id: deadlines.derived(draft) for parcel_id, draft in drafts.items()}
    return {one: draft for one, draft in counted.items() if draft != drafts[one]}


def _recounted(
    store: Store, deadlines: Deadlines, parcel_ids: Iterable[int], clock: Clock
) -> Iterator[int]:
    """
    Part by part, how many of its parcels moved.
    """
    for part in in_parts(parcel_ids):
        try:
            yield _recount(store, deadlines, part, clock())
        except StoreUnavailable:
            raise  # the database is the trouble, not one of these parcels
        except Exception:
            log.exception("deadlines could not be counted together; each is counted alone")
            yield sum(_recount_alone(store, deadlines, one, clock()) for one in part)


def _recount(store: Store, deadlines: Deadlines, part: Sequence[int], now: datetime) -> int:
    with store.begin() as tx:
        deadlines.follow(tx)
        drafts = tx.parcels.drafts(part)
        moved = moved_by_calendar(deadlines, drafts)
        tx.parcels.recounted(moved)
        settle_all(tx, dict.fromkeys(moved, now), deadlines)
        decide_anew(tx, [one for one in drafts if one not in moved], deadlines, now)
        return len(moved)


def _recount_alone(store: Store, deadlines: Deadlines, parcel_id: int, now: datetime) -> int:
    """
    A parcel that throws is left to the deciding round, which puts it off (promises.md R10).
    """
    try:
        return _recount(store, deadlines, [parcel_id], now)
    except StoreUnavailable:
        raise
    except Exception:
        log.exception("the deadline of parcel %s could not be counted", parcel_id)
        with store.begin() as tx:
            tx.parcels.decide_at(parcel_id, now)
        return 0
