"""
A person says what a portal's unknown text means, or takes it back: the store's part of the tables.

It counts for that very text alone, never as a pattern, and only where the tables know nothing.
Looks that are recorded from then on are read with it; events that are stored already follow in a
transaction for each parcel. Taken back, they are unclassified again and the parcel is asked anew:
no event is lost (promises.md R7), only what a person said of it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tracker.model import AlertKind, ClosedBecause, Stage
from tracker.planning.watching import settle
from tracker.sentences import RefusedError, Sentence
from tracker.stages import SCAN_STAGES, load_tables
from tracker.store import StoreUnavailable

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.clock import Clock
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Settings
    from tracker.store import Store, Transaction
    from tracker.store.wordings import Wording

log = logging.getLogger(__name__)

#: What a person may say of a text.
STAGES = tuple(stage for stage in Stage if stage is not Stage.UNCLASSIFIED)


def counts_as_scan(stage: Stage) -> bool:
    """
    True when a text of this stage proves that somebody had the parcel in hand (promises.md R8).
    """
    return stage in SCAN_STAGES


def classify(
    tx: Transaction,
    settings: Settings,
    wording_id: int,
    stage: Stage,
    *,
    author: str | None,
    now: datetime,
) -> Wording:
    """
    The text means this from now on, whatever was said of it before; the alert about it has ended.

    Stored events follow by :func:`settle_wordings`. Raises :class:`UsageError` for an unknown id,
    for "unclassified", and for a text that the tables know.
    """
    wording = known_wording(tx, wording_id)
    if stage not in STAGES:
        raise RefusedError(
            Sentence(
                "A text cannot be called %(stage)s; to take a word back, withdraw it.", stage=stage
            )
        )
    tables = load_tables(settings.wordings.file)
    by_text = tables.classify(wording.carrier, wording.text, None).stage
    if by_text is not Stage.UNCLASSIFIED:
        raise RefusedError(
            Sentence(
                "The text of wording %(id)s is known as %(stage)s already; events of it are "
                "unclassified only where the portal's code says otherwise.",
                id=wording_id,
                stage=by_text,
            )
        )
    told = tx.wordings.told(wording_id, stage, author, now)
    alert = tx.alerts.open_on(told.subject, AlertKind.UNKNOWN_WORDING)
    if alert is not None and tx.alerts.close(alert.id, ClosedBecause.MANUAL, now):
        tx.outbox.supersede(alert.id)
    return told


def withdraw(tx: Transaction, wording_id: int, author: str | None, now: datetime) -> Wording:
    """
    Nobody has said what the text means: it is told to the operator anew.

    Stored events follow by :func:`settle_wordings`. Raises :class:`UsageError` for an unknown id,
    and when nothing was said of it.
    """
    wording = known_wording(tx, wording_id)
    if wording.stage is None:
        raise RefusedError(
            Sentence(
                "Nobody said what wording %(id)s means: there is nothing to undo.", id=wording_id
            )
        )
    return tx.wordings.told(wording_id, None, author, now)


def known_wording(tx: Transaction, wording_id: int) -> Wording:
    """
    The wording of that id; raises :class:`UsageError` when there is none.
    """
    wording = tx.wordings.get(wording_id)
    if wording is None:
        raise RefusedError(
            Sentence(
                "No wording has the id %(id)s: see `tracker carriers wordings`.", id=wording_id
            )
        )
    return wording


def settle_wordings(store: Store, deadlines: Deadlines, clock: Clock) -> int | None:
    """
    Stored events follow what people said; how many parcels changed, ``None``: nothing was new.

    One read when nothing is new. A crash, or a second process that does the same, harms nothing.
    """
    with store.read() as tx:
        waiting = tx.wordings.unsettled()
        concerned = {one: tx.wordings.parcels_with(one) for one in waiting}
    if not waiting:
        return None
    changed = 0
    for wording, parcel_ids in concerned.items():
        for parcel_id in parcel_ids:
            changed += _reread(store, deadlines, parcel_id, clock(), wording)
        with store.begin() as tx:
            tx.wordings.settled(wording)
    return changed


def _reread(
    store: Store, deadlines: Deadlines, parcel_id: int, now: datetime, wording: Wording
) -> bool:
    """
    True if the parcel's events mean something else now; it is settled and decided anew then.

    A late one that is not scanned by it is asked at once: only a look proves that (promises.md P4).
    """
    try:
        with store.begin() as tx:
            if not tx.looks.reread(parcel_id):
                return False
            settle(tx, parcel_id, deadlines, now)
            record = tx.parcels.get(parcel_id, now)
            if record is None or record.parcel.scanned:
                return True
            due = record.parcel.scan_deadline
            if wording.stage is None or (due is not None and due <= now):
                tx.parcels.look_soon([parcel_id], now)
            return True
    except StoreUnavailable:
        raise  # the database is the trouble, not this parcel
    except Exception:
        log.exception("the events of parcel %s could not be read anew", parcel_id)
        return False
