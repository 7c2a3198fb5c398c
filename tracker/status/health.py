"""
How the watcher is: what ``tracker status`` says, and when it is red.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.access import accesses_of
from tracker.breaks import break_sentence, coming_breaks
from tracker.crawl import check_access
from tracker.model import AlertKind, CarrierName, ScanTrackerError
from tracker.proofs.keeping import evidence_warning
from tracker.recipients import mask_recipient
from tracker.sentences import Sentence, sentence_of
from tracker.shapes import instant
from tracker.status.carrierhealth import carrier_health
from tracker.status.liveness import failed, ping_warnings, stale, stuck
from tracker.vendor.due import sync_problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tracker.settings import Settings
    from tracker.status.carrierhealth import CarrierHealth
    from tracker.store import Store, Transaction
    from tracker.store.health import Heartbeat
    from tracker.store.told import OutboxState


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """
    The whole picture; red when there is any problem.
    """

    beats: tuple[Heartbeat, ...]
    carriers: tuple[CarrierHealth, ...]
    outbox: OutboxState
    now: datetime
    problems: tuple[Sentence, ...]
    warnings: tuple[Sentence, ...] = ()

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
        return {
            "ok": self.ok,
            "heartbeats": {
                beat.name: {"at": instant(beat.at), "ok": beat.ok, "detail": beat.detail}
                for beat in self.beats
            },
            "carriers": {one.state.name: one.shape(self.now) for one in self.carriers},
            "outbox": {
                "pending": self.outbox.pending,
                "oldest_pending_seconds": self.outbox.oldest_waiting_seconds(self.now),
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
            *stale(beats, now, watched=tx.parcels.count() > 0),
            *failed(beats),
            *(problem for one in carriers for problem in one.problems(now)),
            *_undelivered(tx, outbox, now),
            *_flooded(tx),
            *(
                Sentence("%(number)s was put off: %(why)s", number=number, why=why)
                for number, why in tx.parcels.put_off_list()
            ),
            *_unaskable(settings, tx),
            *sync_problems(settings, tx),
        )
        evidence = evidence_warning(tx, now)
        warnings = (
            *([evidence] if evidence else []),
            *ping_warnings(beats),
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


def _undelivered(tx: Transaction, outbox: OutboxState, now: datetime) -> Iterator[Sentence]:
    yield from stuck(outbox, now)
    for channel, recipient, why, count in tx.outbox.refused_recipients():
        yield Sentence(
            "%(channel)s to %(recipient)s refused %(count)s messages (%(why)s); "
            "repair it and run `tracker alerts test`",
            channel=channel,
            recipient=mask_recipient(recipient),
            count=count,
            why=why,
        )


def _flooded(tx: Transaction) -> Iterator[Sentence]:
    for alert in tx.alerts.matching(kind=AlertKind.MESSAGE_FLOOD):
        yield Sentence(
            "%(reason)s; the others wait: `tracker alerts ack %(id)s` lets them go at once",
            reason=alert.reason,
            id=alert.id,
        )


def _unaskable(settings: Settings, tx: Transaction) -> Iterator[Sentence]:
    """
    A carrier with watched parcels that this configuration cannot ask at all.
    """
    for name, access in accesses_of(settings).items():
        if not tx.parcels.is_watched(name):
            continue
        try:
            check_access(access)
        except ScanTrackerError as error:
            yield Sentence("%(carrier)s: %(why)s", carrier=name, why=sentence_of(error))
