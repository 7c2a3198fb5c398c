"""
The lines of the log that stand for something done: fixed names and keys, for people and programs.

One line for each crawl, each decision that changed something, each attempt to tell somebody. No key
holds a secret or anything about a buyer (promises.md R23); docs/server.md lists them.
"""

from __future__ import annotations

import logging

#: Each event's keys. A name or key, once told, stays.
EVENTS: dict[str, tuple[str, ...]] = {
    "crawl": ("carrier", "asked", "failed", "outcomes", "put_off", "doubt"),
    "decision": ("parcel_id", "number", "opened", "closed", "why"),
    "delivery": (
        "channel",
        "recipient",
        "shop",
        "result",
        "reference",
        "alerts",
        "attempt",
        "again_at",
        "why",
    ),
}


def tell(log: logging.Logger, event: str, *, level: int = logging.INFO, **facts: object) -> None:
    """
    One line with the event and its facts; a key without a value is ``None``.

    Raises ``KeyError`` for an event or a key that :data:`EVENTS` does not have.
    """
    unknown = facts.keys() - set(EVENTS[event])
    if unknown:
        raise KeyError(f"{event} has no {sorted(unknown)}")
    told = {key: facts.get(key) for key in EVENTS[event]}
    log.log(level, event, extra={"facts": told})
