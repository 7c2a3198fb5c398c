"""
Claiming: which of the due deliveries go out now, in one message.

What is claimed was checked again (promises.md R12), lies inside the send window (R15), and rests on
a proof that is good enough (R3, R9).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.freezing import Freezer
from alerts.holding import is_explained, is_mistrusted, is_stale
from alerts.lines import calendar_of_alert, concerns
from alerts.messages.message import CLOSING, FIRST
from alerts.snoozing import awake
from alerts.subjects import Subjects, ahead
from alerts.urging import is_still_asked, is_sure, next_day
from tracker.crashpoints import CrashPoint, reached
from tracker.model import AlertState, CarrierName, DeliveryState
from tracker.urgemail import SEKO_SERVICE, urged_by_mail

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.freezing import Claim
    from tracker.model import Alert, Delivery
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Store, Transaction
    from tracker.store.picking import Picked

#: At most one new message an hour to one recipient about one shop (promises.md R15).
SPACING = timedelta(hours=1)
RECHECK_WAIT = timedelta(minutes=10)
GROUP_WAIT = timedelta(minutes=1)
BLIND_WAIT = timedelta(minutes=30)


class Claimer:
    """
    Claims messages under ``owner``'s name, one at a time.

    ``patient`` (the daemon) lets a shop's first message wait until all its late parcels have a
    verdict (promises.md R15); a single round has just looked at all of them and does not wait.
    """

    def __init__(self, store: Store, deadlines: Deadlines, *, owner: str, patient: bool) -> None:
        self._store = store
        self._deadlines = deadlines
        self._settings = deadlines.settings
        self._freezer = Freezer(deadlines, owner)
        self._patient = patient

    def claim(self, now: datetime, only: int | None) -> Claim | bool | None:
        """
        A message to send; ``True`` when something was due and nothing is to be sent now.
        """
        with self._store.begin() as tx:
            picked = tx.outbox.pick(now, free_again=self._free_again, only=only)
            if picked is None:
                return None
            subjects = Subjects(tx, now)
            pairs = self._still_true(tx, subjects, picked)
            self._drop_the_rest(tx, picked, pairs)
            pairs = self._in_window(tx, subjects, picked, awake(tx, picked, pairs, now), now)
            if picked.channel == SEKO_SERVICE:
                pairs = self._sure(tx, subjects, picked, pairs, now)
            if picked.message_id is None:
                pairs = self._not_explained(tx, pairs, now)
                pairs = self._ready(tx, subjects, picked, pairs, now)
            if not pairs:
                return True
            claim = self._freezer.freeze(tx, subjects, picked, pairs, now)
            reached(CrashPoint.CLAIMING_DELIVERY)
        return claim or True

    def request_rechecks(self, now: datetime) -> int:
        """
        Parcels whose first notice is due on a stale proof are due for a look; returns how many.
        """
        with self._store.begin() as tx:
            due = tx.alerts.several(tx.outbox.due_first_notices(now))
            stale = [alert for alert in due.values() if is_stale(alert, now)]
            tx.parcels.look_soon([one for alert in stale for one in alert.parcel_ids], now)
        return len(stale)

    def _free_again(self, channel: str, last: datetime) -> datetime:
        """
        When a recipient whose last message is of ``last`` may get a new one: Seko once a day (R15).
        """
        if channel == SEKO_SERVICE:
            return next_day(last, self._deadlines.calendar(None, CarrierName.SEKO).zone)
        return last + SPACING

    def _still_true(
        self, tx: Transaction, subjects: Subjects, picked: Picked
    ) -> list[tuple[Delivery, Alert]]:
        """
        The deliveries that still say something true (promises.md R12).
        """
        kept = []
        alerts = tx.alerts.several(delivery.alert_id for delivery in picked.deliveries)
        subjects.read_records(ahead(alerts.values()))
        for delivery in picked.deliveries:
            alert = alerts.get(delivery.alert_id)
            if alert is None or not concerns(tx, delivery.shop, alert):
                continue
            if delivery.channel == SEKO_SERVICE and not is_still_asked(
                subjects, self._settings, delivery, alert
            ):
                continue
            if _is_still_true(delivery, alert):
                kept.append((delivery, alert))
        return kept

    def _drop_the_rest(
        self, tx: Transaction, picked: Picked, pairs: list[tuple[Delivery, Alert]]
    ) -> None:
        """
        What is no longer true is not sent; what may have been sent already counts as told (R12).
        """
        kept = {one.id for one, _ in pairs}
        stale = [one for one in picked.deliveries if one.id not in kept]
        maybe_sent = [one.id for one in stale if one.state is DeliveryState.SENDING]
        if maybe_sent:
            tx.outbox.assume_sent(maybe_sent)
        tx.outbox.drop([one.id for one in stale if one.id not in maybe_sent])

    def _in_window(
        self,
        tx: Transaction,
        subjects: Subjects,
        picked: Picked,
        pairs: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> list[tuple[Delivery, Alert]]:
        """
        The deliveries whose centre is at work now; the others wait, second attempts too (R15).

        A message that was claimed before waits as a whole: a part of it under the same reference
        would be taken for the whole (P3).
        """
        opens = {one.id: self._opens_at(subjects, one, alert, now) for one, alert in pairs}
        if picked.message_id is not None:
            opens = dict.fromkeys(opens, max(opens.values(), default=now))
        for at in {at for at in opens.values() if at > now}:
            tx.outbox.postpone([one for one, opens_at in opens.items() if opens_at == at], at)
        return [(one, alert) for one, alert in pairs if opens[one.id] <= now]

    def _opens_at(
        self, subjects: Subjects, delivery: Delivery, alert: Alert, now: datetime
    ) -> datetime:
        """
        The next instant of the send window on a day that is not one of the shop's quiet days.
        """
        window = self._settings.window
        calendar = calendar_of_alert(subjects, alert, self._deadlines)
        opens = window.next_open(now, calendar)
        if delivery.channel == SEKO_SERVICE:
            return opens  # the quiet days are the shop's own
        while self._settings.is_quiet(delivery.shop, opens.astimezone(calendar.zone).date()):
            opens = window.next_open(next_day(opens, calendar.zone), calendar)
        return opens

    def _sure(
        self,
        tx: Transaction,
        subjects: Subjects,
        picked: Picked,
        pairs: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> list[tuple[Delivery, Alert]]:
        """
        What a mail to Seko may say now; the rest waits for a fresh look, for the grace together.

        A message that was claimed before waits as a whole (P3).
        """
        unsure = [pair for pair in pairs if not is_sure(subjects, pair[1], now)]
        if not unsure:
            return pairs
        whole = picked.message_id is not None
        over = not self._patient or now - (picked.recheck_since or now) >= self._grace
        waiting = unsure if over and not whole else pairs
        self._look_first(tx, picked, waiting, unsure, now)
        return _without(pairs, waiting)

    def _not_explained(
        self, tx: Transaction, pairs: list[tuple[Delivery, Alert]], now: datetime
    ) -> list[tuple[Delivery, Alert]]:
        """
        The operator's list of unverified parcels waits while the carrier is told as blind (R4).

        What is still on it when the blindness is over is told then (P1).
        """
        waiting = [pair for pair in pairs if is_explained(tx, *pair, self._settings)]
        tx.outbox.postpone([one.id for one, _ in waiting], now + BLIND_WAIT)
        return _without(pairs, waiting)

    def _ready(
        self,
        tx: Transaction,
        subjects: Subjects,
        picked: Picked,
        pairs: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> list[tuple[Delivery, Alert]]:
        """
        The deliveries that need not wait for a verdict of the group or for a fresh look.
        """
        if (
            pairs
            and self._patient
            and not picked.closing
            and tx.parcels.awaits_verdict(picked.shop, now)
        ):
            tx.outbox.postpone([one.id for one, _ in pairs], now + GROUP_WAIT)
            return []
        if not self._patient or now - (picked.recheck_since or now) >= self._grace:
            return pairs  # no fresh look succeeded in time: the old one is told with its age
        doubted = [pair for pair in pairs if _is_first(pair) and is_mistrusted(subjects, pair[1])]
        self._look_first(tx, picked, doubted, doubted, now)
        pairs = _without(pairs, doubted)
        stale = [pair for pair in pairs if _is_first(pair) and is_stale(pair[1], now)]
        if stale:
            self._look_first(tx, picked, pairs, stale, now)
            return []
        return pairs

    @property
    def _grace(self) -> timedelta:
        return timedelta(minutes=self._settings.watch.verify_grace_minutes)

    def _look_first(
        self,
        tx: Transaction,
        picked: Picked,
        waiting: list[tuple[Delivery, Alert]],
        stale: list[tuple[Delivery, Alert]],
        now: datetime,
    ) -> None:
        """
        What waits is not due before a fresh look at each parcel whose proof is not good enough.
        """
        if not waiting:
            return
        ids = [delivery.id for delivery, _ in waiting]
        since = picked.recheck_since or now
        tx.outbox.postpone(ids, now + RECHECK_WAIT, recheck_since=since)
        tx.parcels.look_soon([one for _, alert in stale for one in alert.parcel_ids], now)


def _without(
    pairs: list[tuple[Delivery, Alert]], waiting: list[tuple[Delivery, Alert]]
) -> list[tuple[Delivery, Alert]]:
    apart = {delivery.id for delivery, _ in waiting}
    return [(one, alert) for one, alert in pairs if one.id not in apart]


def _is_still_true(delivery: Delivery, alert: Alert) -> bool:
    """
    An opening is told while its alert is open; an end only to who was told of the opening.

    What a person has done already is asked of nobody, on however late a channel: a claim that is
    raised twice breaks the rules (domain.md 1.6).
    """
    if delivery.notice in CLOSING:
        return alert.state is AlertState.CLOSED and any(
            one.state in {DeliveryState.SENT, DeliveryState.SENDING}
            and (one.channel, one.recipient) == (delivery.channel, delivery.recipient)
            and one.notice not in CLOSING
            for one in alert.deliveries
        )
    if alert.state is AlertState.ACTED and urged_by_mail(alert):
        return True  # the shop is told what was done in its name
    if delivery.notice == FIRST:
        return alert.state in {AlertState.OPEN, AlertState.ACKNOWLEDGED}
    return alert.state is AlertState.OPEN


def _is_first(pair: tuple[Delivery, Alert]) -> bool:
    return pair[0].notice == FIRST
