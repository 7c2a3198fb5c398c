"""
One message to the operator before a longer break: enter the closures that centres announce.

It is about no parcel, so it is no alert and has no delivery rows; a note in the store says who was
told of which break. What does not arrive is tried again at the next call, and ``tracker status``
warns of the break all the while.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from alerts.channels.base import Retry
from alerts.messages.compose import compose
from alerts.messages.message import Letter
from alerts.messages.words import Words
from tracker.breaks import break_sentence, coming_breaks
from tracker.recipients import mask_recipient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alerts.channels.base import Channel
    from alerts.messages.message import Message
    from tracker.calendar.breaks import Break
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Recipient
    from tracker.store import Store, Transaction

log = logging.getLogger(__name__)

#: So long nobody else tries: another process may be in the middle of sending.
_CLAIMED_FOR = timedelta(minutes=10)
_DONE = "done"
_WORDS = Words("en")


def remind_of_breaks(
    store: Store, deadlines: Deadlines, channels: Mapping[str, Channel], now: datetime
) -> int:
    """
    Each operator's recipient hears once of each coming break, inside the send window; how many did.

    A crash between sending and noting repeats the message under the same reference.
    """
    settings = deadlines.settings
    with store.read() as tx:
        deadlines.follow(tx)
        if not settings.window.is_open(now, deadlines.calendar(None, None)):
            return 0
        found = tuple(coming_breaks(tx, settings, now))
    told = 0
    for one in found:
        for recipient in settings.operator_recipients:
            channel = channels.get(recipient.channel)
            if channel is not None and _claim(store, one, recipient, now):
                told += _send(store, channel, one, recipient, _letter(deadlines, one, now))
    return told


def _send(
    store: Store, channel: Channel, found: Break, recipient: Recipient, message: Message
) -> bool:
    answer = channel.send(message, recipient.address)
    if isinstance(answer, Retry):
        log.warning("%s: %s", mask_recipient(recipient.address), answer.why)
        _note(store, found, recipient, None)
        return False
    # A refusal is told by the alerts' own deliveries to this address; once is enough here.
    _note(store, found, recipient, _DONE)
    return True


def _letter(deadlines: Deadlines, found: Break, now: datetime) -> Message:
    sender = deadlines.settings.email.from_ or "scan-tracker@localhost"
    domain = sender.rpartition("@")[2].strip("<> ") or "localhost"
    letter = Letter(
        reference=f"<{_key(found)}.scan-tracker@{domain}>",
        created_at=now,
        centre_notes=tuple(_sentences(found)),
    )
    return replace(compose(letter), subject=_WORDS.one("breaks", "subject", found))


def _sentences(found: Break) -> Iterator[str]:
    sentence = break_sentence(found)
    yield f"{sentence[:1].upper()}{sentence[1:]}."
    yield _WORDS.one("breaks", "chinese", found)


def _key(found: Break) -> str:
    return f"break-{'cn' if found.mainland else 'hk'}-{found.first}"


def _claim(store: Store, found: Break, recipient: Recipient, now: datetime) -> bool:
    """
    True when this process is to tell the recipient now.
    """
    with store.begin() as tx:
        noted = _noted(tx, found).get(_fingerprint(recipient))
        if noted == _DONE or (noted and now - datetime.fromisoformat(noted) < _CLAIMED_FOR):
            return False
        _set(tx, found, recipient, now.isoformat())
    return True


def _note(store: Store, found: Break, recipient: Recipient, said: str | None) -> None:
    with store.begin() as tx:
        _set(tx, found, recipient, said)


def _set(tx: Transaction, found: Break, recipient: Recipient, said: str | None) -> None:
    noted = _noted(tx, found)
    noted.pop(_fingerprint(recipient), None)
    if said is not None:
        noted[_fingerprint(recipient)] = said
    tx.health.set_note(_key(found), json.dumps(noted))


def _noted(tx: Transaction, found: Break) -> dict[str, str]:
    noted: dict[str, str] = json.loads(tx.health.note(_key(found)) or "{}")
    return noted


def _fingerprint(recipient: Recipient) -> str:
    """
    Who it is, without the secret that an address may be.
    """
    return sha256(f"{recipient.channel} {recipient.address}".encode()).hexdigest()[:16]
