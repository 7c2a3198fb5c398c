"""
What a delivery says: the facts about its alert as they stand when it is claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.facts import Reason
from alerts.ladder import urging_comes_first
from alerts.messages.message import FIRST, Line
from alerts.rung import SCAN_KINDS
from alerts.subjects import Subjects, ahead
from tracker.model import AlertKind, CarrierName, Delivery, DeliveryState
from tracker.numbers import other_carrier
from tracker.stages import wording_group
from tracker.urgemail import mail_of, urged_by_mail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tracker.calendar import WorkingCalendar
    from tracker.model import Alert, Parcel, StoredEvent
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

#: Whose deadline is that of the scan; the other kinds have one of their own.
_OF_SCAN = SCAN_KINDS | {AlertKind.CONFIRM_HANDOVER}


def calendar_of_alert(subjects: Subjects, alert: Alert, deadlines: Deadlines) -> WorkingCalendar:
    """
    The working days of the centre that an alert is about; a carrier's alert goes by its default.
    """
    record = subjects.of(alert)
    if record is None:
        return deadlines.calendar(None, alert.carrier)
    return deadlines.calendar_of(record.parcel)


def concerns(tx: Transaction, shop: str | None, alert: Alert) -> bool:
    """
    True unless the alert is a list on which the shop has no parcel any more.
    """
    if shop is None or alert.kind is not AlertKind.UNVERIFIED or alert.closed_at is not None:
        return True
    return shop in tx.alerts.shops_listed(alert.id)


class Liner:
    """
    Builds lines within one transaction; ``subjects`` are the parcels that it reads for them.
    """

    def __init__(
        self,
        tx: Transaction,
        deadlines: Deadlines,
        now: datetime,
        subjects: Subjects | None = None,
    ) -> None:
        self._tx = tx
        self._deadlines = deadlines
        self._now = now
        self.subjects = subjects or Subjects(tx, now)

    def line(self, delivery: Delivery, alert: Alert) -> Line:
        """
        One delivery's line, frozen with the message that carries it.
        """
        if alert.kind.is_operators or not alert.parcel_ids:
            return self._carriers_line(delivery, alert)
        record = self.subjects.of(alert)
        if record is None:
            return self._carriers_line(delivery, alert)
        return self._parcels_line(delivery, alert, record)

    def first_lines(self, alerts: Sequence[Alert]) -> list[Line]:
        """
        The first line of each; what all of them rest on is read together.
        """
        self.subjects.read(ahead(alerts))
        return [self.first_line(alert) for alert in alerts]

    def first_line(self, alert: Alert) -> Line:
        """
        What the alert's first notice would say now, whether anybody is told of it or not.
        """
        unsent = Delivery(
            id=alert.id,
            alert_id=alert.id,
            shop=alert.shop,
            channel="",
            recipient="",
            notice=FIRST,
            state=DeliveryState.PENDING,
            attempts=0,
            sent_at=None,
            last_error=None,
            message_id=None,
        )
        return self.line(unsent, alert)

    def _parcels_line(self, delivery: Delivery, alert: Alert, record: WatchRecord) -> Line:
        parcel = record.parcel
        calendar = self._deadlines.calendar_of(parcel)
        counted = self._deadlines.scan(parcel)
        events = self.subjects.events(parcel.id)
        of_scan = alert.kind in _OF_SCAN
        mail, cancel = _urge_mail(alert), self._deadlines.cancels_at(parcel)
        return Line(
            delivery_id=delivery.id,
            alert_id=alert.id,
            kind=alert.kind,
            notice=delivery.notice,
            zone=calendar.zone.key,
            opened_at=alert.opened_at,
            alert_state=alert.state,
            reason=alert.reason,
            tracking_number=parcel.tracking_number,
            order_number=parcel.order_number,
            shop=parcel.shop,
            country=parcel.country,
            service=parcel.service,
            carrier=parcel.carrier,
            station=parcel.station,
            centre=parcel.centre or calendar.centre,
            courier=parcel.courier,
            waybill=parcel.waybill,
            handed_over_at=parcel.handed_over_at,
            handover_assumed=parcel.handover_assumed,
            deadline=(alert.deadline if of_scan else None) or parcel.scan_deadline,
            act_by=None if of_scan else alert.deadline,
            days=counted.days if counted else (),
            working_days_waited=self._waited(parcel),
            auto_cancel_at=cancel,
            cancel_is_past=cancel is not None and cancel <= self._now,
            working_days_left=self._deadlines.working_days_left(parcel, self._now),
            calendar_estimated=parcel.calendar_estimated,
            last_look_at=parcel.last_look_at,
            last_outcome=parcel.last_outcome,
            last_text=events[-1].event.text if events else None,
            proof_at=alert.proof.looked_at if alert.proof else None,
            proof_outcome=alert.proof.outcome if alert.proof else None,
            seller_status=parcel.seller_status,
            seller_status_text=parcel.seller_status_text,
            seller_status_at=parcel.seller_status_at,
            urged_at=record.urged_at,
            urge_mail_to=mail.recipient if mail else None,
            urge_mailed_at=mail.sent_at if mail else None,
            case_id=alert.case_id or record.case_id,
            both_steps=self._both_steps(alert, record),
            closed_because=alert.closed_because,
            told_by=self._told_by(parcel.id) if not _shows_scan(events) else None,
            portal_url=self._portal(parcel.carrier),
            portal_confirmed=self._confirmed(parcel.carrier),
            second_carrier=parcel.second_carrier,
            second_portal_url=self._portal(parcel.second_carrier),
            second_portal_confirmed=self._confirmed(parcel.second_carrier),
        )

    def _both_steps(self, alert: Alert, record: WatchRecord) -> bool:
        """
        True for a DS parcel's first rung that opened within two lead-time days of cancellation.

        Then there is no time to urge first and to claim afterwards (domain.md 1.2).
        """
        parcel = record.parcel
        near, cancel = self._deadlines.confirm_by(parcel), parcel.auto_cancel_at
        return (
            alert.kind in SCAN_KINDS
            and alert.reason not in {Reason.LOST, Reason.CANCELLED_UNSCANNED}
            and (record.urged_at is None or urged_by_mail(alert))
            and urging_comes_first(parcel.service, parcel.carrier)
            and near is not None
            and cancel is not None
            and near < alert.opened_at < cancel
            and self._now < cancel  # more lead time is for an order that still stands
        )

    def _carriers_line(self, delivery: Delivery, alert: Alert) -> Line:
        calendar = self._deadlines.calendar(None, alert.carrier)
        last = self._tx.looks.last_of(alert.carrier) if alert.carrier else None
        covered = self._covered(delivery, alert)
        at_both = self._at_both(alert, covered)
        second = other_carrier(alert.carrier) if alert.carrier and at_both else None
        return Line(
            delivery_id=delivery.id,
            alert_id=alert.id,
            kind=alert.kind,
            notice=delivery.notice,
            zone=calendar.zone.key,
            opened_at=alert.opened_at,
            alert_state=alert.state,
            reason=alert.reason,
            shop=delivery.shop,
            carrier=alert.carrier,
            last_look_at=last.looked_at if last else None,
            last_outcome=last.outcome if last else None,
            closed_because=alert.closed_because,
            portal_url=self._portal(alert.carrier),
            portal_confirmed=self._confirmed(alert.carrier),
            second_carrier=second,
            second_portal_url=self._portal(second),
            second_portal_confirmed=self._confirmed(second),
            covered=covered,
            paste=_paste(alert),
            covered_at_both=at_both,
        )

    def _at_both(self, alert: Alert, covered: tuple[str, ...]) -> tuple[str, ...]:
        """
        The numbers that are to be looked up at the other portal as well (contract.md).
        """
        if alert.kind is not AlertKind.UNVERIFIED:
            return ()
        records = self._tx.parcels.records(dict.fromkeys(alert.parcel_ids, self._now))
        doubtful = {
            one.parcel.tracking_number for one in records if one.parcel.second_carrier is not None
        }
        return tuple(number for number in covered if number in doubtful)

    def _covered(self, delivery: Delivery, alert: Alert) -> tuple[str, ...]:
        """
        A shop reads of its own parcels only; the operator reads of all.
        """
        if delivery.shop is None or alert.kind is not AlertKind.UNVERIFIED:
            return alert.tracking_numbers
        own = self._tx.alerts.listed_of(alert.id, delivery.shop)
        listed = zip(alert.parcel_ids, alert.tracking_numbers, strict=False)
        return tuple(number for parcel_id, number in listed if parcel_id in own)

    def _told_by(self, parcel_id: int) -> str | None:
        """
        Who told of the parcel's scan, if only people know of one.
        """
        told = self.subjects.sightings(parcel_id)
        return told[0].source if told else None

    def _waited(self, parcel: Parcel) -> int | None:
        if parcel.handed_over_at is None:
            return None
        calendar = self._deadlines.calendar_of(parcel)
        return calendar.working_days_between(parcel.handed_over_at, self._now)

    def _portal(self, carrier: CarrierName | None) -> str | None:
        if carrier is None:
            return None
        return self._deadlines.settings.carriers.of(carrier).url

    def _confirmed(self, carrier: CarrierName | None) -> bool:
        return carrier is not None and self.subjects.confirmed(carrier)


def _urge_mail(alert: Alert) -> Delivery | None:
    """
    The mail to Seko that was sent, or waits: of one that was given up nothing is said.
    """
    mail = mail_of(alert)
    given_up = mail is not None and mail.state in {DeliveryState.REFUSED, DeliveryState.SUPERSEDED}
    return None if given_up else mail


def _paste(alert: Alert) -> tuple[str, ...]:
    if alert.kind is not AlertKind.UNKNOWN_WORDING:
        return ()
    return wording_group(alert.carrier, alert.reason)


def _shows_scan(events: Iterable[StoredEvent]) -> bool:
    return any(one.event.is_scan for one in events)
