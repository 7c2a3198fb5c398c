"""
What ``/healthz`` says: whether the watcher lives, to anybody who asks, and nothing private.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.status.liveness import failing, steps_of, why_unwell
from tracker.store import StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.store import Store


def health_summary(store: Store, now: datetime) -> tuple[bool, dict[str, Any]]:
    """
    Whether the watcher lives and can tell (promises.md R18), and each step's age in seconds.

    Daemon or timer: how old a step may be is what ``tracker status`` goes by as well.

    A database that cannot be read is an answer, not an error.
    """
    try:
        with store.read() as tx:
            beats = tx.health.beats()
            outbox = tx.outbox.state()
    except StoreError:
        return False, {"ok": False, "database": False, "steps": {}, "outbox": None}
    ok = not why_unwell(beats, outbox, now)
    bad = failing(beats)
    steps = {
        beat.name: {
            "age_seconds": max(0, int((now - beat.at).total_seconds())),
            "ok": beat.name not in bad,
        }
        for beat in steps_of(beats)
    }
    oldest = outbox.oldest_waiting_seconds(now)
    waiting = {"pending": outbox.pending, "oldest_pending_seconds": oldest}
    return ok, {"ok": ok, "database": True, "steps": steps, "outbox": waiting}
