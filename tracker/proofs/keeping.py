"""
Housekeeping of the portals' answers: how long they are kept, and what had to go for room.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tracker.sentences import Sentence

if TYPE_CHECKING:
    from tracker.settings import Settings
    from tracker.store import Transaction

NOTE = "evidence_dropped"
#: For so long after answers had to go for room ``tracker status`` says so.
SAID_FOR = timedelta(days=30)
_MEGABYTE = 1_000_000


def tidy_evidence(tx: Transaction, settings: Settings, now: datetime) -> None:
    """
    Answers past their time are forgotten, and the rest takes no more room than is allowed (R20).

    What had to go for room is on record.
    """
    watch = settings.watch
    tx.evidence.forget(now - timedelta(days=watch.retention_days))
    dropped = tx.evidence.keep_within(watch.evidence_megabytes * _MEGABYTE)
    if dropped.pictures or dropped.answers:
        known = json.loads(tx.health.note(NOTE) or "{}")
        told = {
            "at": now.isoformat(),
            "pictures": known.get("pictures", 0) + dropped.pictures,
            "answers": known.get("answers", 0) + dropped.answers,
        }
        tx.health.set_note(NOTE, json.dumps(told))


def evidence_warning(tx: Transaction, now: datetime) -> Sentence | None:
    """
    One sentence while answers had to go for room lately, else ``None``.
    """
    note = tx.health.note(NOTE)
    if note is None:
        return None
    told = json.loads(note)
    at = datetime.fromisoformat(told["at"])
    if now - at > SAID_FOR:
        return None
    return Sentence(
        "evidence had no room, last at %(at)s UTC: %(pictures)s pictures and "
        "%(answers)s answers of portals are gone before their time; "
        "raise watch.evidence_megabytes to keep more",
        at=f"{at:%Y-%m-%d %H:%M}",
        pictures=told["pictures"],
        answers=told["answers"],
    )
