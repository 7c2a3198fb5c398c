"""
Which deliveries go out next, together: one recipient, one channel, one shop (promises.md R15).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, update

from tracker.store.deliveries import CLOSING, PENDING, SENDING, delivery_of
from tracker.store.parts import in_parts
from tracker.store.room import Room
from tracker.store.tables import deliveries, messages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping

    from tracker.model import Delivery

# Written out in the statement: SQLite uses the partial index only for the words of its condition.
UNSENT = deliveries.c.state.in_(
    bindparam("unsent", [PENDING, SENDING], expanding=True, literal_execute=True)
)
#: Any number of ours but the migration's: PostgreSQL's advisory lock around picking.
_PICKING = 5_711_4435


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """
    Deliveries that are due together: one recipient, one channel, one shop.

    With ``message_id`` they are a message that was claimed before; ``crashed`` says that its last
    claim ended without an answer, so that it may have been sent.
    """

    shop: str | None
    channel: str
    recipient: str
    closing: bool
    deliveries: tuple[Delivery, ...]
    message_id: int | None
    reference: str | None
    lines: tuple[dict[str, Any], ...]
    crashed: bool
    recheck_since: datetime | None


class Picking(Room):
    """
    Finds what is due and puts off what is not.
    """

    def pick(
        self,
        now: datetime,
        *,
        free_again: Callable[[str, datetime], datetime],
        only: int | None = None,
    ) -> Picked | None:
        """
        The longest-waiting deliveries that are due and may go together, locked for this writer.

        A new message to a recipient waits until ``free_again`` of the channel and the time of the
        last one of its sort (openings and closings apart: an all-clear must not wait behind an
        alarm); what has to wait is put off here, so that it is not looked at again before its time.
        With ``only`` nothing but this alert is told of.
        """
        self._one_picks_at_a_time()
        while True:
            head = self._head(now, only)
            if head is None:
                return None
            if head["message_id"] is not None:
                return self._claimed_before(head, now)
            rows = self._group(head, now, only)
            last = self._last_to(head)
            free_at = now if last is None else free_again(head["channel"], last)
            if free_at <= now:
                return _picked(rows)
            self._postpone_rows(rows, free_at)

    def is_due(self, now: datetime) -> bool:
        """
        True while anything may be sent now.
        """
        return self._head(now, None) is not None

    def postpone(
        self, delivery_ids: Sequence[int], until: datetime, *, recheck_since: datetime | None = None
    ) -> None:
        """
        The deliveries are not due before ``until``; ``recheck_since``: they wait for a fresh look.
        """
        values: dict[str, Any] = {"next_attempt_at": until}
        if recheck_since is not None:
            values["recheck_since"] = recheck_since
        for part in in_parts(delivery_ids):
            self._connection.execute(
                update(deliveries).where(deliveries.c.id.in_(part)).values(**values)
            )

    def _one_picks_at_a_time(self) -> None:
        """
        Two writers may not gather one recipient's deliveries at once.

        Each would lock what the other one wants next, and neither would see the message by which
        the other one has used up the hour. SQLite has one writer anyway.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_PICKING)))

    def _head(self, now: datetime, only: int | None) -> RowMapping | None:
        query = (
            select(deliveries)
            .where(*_due(now), *_of_alert(only))
            .order_by(deliveries.c.next_attempt_at, deliveries.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return self._connection.execute(query).mappings().first()

    def _claimed_before(self, head: RowMapping, now: datetime) -> Picked:
        """
        The rest of a message that was claimed before, without what another writer has leased.
        """
        query = (
            select(deliveries)
            .where(deliveries.c.message_id == head["message_id"], *_free(now))
            .order_by(deliveries.c.id)
            .with_for_update()
        )
        rows = self._connection.execute(query).mappings().all()
        message = (
            self._connection.execute(select(messages).where(messages.c.id == head["message_id"]))
            .mappings()
            .one()
        )
        return _picked(rows, message)

    def _group(self, head: RowMapping, now: datetime, only: int | None) -> Sequence[RowMapping]:
        """
        All unclaimed deliveries that are due to the same recipient about the same shop.
        """
        query = (
            select(deliveries)
            .where(
                _same_shop(deliveries.c.shop, head["shop"]),
                deliveries.c.channel == head["channel"],
                deliveries.c.recipient == head["recipient"],
                deliveries.c.message_id.is_(None),
                *_due(now),
                *_of_alert(only),
                deliveries.c.notice.in_(CLOSING)
                if head["notice"] in CLOSING
                else deliveries.c.notice.not_in(CLOSING),
            )
            .order_by(deliveries.c.id)
            .with_for_update()
        )
        return self._connection.execute(query).mappings().all()

    def _last_to(self, head: RowMapping) -> datetime | None:
        """
        When the last message of the sort to the recipient about the shop was made.
        """
        query = (
            select(messages.c.created_at)
            .where(
                _same_shop(messages.c.shop, head["shop"]),
                messages.c.channel == head["channel"],
                messages.c.recipient == head["recipient"],
                messages.c.closing.is_(head["notice"] in CLOSING),
            )
            .order_by(messages.c.created_at.desc())
            .limit(1)
        )
        last: datetime | None = self._connection.execute(query).scalar()
        return last

    def _postpone_rows(self, rows: Sequence[RowMapping], until: datetime) -> None:
        self.postpone([row["id"] for row in rows], until)


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        UNSENT,
        or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now),
    )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (*_free(now), deliveries.c.next_attempt_at <= now)


def _of_alert(only: int | None) -> tuple[ColumnElement[bool], ...]:
    return () if only is None else (deliveries.c.alert_id == only,)


def _same_shop(column: ColumnElement[Any], shop: str | None) -> ColumnElement[bool]:
    return column.is_(None) if shop is None else column == shop


def _picked(rows: Sequence[RowMapping], message: RowMapping | None = None) -> Picked:
    first = rows[0]
    since = [row["recheck_since"] for row in rows if row["recheck_since"] is not None]
    return Picked(
        shop=first["shop"],
        channel=first["channel"],
        recipient=first["recipient"],
        closing=first["notice"] in CLOSING,
        deliveries=tuple(delivery_of(row) for row in rows),
        message_id=message["id"] if message else None,
        reference=message["reference"] if message else None,
        lines=tuple(message["lines"]) if message else (),
        crashed=any(row["state"] == SENDING for row in rows),
        recheck_since=min(since, default=None),
    )
