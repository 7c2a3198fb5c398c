"""
Whether the watcher lives: how old a heartbeat may be, what a failed one means, when mail is stuck.

One definition for ``tracker status``, ``/healthz`` and the dead-man's ping (promises.md R18).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.model import CarrierName
from tracker.sentences import Sentence
from tracker.shapes import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tracker.store.health import Heartbeat
    from tracker.store.told import OutboxState

#: How a heartbeat says which way of running stamped it: a round runs seldom, a daemon always.
DAEMON = "daemon"
ONCE = "once"
#: A daemon's step that has not run for so long is dead; a cron's round may be a day old.
STALE_DAEMON = timedelta(minutes=15)
STALE_HOUSEKEEPING = timedelta(hours=3)
STALE_ONCE = timedelta(hours=26)
#: An undelivered message is a problem after this.
STALE_OUTBOX = timedelta(hours=1)
#: The step that tells somebody outside; its own failure makes nobody red, who would be told so?
DEADMAN = "deadman"
#: The steps without which nobody hears of a late parcel.
VITAL = (*(f"poll:{carrier}" for carrier in CarrierName), "decide", "deliver")
_HOURLY = frozenset({"housekeeping", "check"})
_MISSED = "missed:"


def steps_of(beats: Sequence[Heartbeat]) -> tuple[Heartbeat, ...]:
    """
    The heartbeats of the steps themselves, without the notes of missed ticks.
    """
    return tuple(beat for beat in beats if not beat.name.startswith(_MISSED))


def failing(beats: Sequence[Heartbeat]) -> frozenset[str]:
    """
    The names of the steps whose latest tick failed.
    """
    return frozenset(step for step, _ in _failures(beats))


def is_stale(beat: Heartbeat, now: datetime) -> bool:
    """
    True when the step should have run again by now.
    """
    return now - beat.at > _limit(beat)


def stale(beats: Sequence[Heartbeat], now: datetime, *, watched: bool) -> Iterator[Sentence]:
    """
    A sentence for each step that should have run again by now; ``watched``: there are parcels.
    """
    steps = steps_of(beats)
    if not steps and watched:
        yield Sentence("nothing watches: start `tracker run`, or `tracker run --once` by a timer")
    elif steps:
        yield from _never_run(beats)
    for beat in steps:
        if is_stale(beat, now):
            yield _not_since(beat)


def failed(beats: Sequence[Heartbeat]) -> Iterator[Sentence]:
    """
    A sentence for each step whose latest tick failed; it counts until the step ran well again.
    """
    return (_step_failed(*one) for one in _failures(beats) if one[0] != DEADMAN)


def ping_warnings(beats: Sequence[Heartbeat]) -> Iterator[Sentence]:
    """
    Why nobody outside hears that the watcher lives, while that is so.
    """
    return (
        Sentence("dead-man's ping: %(why)s", why=why)
        for step, why in _failures(beats)
        if step == DEADMAN
    )


def stuck(outbox: OutboxState, now: datetime) -> Iterator[Sentence]:
    """
    A sentence when messages wait for too long.
    """
    oldest = outbox.oldest_pending_at
    if oldest is not None and now - oldest > STALE_OUTBOX:
        yield Sentence(
            "%(count)s messages wait, the oldest since %(since)s",
            count=outbox.pending,
            since=instant(oldest),
        )


def why_unwell(
    beats: Sequence[Heartbeat], outbox: OutboxState, now: datetime, *, mode: str | None = None
) -> tuple[Sentence, ...]:
    """
    Why nobody outside may be told that the watcher lives; empty while it does (R18).

    How old a step may be follows from what stamped it. A daemon that asks (its ``mode``) goes by
    its own measure even where a single round ran beside it.
    """
    known = {beat.name: beat for beat in beats}
    never = tuple(_never_run(beats))
    steps = [known[step] for step in VITAL if step in known]
    limits = {beat: STALE_DAEMON if mode == DAEMON else _limit(beat) for beat in steps}
    old = tuple(_not_since(beat) for beat, limit in limits.items() if now - beat.at > limit)
    bad = tuple(_step_failed(*one) for one in _failures(beats) if one[0] in VITAL)
    return (*never, *old, *bad, *stuck(outbox, now))


def _never_run(beats: Sequence[Heartbeat]) -> Iterator[Sentence]:
    known = {beat.name for beat in beats}
    return (Sentence("%(step)s has never run", step=step) for step in VITAL if step not in known)


def _limit(beat: Heartbeat) -> timedelta:
    if (beat.detail or "").startswith(ONCE):
        return STALE_ONCE
    return STALE_HOUSEKEEPING if beat.name in _HOURLY else STALE_DAEMON


def _not_since(beat: Heartbeat) -> Sentence:
    return Sentence("%(step)s has not run since %(at)s", step=beat.name, at=instant(beat.at))


def _step_failed(step: str, detail: str | None) -> Sentence:
    return Sentence("%(step)s: %(detail)s", step=step, detail=detail)


def _failures(beats: Sequence[Heartbeat]) -> Iterator[tuple[str, str | None]]:
    well = {beat.name: beat.at for beat in beats if beat.ok}
    for beat in beats:
        step = beat.name.removeprefix(_MISSED)
        if not beat.ok and well.get(step, beat.at) <= beat.at:
            yield step, beat.detail
