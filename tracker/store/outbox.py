"""
The outbox: which notice goes to whom, leased before it is sent and marked after (promises.md R11).

A row is one (alert, channel, recipient, notice). Rows to one recipient travel together in a
message, whose reference and lines are frozen when it is claimed, so that a second attempt is
recognisably the same message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, insert, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import AlertKind, Delivery, DeliveryState
from tracker.store.alerts import delivery_of
from tracker.store.counters import DELIVERIES
from tracker.store.room import inserted_id
from tracker.store.tables import alerts, deliveries, messages
from tracker.urgemail import SEKO_SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Connection, Row, RowMapping

    from tracker.store.counters import Counters

PENDING = DeliveryState.PENDING.value
SENDING = DeliveryState.SENDING.value
#: How an attempt that is made again counts among the totals.
RETRIED = "retried"
_CLOSING = ("resolved", "withdrawn")
# Written out in the statement: SQLite uses the partial index only for the words of its condition.
_UNSENT = deliveries.c.state.in_(
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxState:
    """
    How full the outbox is.
    """

    pending: int
    oldest_pending_at: datetime | None
    refused: int

    def oldest_waiting_seconds(self, now: datetime) -> int | None:
        """
        For how long the oldest one waits; 0 for one that is not due yet, ``None`` for none.
        """
        oldest = self.oldest_pending_at
        return None if oldest is None else max(0, int((now - oldest).total_seconds()))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """
    A delivery in the history: with its alert's kind, and the reference of its message.
    """

    delivery: Delivery
    kind: AlertKind
    created_at: datetime
    next_attempt_at: datetime
    reference: str | None


class Outbox:
    """
    Deliveries and messages within one transaction.
    """

    def __init__(self, connection: Connection, counters: Counters) -> None:
        self._connection = connection
        self._counters = counters

    def add(
        self,
        alert_id: int,
        *,
        shop: str | None,
        recipients: Iterable[tuple[str, str]],
        notice: str,
        now: datetime,
        not_before: datetime,
    ) -> int:
        """
        The notice will go to each (channel, recipient) once; returns how many were new.
        """
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        added = 0
        for channel, recipient in dict.fromkeys(recipients):
            new = self._connection.execute(
                dialect.insert(deliveries)
                .values(
                    alert_id=alert_id,
                    shop=shop,
                    channel=channel,
                    recipient=recipient,
                    notice=notice,
                    state=PENDING,
                    attempts=0,
                    created_at=now,
                    next_attempt_at=not_before,
                )
                .on_conflict_do_nothing()
                .returning(deliveries.c.id)
            )
            added += new.scalar() is not None
        return added

    def told(self, alert_id: int) -> tuple[Delivery, ...]:
        """
        The deliveries of an alert that reached somebody, or may have: one is being sent just now.

        Seko's service, which was only urged, is not among who was told.
        """
        query = select(deliveries).where(
            deliveries.c.alert_id == alert_id,
            deliveries.c.channel != SEKO_SERVICE,
            deliveries.c.state.in_([DeliveryState.SENT.value, SENDING]),
        )
        return tuple(delivery_of(row) for row in self._connection.execute(query).mappings())

    def supersede(self, alert_id: int) -> int:
        """
        What was not sent yet about the alert will not be sent (promises.md R12).
        """
        result = self._connection.execute(
            update(deliveries)
            .where(deliveries.c.alert_id == alert_id, deliveries.c.state == PENDING)
            .values(state=DeliveryState.SUPERSEDED.value, lease_until=None)
        )
        return result.rowcount

    def again(self, alert_id: int, not_before: datetime) -> None:
        """
        First notices that were superseded before they were sent are due after all.
        """
        self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.alert_id == alert_id,
                deliveries.c.notice == "first",
                deliveries.c.state == DeliveryState.SUPERSEDED.value,
            )
            .values(
                state=PENDING,
                message_id=None,
                attempts=0,
                next_attempt_at=not_before,
                recheck_since=None,
            )
        )

    def assume_sent(self, delivery_ids: Sequence[int]) -> None:
        """
        Deliveries whose sender died count as told: they may have arrived, so their end is told.
        """
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(list(delivery_ids)))
            .values(
                state=DeliveryState.SENT.value,
                lease_until=None,
                lease_owner=None,
                last_error="the process died while sending: it may have arrived",
            )
        )

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

    def freeze(
        self,
        picked: Picked,
        *,
        reference: str,
        lines: Sequence[Mapping[str, Any]],
        delivery_ids: Sequence[int],
        now: datetime,
        owner: str,
        lease: timedelta,
    ) -> int:
        """
        The message exists with its reference and lines, and ``owner`` has leased its deliveries.
        """
        message_id = picked.message_id
        if message_id is None:
            result = self._connection.execute(
                insert(messages).values(
                    shop=picked.shop,
                    channel=picked.channel,
                    recipient=picked.recipient,
                    reference=reference,
                    created_at=now,
                    lines=list(lines),
                    closing=picked.closing,
                )
            )
            message_id = inserted_id(result)
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(list(delivery_ids)))
            .values(
                state=SENDING,
                message_id=message_id,
                lease_until=now + lease,
                lease_owner=owner,
                attempts=deliveries.c.attempts + 1,
            )
        )
        return message_id

    def sent(self, message_id: int, owner: str, now: datetime) -> int:
        """
        The message's leased deliveries are marked as sent; returns how many.
        """
        marked = self._finish(message_id, owner, state=DeliveryState.SENT.value, sent_at=now)
        for row in marked:
            self._counters.delivered(row.channel, row.created_at, now)
        if marked:
            self._connection.execute(
                update(messages).where(messages.c.id == message_id).values(sent_at=now)
            )
        return len(marked)

    def retry(self, message_id: int, owner: str, at: datetime, why: str) -> int:
        """
        The message's leased deliveries wait for another attempt at ``at``.
        """
        waiting = self._finish(
            message_id, owner, state=PENDING, next_attempt_at=at, last_error=why[:500]
        )
        return len(waiting)

    def refused(self, message_id: int, owner: str, why: str) -> int:
        """
        The message's leased deliveries are parked until a person repairs something.
        """
        parked = self._finish(
            message_id, owner, state=DeliveryState.REFUSED.value, last_error=why[:500]
        )
        return len(parked)

    def given_up(self, message_id: int, owner: str, why: str) -> int:
        """
        The message's leased deliveries are not tried again: something else was told in their place.
        """
        ended = self._finish(
            message_id, owner, state=DeliveryState.SUPERSEDED.value, last_error=why[:500]
        )
        return len(ended)

    def drop(self, delivery_ids: Sequence[int]) -> None:
        """
        Deliveries whose facts changed before they were sent are superseded.
        """
        if delivery_ids:
            self._connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(list(delivery_ids)))
                .values(state=DeliveryState.SUPERSEDED.value, lease_until=None, lease_owner=None)
            )

    def postpone(
        self, delivery_ids: Sequence[int], until: datetime, *, recheck_since: datetime | None = None
    ) -> None:
        """
        The deliveries are not due before ``until``; ``recheck_since``: they wait for a fresh look.
        """
        values: dict[str, Any] = {"next_attempt_at": until}
        if recheck_since is not None:
            values["recheck_since"] = recheck_since
        self._connection.execute(
            update(deliveries).where(deliveries.c.id.in_(list(delivery_ids))).values(**values)
        )

    def put_back(self, delivery_ids: Sequence[int], until: datetime) -> None:
        """
        The deliveries leave the message that did not arrive, and are due in a new one then.
        """
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(list(delivery_ids)), deliveries.c.state == PENDING)
            .values(message_id=None, attempts=0, next_attempt_at=until, recheck_since=None)
        )

    def revive(self, channel: str, recipient: str, now: datetime) -> int:
        """
        Refused deliveries to a repaired recipient are due again, unless their alert ended since.

        The news that it ended is due too: whoever claims it checks whether it is still wanted.
        """
        still_open = select(alerts.c.id).where(alerts.c.closed_at.is_(None))
        result = self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.channel == channel,
                deliveries.c.recipient == recipient,
                deliveries.c.state == DeliveryState.REFUSED.value,
                or_(deliveries.c.alert_id.in_(still_open), deliveries.c.notice.in_(_CLOSING)),
            )
            .values(state=PENDING, next_attempt_at=now, attempts=0)
        )
        return result.rowcount

    def refused_alerts(self) -> tuple[int, ...]:
        """
        Open alerts of which a delivery was refused.
        """
        query = (
            select(deliveries.c.alert_id)
            .join(alerts, alerts.c.id == deliveries.c.alert_id)
            .where(deliveries.c.state == DeliveryState.REFUSED.value, alerts.c.closed_at.is_(None))
            .distinct()
        )
        return tuple(self._connection.execute(query).scalars())

    def refused_recipients(self) -> tuple[tuple[str, str, str | None, int], ...]:
        """
        Channel, recipient, last error and number of the parked deliveries.
        """
        query = (
            select(
                deliveries.c.channel,
                deliveries.c.recipient,
                func.max(deliveries.c.last_error),
                func.count(),
            )
            .where(deliveries.c.state == DeliveryState.REFUSED.value)
            .group_by(deliveries.c.channel, deliveries.c.recipient)
        )
        return tuple((row[0], row[1], row[2], row[3]) for row in self._connection.execute(query))

    def history(
        self,
        *,
        shop: str | None = None,
        channel: str | None = None,
        state: DeliveryState | None = None,
        scope: frozenset[str] | None = None,
        before: int | None = None,
        limit: int,
    ) -> tuple[DeliveryRecord, ...]:
        """
        The newest deliveries first, of every alert, at most ``limit``.

        Of the shops in ``scope`` only, unless it is ``None``; behind the delivery ``before``.
        """
        wanted = {deliveries.c.shop: shop, deliveries.c.channel: channel, deliveries.c.state: state}
        query = (
            select(deliveries, alerts.c.kind, messages.c.reference)
            .join(alerts, alerts.c.id == deliveries.c.alert_id)
            .outerjoin(messages, messages.c.id == deliveries.c.message_id)
            .where(*(column == value for column, value in wanted.items() if value is not None))
            .where(true() if scope is None else deliveries.c.shop.in_(sorted(scope)))
            .where(true() if before is None else deliveries.c.id < before)
            .order_by(deliveries.c.id.desc())
            .limit(limit)
        )
        return tuple(
            DeliveryRecord(
                delivery=delivery_of(row),
                kind=AlertKind(row["kind"]),
                created_at=row["created_at"],
                next_attempt_at=row["next_attempt_at"],
                reference=row["reference"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def state(self) -> OutboxState:
        """
        How many deliveries wait, since when, and how many are parked.
        """
        query = select(
            func.count().filter(_UNSENT),
            # What was tried waits since it was made; what was not, since it was first due.
            func.min(
                case(
                    (deliveries.c.attempts > 0, deliveries.c.created_at),
                    else_=deliveries.c.next_attempt_at,
                )
            ).filter(_UNSENT),
            func.count().filter(deliveries.c.state == DeliveryState.REFUSED.value),
        )
        pending, oldest, refused = self._connection.execute(query).one()
        return OutboxState(pending=pending, oldest_pending_at=oldest, refused=refused)

    def due_first_notices(self, now: datetime) -> tuple[int, ...]:
        """
        Alerts whose first notice is due and was never claimed.
        """
        query = (
            select(deliveries.c.alert_id)
            .where(
                deliveries.c.state == PENDING,
                deliveries.c.notice == "first",
                deliveries.c.message_id.is_(None),
                deliveries.c.next_attempt_at <= now,
            )
            .distinct()
        )
        return tuple(self._connection.execute(query).scalars())

    def _finish(
        self, message_id: int, owner: str, *, state: str, **values: Any
    ) -> Sequence[Row[Any]]:
        """
        The leased deliveries are in the state; channel and beginning of each.
        """
        result = self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.message_id == message_id,
                deliveries.c.state == SENDING,
                deliveries.c.lease_owner == owner,
            )
            .values(lease_until=None, lease_owner=None, state=state, **values)
            .returning(deliveries.c.channel, deliveries.c.created_at)
        )
        finished = result.all()
        for row in finished:
            self._counters.add(DELIVERIES, row.channel, RETRIED if state == PENDING else state)
        return finished

    def _one_picks_at_a_time(self) -> None:
        """
        Two writers may not gather one recipient's deliveries at once.

        Each would lock what the other one wants next, and neither would see the message by which
        the other one has used up the hour. SQLite has one writer anyway.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_PICKING)))

    def is_due(self, now: datetime) -> bool:
        """
        True while anything may be sent now.
        """
        return self._head(now, None) is not None

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
                deliveries.c.notice.in_(_CLOSING)
                if head["notice"] in _CLOSING
                else deliveries.c.notice.not_in(_CLOSING),
            )
            .order_by(deliveries.c.id)
            .with_for_update()
        )
        return self._connection.execute(query).mappings().all()

    def _last_to(self, head: RowMapping) -> datetime | None:
        """
        When the last message of the sort to the recipient about the shop was made.
        """
        query = select(func.max(messages.c.created_at)).where(
            _same_shop(messages.c.shop, head["shop"]),
            messages.c.channel == head["channel"],
            messages.c.recipient == head["recipient"],
            messages.c.closing.is_(head["notice"] in _CLOSING),
        )
        last: datetime | None = self._connection.execute(query).scalar()
        return last

    def _postpone_rows(self, rows: Sequence[RowMapping], until: datetime) -> None:
        self.postpone([row["id"] for row in rows], until)


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        _UNSENT,
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
        closing=first["notice"] in _CLOSING,
        deliveries=tuple(delivery_of(row) for row in rows),
        message_id=message["id"] if message else None,
        reference=message["reference"] if message else None,
        lines=tuple(message["lines"]) if message else (),
        crashed=any(row["state"] == SENDING for row in rows),
        recheck_since=min(since, default=None),
    )
