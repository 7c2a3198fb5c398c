"""
A parcel's story in order of time: what happened, as entries that a picture and a table both show.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.model import DeliveryState
from tracker.web.language import marked as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tracker.model import Alert, Parcel, StoredEvent, StoredLook, StoredSighting
    from tracker.store.boards.parcels import Covering
    from tracker.web.terms import Terms

_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Sign(StrEnum):
    """
    How an entry is drawn: its form, never its colour alone, tells what it is.
    """

    ORDERED = "ordered"
    HANDED_OVER = "handed_over"
    DEADLINE = "deadline"
    CANCELLATION = "cancellation"
    SCAN = "scan"
    EVENT = "event"
    GOOD_LOOK = "good_look"
    BAD_LOOK = "bad_look"
    ALERT = "alert"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One thing that happened, or will; ``until`` ends an alert, which else is still open.
    """

    sign: Sign
    at: datetime | None
    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    What is known of one parcel, as the store gives it.
    """

    parcel: Parcel
    events: tuple[StoredEvent, ...]
    sightings: tuple[StoredSighting, ...]
    looks: tuple[StoredLook, ...]
    alerts: tuple[Alert, ...]
    covering: tuple[Covering, ...]


def story(facts: Facts, terms: Terms, say: Callable[[str], str]) -> tuple[Entry, ...]:
    """
    Every entry, the earliest first; what has no date stands before all.
    """
    entries = [
        *_dates(facts.parcel, say),
        *_events(facts, terms, say),
        *_looks(facts.looks, terms, say),
        *_alerts(facts, terms, say),
    ]
    return tuple(sorted(entries, key=lambda one: one.at or _BEGINNING))


def _dates(parcel: Parcel, say: Callable[[str], str]) -> Iterator[Entry]:
    handed = _("Hand-over, assumed") if parcel.handover_assumed else _("Hand-over")
    for sign, at, text in (
        (Sign.ORDERED, parcel.created_at, _("Order created")),
        (Sign.HANDED_OVER, parcel.handed_over_at, handed),
        (Sign.DEADLINE, parcel.scan_deadline, _("Scan deadline")),
        (Sign.CANCELLATION, parcel.auto_cancel_at, _("Automatic cancellation")),
    ):
        if at is not None:
            yield Entry(sign=sign, at=at, text=say(text))


def _events(facts: Facts, terms: Terms, say: Callable[[str], str]) -> Iterator[Entry]:
    for stored in facts.events:
        event = stored.event
        if stored.foreign:
            continue
        sign = Sign.SCAN if event.is_scan else Sign.EVENT
        place = f" · {event.location}" if event.location else ""
        text = f"{terms.stage(event.stage)}: {event.text}{place}"
        yield Entry(sign=sign, at=event.occurred_at, text=text)
    for told in facts.sightings:
        text = say(_("Scanned, told by %(source)s")) % {"source": told.source}
        yield Entry(sign=Sign.SCAN, at=told.scanned_at, text=text)


def _looks(looks: Iterable[StoredLook], terms: Terms, say: Callable[[str], str]) -> Iterator[Entry]:
    for look in looks:
        good = look.outcome.is_good
        named = _("Look: %(outcome)s") if good else _("Failed look: %(outcome)s")
        yield Entry(
            sign=Sign.GOOD_LOOK if good else Sign.BAD_LOOK,
            at=look.looked_at,
            text=say(named) % {"outcome": terms.outcome(look.outcome)},
        )


def _alerts(facts: Facts, terms: Terms, say: Callable[[str], str]) -> Iterator[Entry]:
    listed: tuple[Alert | Covering, ...] = (*facts.alerts, *facts.covering)
    for alert in listed:
        text = say(_("Alert: %(kind)s")) % {"kind": terms.short(alert.kind)}
        yield Entry(sign=Sign.ALERT, at=alert.opened_at, until=alert.closed_at, text=text)
    for alert in facts.alerts:
        for one in alert.deliveries:
            if one.state is DeliveryState.SENT and one.sent_at is not None:
                kind = {"kind": terms.short(alert.kind), "channel": one.channel}
                text = say(_("Message sent by %(channel)s: %(kind)s")) % kind
                yield Entry(sign=Sign.MESSAGE, at=one.sent_at, text=text)
