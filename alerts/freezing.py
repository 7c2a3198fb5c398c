"""
Freezing: a message gets its reference and its lines, and its sender a lease (promises.md R11).

They are stored before the network is touched, so that a second attempt is the same message.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.centres import centre_notes
from alerts.lines import Liner
from alerts.messages.message import CLOSING, Letter, Line
from alerts.subjects import ahead
from tracker.store import StoreError
from tracker.store.parcels import PUT_OFF

if TYPE_CHECKING:
    from alerts.subjects import Subjects
    from tracker.model import Alert, Delivery
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.picking import Picked

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    A message that is to be sent now; its deliveries are leased.
    """

    message_id: int
    letter: Letter
    channel: str
    recipient: str
    attempts: int

    @property
    def alert_ids(self) -> tuple[int, ...]:
        """
        The alerts that the message speaks of, each once.
        """
        return tuple(dict.fromkeys(line.alert_id for line in self.letter.lines))


class Freezer:
    """
    Freezes messages under ``owner``'s name.
    """

    def __init__(self, deadlines: Deadlines, owner: str) -> None:
        self._deadlines = deadlines
        self._settings = deadlines.settings
        self._owner = owner

    def freeze(
        self,
        tx: Transaction,
        subjects: Subjects,
        picked: Picked,
        pairs: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> Claim | None:
        """
        The message with these deliveries is to be sent now; ``None`` if none of them can be worded.
        """
        if picked.message_id is None:
            lines = self._lines(tx, subjects, pairs, now)
        else:
            ids = {delivery.id for delivery, _ in pairs}
            frozen = (Line.from_json(stored) for stored in picked.lines)
            lines = tuple(line for line in frozen if line.delivery_id in ids)
        if not lines:
            return None
        ids = {line.delivery_id for line in lines}
        reference = picked.reference or self._new_reference()
        message_id = tx.outbox.freeze(
            picked,
            reference=reference,
            lines=[line.to_json() for line in lines],
            delivery_ids=sorted(ids),
            now=now,
            owner=self._owner,
            lease=LEASE,
        )
        language = self._settings.language_of(picked.shop)
        letter = Letter(
            reference=reference,
            created_at=now,
            shop=picked.shop,
            language=language,
            lines=lines,
            possible_repeat=picked.crashed,
            reply_to=self._settings.reply_to_of(picked.shop),
            seko_contact=self._settings.seko_service.contact,
            centre_notes=centre_notes(tx, lines, language, now),
            import_fresh_orders=any(_is_status_old(line) for line in lines),
        )
        return Claim(
            message_id=message_id,
            letter=letter,
            channel=picked.channel,
            recipient=picked.recipient,
            attempts=max(one.attempts for one, _ in pairs if one.id in ids) + 1,
        )

    def _lines(
        self,
        tx: Transaction,
        subjects: Subjects,
        pairs: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> tuple[Line, ...]:
        """
        Each delivery's line; one that throws steps aside for an hour, the others go on (R10).
        """
        liner = Liner(tx, self._deadlines, now, subjects)
        try:
            subjects.read(ahead(alert for _, alert in pairs if not alert.kind.is_operators))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - of one parcel; its own line raises it again
            log.warning("lines are worded one by one (%s)", type(error).__name__)
        lines = []
        for delivery, alert in pairs:
            try:
                lines.append(liner.line(delivery, alert))
            except StoreError:
                raise
            except Exception:
                log.exception("alert %s could not be worded; it waits an hour", alert.id)
                tx.outbox.postpone([delivery.id], now + PUT_OFF)
        return tuple(lines)

    def _new_reference(self) -> str:
        """
        A Message-ID: unique, and telling nothing about the machine it was made on.
        """
        sender = self._settings.email.from_ or "scan-tracker@localhost"
        domain = sender.rpartition("@")[2].strip("<> ") or "localhost"
        return f"<{uuid.uuid4()}.scan-tracker@{domain}>"


def _is_status_old(line: Line) -> bool:
    """
    True for an opening whose order status was seen before the instant it speaks of (R27).
    """
    if line.notice in CLOSING or line.deadline is None or line.kind.is_operators:
        return False
    return line.seller_status_at is None or line.seller_status_at < line.deadline
