"""
Which notices of an alert are due to whom and when: first, reminders, and its end.

Nothing is sent here; the deliveries are rows of the outbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.digest import digest_at
from alerts.lines import calendar_of_alert, concerns
from alerts.messages.message import FIRST, RESOLVED
from alerts.snoozing import asleep_until
from alerts.subjects import Subjects
from tracker.model import Alert, AlertKind, AlertState, CarrierName, ClosedBecause, DeliveryState
from tracker.urgemail import SEKO_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime, tzinfo

    from tracker.calendar import WorkingCalendar
    from tracker.model import Delivery
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Recipient
    from tracker.store import Store, Transaction
    from tracker.store.parcels import WatchRecord

#: Told once on entry and once on exit, never in between (domain.md 4, promises.md R19).
_TOLD_ONCE = frozenset(
    {AlertKind.UNKNOWN_WORDING, AlertKind.CARRIER_BLIND, AlertKind.MESSAGE_FLOOD}
)
_TOLD = frozenset({DeliveryState.SENT, DeliveryState.SENDING})


class Notices:
    """
    Puts notices into the outbox, for the next send window.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._settings = deadlines.settings

    def tell_shop(self, tx: Transaction, alert_id: int, record: WatchRecord, now: datetime) -> None:
        """
        The shop of the parcel hears of the alert, or of what is new about it.
        """
        shop = record.parcel.shop
        recipients = self._settings.recipients_of(shop)
        self._tell(tx, alert_id, record, recipients, shop=shop, now=now)

    def urge_seko(self, tx: Transaction, alert_id: int, record: WatchRecord, now: datetime) -> None:
        """
        Seko's service gets the urge by mail, once for the alert, if that is switched on.
        """
        address = self._settings.urge_mail_to
        if address is not None:
            tx.outbox.add(
                alert_id,
                shop=record.parcel.shop,
                recipients=[(SEKO_SERVICE, address)],
                notice=FIRST,
                now=now,
                not_before=self.opens_for(record, now),
            )

    def tell_operator_of(
        self, tx: Transaction, alert_id: int, record: WatchRecord, now: datetime
    ) -> None:
        """
        The operator hears that the alert lists the parcel.
        """
        recipients = self._settings.operator_recipients
        self._tell(tx, alert_id, record, recipients, shop=None, now=now)

    def _tell(
        self,
        tx: Transaction,
        alert_id: int,
        record: WatchRecord,
        recipients: Iterable[Recipient],
        *,
        shop: str | None,
        now: datetime,
    ) -> None:
        """
        Each recipient gets the first notice; who had it already is reminded today of what is new.

        What waits unclaimed will list the news anyway: lines are frozen when they are claimed.
        """
        not_before = self.opens_for(record, now, shop)
        deliveries = tx.alerts.deliveries(alert_id)
        for address in _addresses(recipients):
            own = [one for one in deliveries if (one.channel, one.recipient) == address]
            if any(_waits(one) and one.shop in {shop, None} for one in own):
                continue
            tx.outbox.add(
                alert_id,
                shop=shop,
                recipients=[address],
                notice=self._next_notice(record, own, shop, not_before),
                now=now,
                not_before=not_before,
            )

    def _next_notice(
        self,
        record: WatchRecord,
        own: Iterable[Delivery],
        shop: str | None,
        not_before: datetime,
    ) -> str:
        """
        ``first``, the day's reminder, or one more of that day when a list grew after it (P1).

        Shops that share a recipient share one ``first``: it is taken if another shop has it.
        """
        known = {one.notice: one for one in own}
        first = known.get("first")
        if first is None or (first.state not in _TOLD and first.shop in {shop, None}):
            return "first"
        today = f"reminder-{self._local_day(record, not_before).isoformat()}"
        zone = self._deadlines.calendar_of(record.parcel).zone
        return f"{today}-{not_before.astimezone(zone):%H%M}" if today in known else today

    def has_waited(self, subjects: Subjects, alert: Alert, now: datetime) -> bool:
        """
        True for an alert of which somebody may be told again now.

        False outside the send window, and of parcels that nobody watches any more.
        """
        if alert.state is not AlertState.OPEN or alert.kind in _TOLD_ONCE:
            return False
        calendar = calendar_of_alert(subjects, alert, self._deadlines)
        today = now.astimezone(calendar.zone).date()
        if not calendar.is_open(today) or not self._settings.window.is_open(now, calendar):
            return False
        record = subjects.of(alert)
        if record is not None and record.archived_at is not None:
            return False
        return bool(_told_before(alert, today, calendar.zone, now))

    def remind(self, store: Store, alert: Alert, now: datetime) -> bool:
        """
        Who was told before today, and has nothing of this alert still under way, is told again.

        Each recipient for itself: a dead channel does not silence the others (promises.md R14).
        """
        with store.begin() as tx:
            subjects = Subjects(tx, now)
            if not self.has_waited(subjects, alert, now):
                return False
            calendar = calendar_of_alert(subjects, alert, self._deadlines)
            today = now.astimezone(calendar.zone).date()
            due = [
                one
                for one in _told_before(alert, today, calendar.zone, now)
                if concerns(tx, one[0], alert) and asleep_until(tx, alert, one[0], now) is None
            ]
            for shop, channel, recipient in due:
                not_before = self._reminds_at(shop, calendar, now)
                if not_before.astimezone(calendar.zone).date() != today:
                    continue  # the day's digest has gone: tomorrow's will remind
                tx.outbox.add(
                    alert.id,
                    shop=shop,
                    recipients=[(channel, recipient)],
                    notice=_reminder(alert, (channel, recipient), now, calendar.zone),
                    now=now,
                    not_before=not_before,
                )
            return bool(due)

    def _reminds_at(self, shop: str | None, calendar: WorkingCalendar, now: datetime) -> datetime:
        if not self._settings.wants_digest(shop):
            return now
        return digest_at(now, self._settings.window, calendar)

    def tell_operator(
        self, tx: Transaction, alert_id: int, carrier: CarrierName, now: datetime
    ) -> None:
        """
        The operator gets the first notice of an alert about a carrier.
        """
        tx.outbox.add(
            alert_id,
            shop=None,
            recipients=_addresses(self._settings.operator_recipients),
            notice="first",
            now=now,
            not_before=self.opens_at(carrier, None, now),
        )

    def end(
        self, tx: Transaction, alert_id: int, carrier: CarrierName | None, now: datetime
    ) -> bool:
        """
        The operator's alert is over, and whoever was told of it hears so; false if it was already.
        """
        if not tx.alerts.close(alert_id, ClosedBecause.RECOVERED, now):
            return False
        tx.outbox.supersede(alert_id)
        for told in tx.outbox.told(alert_id):
            tx.outbox.add(
                alert_id,
                shop=told.shop,
                recipients=[(told.channel, told.recipient)],
                notice=RESOLVED,
                now=now,
                not_before=self.opens_at(carrier, None, now),
            )
        return True

    def opens_for(self, record: WatchRecord, now: datetime, shop: str | None = None) -> datetime:
        """
        When a notice about the parcel may next be sent: now, inside its centre's send window.

        To a shop with a daily digest: with its next one.
        """
        if self._settings.wants_digest(shop):
            calendar = self._deadlines.calendar_of(record.parcel)
            return digest_at(now, self._settings.window, calendar)
        return self.opens_at(record.parcel.carrier, record.parcel.centre, now)

    def opens_at(self, carrier: CarrierName | None, centre: str | None, now: datetime) -> datetime:
        """
        The same for a carrier and a centre.
        """
        return self._settings.window.next_open(now, self._deadlines.calendar(centre, carrier))

    def _local_day(self, record: WatchRecord, instant: datetime) -> date:
        return instant.astimezone(self._deadlines.calendar_of(record.parcel).zone).date()


def _waits(delivery: Delivery) -> bool:
    """
    True while the notice has no lines yet.
    """
    return delivery.state is DeliveryState.PENDING and delivery.message_id is None


def _told_before(
    alert: Alert, today: date, zone: tzinfo, now: datetime
) -> list[tuple[str | None, str, str]]:
    """
    Shop, channel and recipient of each who was last told before today's local day.

    A snooze that has ended since counts as a new day: the alert comes back by itself.
    """
    last: dict[tuple[str | None, str, str], datetime] = {}
    busy = set()
    for one in alert.deliveries:
        if one.channel == SEKO_SERVICE:
            continue  # urged once, and asked nothing
        key = (one.shop, one.channel, one.recipient)
        if one.state in {DeliveryState.PENDING, DeliveryState.SENDING}:
            busy.add(key)
        if one.sent_at is not None:
            last[key] = max(one.sent_at, last.get(key, one.sent_at))
    woken = alert.snoozed_until
    ended = woken if woken is not None and woken <= now else None
    return [
        key
        for key, at in last.items()
        if key not in busy
        and (at.astimezone(zone).date() < today or (ended is not None and at < ended))
    ]


def _reminder(alert: Alert, address: tuple[str, str], now: datetime, zone: tzinfo) -> str:
    """
    The day's reminder, or one more of that day for who had it before the snooze (P3).
    """
    local = now.astimezone(zone)
    today = f"reminder-{local.date().isoformat()}"
    had = any(
        one.notice == today and (one.channel, one.recipient) == address for one in alert.deliveries
    )
    return f"{today}-{local:%H%M}" if had else today


def _addresses(recipients: Iterable[Recipient]) -> list[tuple[str, str]]:
    return [(one.channel, one.address) for one in recipients]
