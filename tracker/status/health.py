"""
How the watcher is: what ``tracker status`` says, and when it is red.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tracker.access import accesses_of
from tracker.breaks import break_sentence, coming_breaks
from tracker.crawl import check_access
from tracker.model import AlertKind, CarrierName, ScanTrackerError
from tracker.proofs.keeping import evidence_warning
from tracker.recipients import mask_recipient
from tracker.shapes import instant
from tracker.status.carrierhealth import carrier_health
from tracker.vendor.due import sync_problems
from tracker.watcher import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tracker.settings import Settings
    from tracker.status.carrierhealth import CarrierHealth
    from tracker.store import Store, Transaction
    from tracker.store.health import Heartbeat
    from tracker.store.outbox import OutboxState

#: A daemon's step that has not run for so long is dead; a cron's round may be a day old.
STALE_DAEMON = timedelta(minutes=15)
STALE_HOUSEKEEPING = timedelta(hours=3)
STALE_ONCE = timedelta(hours=26)
#: An undelivered message is a problem after this.
STALE_OUTBOX = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """
    The whole picture; red when there is any problem.
    """

    beats: tuple[Heartbeat, ...]
    carriers: tuple[CarrierHealth, ...]
    outbox: OutboxState
    now: datetime
    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """
        True when nothing is wrong.
        """
        return not self.problems

    def shape(self) -> dict[str, Any]:
        """
        As ``status --json`` prints it.
        """
        oldest = self.outbox.oldest_pending_at
        waited = None if oldest is None else max(0, int((self.now - oldest).total_seconds()))
        return {
            "ok": self.ok,
            "heartbeats": {
                beat.name: {"at": instant(beat.at), "ok": beat.ok, "detail": beat.detail}
                for beat in self.beats
            },
            "carriers": {one.state.name: one.shape(self.now) for one in self.carriers},
            "outbox": {
                "pending": self.outbox.pending,
                "oldest_pending_seconds": waited,
                "refused": self.outbox.refused,
            },
            "problems": list(self.problems),
            "warnings": list(self.warnings),
        }

    def lines(self) -> Iterator[str]:
        """
        The same for people.
        """
        yield "all well" if self.ok else "something is wrong:"
        yield from (f"  - {problem}" for problem in self.problems)
        yield from (f"warning: {warning}" for warning in self.warnings)
        for beat in self.beats:
            yield f"{beat.name}: {instant(beat.at)} {'ok' if beat.ok else 'FAILED'}"
        for one in self.carriers:
            yield from one.lines()
        yield f"outbox: {self.outbox.pending} pending, {self.outbox.refused} refused"


def health_of(settings: Settings, store: Store, now: datetime) -> Health:
    """
    The watcher's health at ``now``.
    """
    with store.read() as tx:
        beats = tx.health.beats()
        carriers = tuple(carrier_health(tx, name) for name in CarrierName)
        outbox = tx.outbox.state()
        problems = (
            *_stale(beats, now, watched=tx.parcels.count() > 0),
            *_failed(beats),
            *(problem for one in carriers for problem in one.problems(now)),
            *_undelivered(tx, outbox, now),
            *_flooded(tx),
            *(f"{number} was put off: {why}" for number, why in tx.parcels.put_off_list()),
            *_unaskable(settings, tx),
            *sync_problems(settings, tx),
        )
        evidence = evidence_warning(tx, now)
        warnings = (
            *([evidence] if evidence else []),
            *(break_sentence(one) for one in coming_breaks(tx, settings, now)),
        )
    return Health(
        beats=beats,
        carriers=carriers,
        outbox=outbox,
        now=now,
        problems=problems,
        warnings=warnings,
    )


def _stale(beats: tuple[Heartbeat, ...], now: datetime, *, watched: bool) -> Iterator[str]:
    steps = [beat for beat in beats if not beat.name.startswith("missed:")]
    if not steps and watched:
        yield "nothing watches: start `tracker run`, or `tracker run --once` by a timer"
    for beat in steps:
        hourly = beat.name in {"housekeeping", "check"}
        limit = STALE_HOUSEKEEPING if hourly else STALE_DAEMON
        if (beat.detail or "").startswith(ONCE):
            limit = STALE_ONCE
        if now - beat.at > limit:
            yield f"{beat.name} has not run since {instant(beat.at)}"


def _failed(beats: tuple[Heartbeat, ...]) -> Iterator[str]:
    """
    A tick that failed counts until the same step ran well again.
    """
    well = {beat.name: beat.at for beat in beats if beat.ok}
    for beat in beats:
        step = beat.name.removeprefix("missed:")
        if not beat.ok and well.get(step, beat.at) <= beat.at:
            yield f"{step}: {beat.detail}"


def _undelivered(tx: Transaction, outbox: OutboxState, now: datetime) -> Iterator[str]:
    oldest = outbox.oldest_pending_at
    if oldest is not None and now - oldest > STALE_OUTBOX:
        yield f"{outbox.pending} messages wait, the oldest since {instant(oldest)}"
    for channel, recipient, why, count in tx.outbox.refused_recipients():
        yield (
            f"{channel} to {mask_recipient(recipient)} refused {count} messages ({why}); "
            "repair it and run `tracker alerts test`"
        )


def _flooded(tx: Transaction) -> Iterator[str]:
    for alert in tx.alerts.matching(kind=AlertKind.MESSAGE_FLOOD):
        yield (
            f"{alert.reason}; the others wait: `tracker alerts ack {alert.id}` lets them go at once"
        )


def _unaskable(settings: Settings, tx: Transaction) -> Iterator[str]:
    """
    A carrier with watched parcels that this configuration cannot ask at all.
    """
    for name, access in accesses_of(settings).items():
        if not tx.parcels.is_watched(name):
            continue
        try:
            check_access(access)
        except ScanTrackerError as error:
            yield f"{name}: {error}"
