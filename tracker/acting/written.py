"""
Instants and case ids as people write them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_CASE_ID = re.compile(r"\d{8}", re.ASCII)


def instant_of(text: str, zone: ZoneInfo, option: str) -> datetime:
    """
    An instant as a person wrote it; a naive one is in the configured zone, a bare day at noon.

    Raises :class:`UsageError` naming the option.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise RefusedError(
            Sentence(
                "%(option)s %(text)s is not a time: write 2026-11-20 or 2026-11-20T17:05.",
                option=option,
                text=repr(text),
            )
        ) from error
    if len(text.strip()) <= len("2026-11-20"):
        at = at.replace(hour=12)
    return at.replace(tzinfo=zone) if at.tzinfo is None else at


def not_ahead(at: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """
    The instant itself; today's bare date stands for noon, which may be still to come: now.
    """
    from tracker.orders.dates import BARE_HANDOVER  # noqa: PLC0415 - no command waits for values

    here, today = at.astimezone(zone), now.astimezone(zone).date()
    ahead = at > now and (here.date(), here.time()) == (today, BARE_HANDOVER)
    return now if ahead else at


def is_case_id(text: str) -> bool:
    """
    True for the eight digits of a claim's case (domain.md 1.6).
    """
    return _CASE_ID.fullmatch(text) is not None
