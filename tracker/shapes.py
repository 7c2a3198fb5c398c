"""
The JSON shapes of the interface contract, one function each: what scripts may rely on.

Times are ISO 8601 UTC with ``Z``; a missing fact is ``null``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tracker.recipients import mask_recipient
from tracker.stages import SCAN_STAGES, wording_group
from tracker.urgemail import AUTHOR, urged_by_mail
from tracker.vocabulary import AlertKind, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, timedelta

    from tracker.alertlist import ListedAlert
    from tracker.calendar import Deadline, WorkingCalendar
    from tracker.model import (
        Alert,
        CalendarException,
        CarrierName,
        Delivery,
        ImportResult,
        KeptAnswer,
        LookReport,
        Parcel,
        ScanEvent,
        StoredEvent,
        StoredLook,
        StoredSighting,
    )
    from tracker.store.closures import EnteredException
    from tracker.store.told import DeliveryRecord
    from tracker.store.wordings import ListedWording, Wording

Shape = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    """
    ``2026-11-19T02:11:00Z``; fractions of a second are left out.
    """
    if at is None:
        return None
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def report_shape(report: LookReport) -> Shape:
    """
    One look, as ``track --json`` prints it.
    """
    return {
        "tracking_number": report.tracking_number,
        "carrier": report.carrier,
        "outcome": report.outcome,
        "scanned": report.scanned,
        "first_scan_at": instant(report.first_scan_at),
        "stage": report.stage,
        "looked_at": instant(report.looked_at),
        "detail": report.detail,
        "events": [event_shape(event) for event in report.events],
    }


def event_shape(event: ScanEvent) -> Shape:
    """
    One scan event.
    """
    return {
        "occurred_at": instant(event.occurred_at),
        "zone": event.zone,
        "zone_assumed": event.zone_assumed,
        "stage": event.stage,
        "is_scan": event.is_scan,
        "code": event.code,
        "text": event.text,
        "location": event.location,
    }


def parcel_shape(parcel: Parcel) -> Shape:
    """
    One parcel, as ``orders list --json`` prints it.
    """
    return {
        "tracking_number": parcel.tracking_number,
        "order_number": parcel.order_number,
        "shop": parcel.shop,
        "country": parcel.country,
        "service": parcel.service,
        "carrier": parcel.carrier,
        "station": parcel.station,
        "centre": parcel.centre,
        "seller_status": parcel.seller_status,
        "seller_status_at": instant(parcel.seller_status_at),
        "handed_over_at": instant(parcel.handed_over_at),
        "handover_assumed": parcel.handover_assumed,
        "scan_deadline": instant(parcel.scan_deadline),
        "auto_cancel_at": instant(parcel.auto_cancel_at),
        "state": parcel.state,
        "stage": parcel.stage,
        "first_scan_at": instant(parcel.first_scan_at),
        "last_good_look_at": instant(parcel.last_good_look_at),
        "next_look_at": instant(parcel.next_look_at),
    }


def whole_parcel_shape(
    parcel: Parcel,
    *,
    events: Iterable[StoredEvent],
    sightings: Iterable[StoredSighting],
    looks: Iterable[StoredLook],
    alerts: Iterable[Alert],
    keep: timedelta,
    now: datetime,
) -> Shape:
    """
    One parcel with everything known of it, as ``orders show --json`` prints it.
    """
    return parcel_shape(parcel) | {
        "second_carrier": parcel.second_carrier,
        "events": [stored_event_shape(one) for one in events],
        "sightings": [sighting_shape(one) for one in sightings],
        "looks": [look_shape(one, keep) for one in looks],
        "alerts": [alert_shape(one, now) for one in alerts],
    }


def by_hand_shape(
    parcel: Parcel, carrier: CarrierName | None, url: str | None, since: datetime | None
) -> Shape:
    """
    One parcel to be looked up at one portal, as ``orders by-hand --json`` prints it.
    """
    return {
        "tracking_number": parcel.tracking_number,
        "order_number": parcel.order_number,
        "shop": parcel.shop,
        "carrier": carrier,
        "url": url,
        "unverified_since": instant(since),
        "scan_deadline": instant(parcel.scan_deadline),
    }


def stored_event_shape(stored: StoredEvent) -> Shape:
    """
    One event of the history, with when we first saw it.
    """
    return event_shape(stored.event) | {
        "carrier": stored.carrier,
        "first_seen_at": instant(stored.first_seen_at),
        "foreign": stored.foreign,
    }


def sighting_shape(sighting: StoredSighting) -> Shape:
    """
    A scan that a person told of.
    """
    return {
        "scanned_at": instant(sighting.scanned_at),
        "source": sighting.source,
        "told_at": instant(sighting.told_at),
    }


def look_shape(look: StoredLook, keep: timedelta) -> Shape:
    """
    One recorded look; what it rests on is kept for ``keep`` after it was last seen.
    """
    return {
        "look_id": look.id,
        "carrier": look.carrier,
        "looked_at": instant(look.looked_at),
        "outcome": look.outcome,
        "scanned": look.scanned,
        "detail": look.detail,
        "flag": look.flag,
        "evidence": None if look.evidence is None else evidence_shape(look, look.evidence, keep),
    }


def evidence_shape(look: StoredLook, kept: KeptAnswer, keep: timedelta) -> Shape:
    """
    What is kept of the answer that a look rests on; ``kept_until`` at least, longer for an alert.
    """
    return {
        "sha256": kept.sha256,
        "url": kept.url,
        "http_status": kept.http_status,
        "reader": look.reader,
        "content_type": kept.content_type,
        "has_screenshot": kept.has_screenshot,
        "kept_until": instant(kept.last_seen_at + keep),
    }


def alert_shape(alert: Alert, now: datetime | None = None) -> Shape:
    """
    One alert, as ``orders show --json`` prints it; a snooze that is over by ``now`` is none.
    """
    over = now is not None and alert.snoozed_until is not None and alert.snoozed_until <= now
    own = not alert.kind.is_operators
    proof = alert.proof if own else None
    return {
        "id": alert.id,
        "kind": alert.kind,
        "tracking_numbers": list(alert.tracking_numbers),
        "order_number": alert.order_number,
        "shop": alert.shop if own else None,
        "carrier": alert.carrier,
        "opened_at": instant(alert.opened_at),
        "closed_at": instant(alert.closed_at),
        "deadline": instant(alert.deadline),
        "state": alert.state,
        "reason": alert.reason,
        "closed_because": alert.closed_because,
        "proof": {
            "looked_at": instant(proof.looked_at),
            "outcome": proof.outcome,
            "look_id": proof.look_id,
        }
        if proof
        else None,
        "case_id": alert.case_id,
        "snoozed_until": None if over else instant(alert.snoozed_until),
        "snoozed_by": None if over else alert.snoozed_by,
        "deliveries": [delivery_shape(delivery) for delivery in alert.deliveries],
    } | ({"wording_lines": list(wording)} if (wording := wording_lines(alert)) else {})


def listed_alert_shape(listed: ListedAlert, now: datetime) -> Shape:
    """
    One alert of ``alerts list --json``: with what is left until automatic cancellation.
    """
    return alert_shape(listed.alert, now) | {
        "auto_cancel_at": instant(listed.auto_cancel_at),
        "working_days_left": listed.working_days_left,
        "acted_at": instant(listed.alert.acted_at),
        "acted_by": AUTHOR if urged_by_mail(listed.alert) else None,
        "urge_mail": listed.urge_mail,
    }


def wording_lines(alert: Alert) -> tuple[str, ...]:
    """
    Lines for the wording file, ready to be pasted; empty for alerts of any other kind.
    """
    if alert.kind is not AlertKind.UNKNOWN_WORDING:
        return ()
    return wording_group(alert.carrier, alert.reason)


def delivery_shape(delivery: Delivery) -> Shape:
    """
    One delivery; a webhook is shown masked, for it is a secret.
    """
    return {
        "channel": delivery.channel,
        "recipient": mask_recipient(delivery.recipient),
        "notice": delivery.notice,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "sent_at": instant(delivery.sent_at),
        "last_error": delivery.last_error,
    }


def delivery_record_shape(record: DeliveryRecord) -> Shape:
    """
    One delivery of the history, as ``alerts deliveries --json`` prints it.
    """
    delivery = record.delivery
    waits = delivery.state is DeliveryState.PENDING
    return {
        "alert_id": delivery.alert_id,
        "kind": record.kind,
        "shop": delivery.shop,
        **delivery_shape(delivery),
        "created_at": instant(record.created_at),
        "next_attempt_at": instant(record.next_attempt_at) if waits else None,
        "reference": record.reference,
    }


def import_shape(result: ImportResult) -> Shape:
    """
    The last line of ``orders import --json``.
    """
    return {
        "added": result.added,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "refused": len(result.refused),
        "no_number": result.no_number,
        "warnings": len(result.warnings),
        "columns": result.columns,
    }


def entry_shape(entry: CalendarException, stored: EnteredException | None) -> Shape:
    """
    One calendar entry, as ``calendar entries --json`` prints it; not ``stored``: the file's.
    """
    effect, value = entry.effect
    return {
        "id": stored.id if stored else None,
        "origin": "store" if stored else "file",
        "from": entry.first.isoformat(),
        "to": entry.last.isoformat(),
        "centre": entry.centre,
        "carrier": entry.carrier,
        "effect": effect,
        "value": value,
        "note": entry.note,
        "author": stored.author if stored else None,
        "entered_at": instant(stored.entered_at if stored else None),
        "withdrawn_at": instant(stored.withdrawn_at if stored else None),
        "withdrawn_by": stored.withdrawn_by if stored else None,
    }


def wording_shape(wording: Wording) -> Shape:
    """
    A portal's text that no table knows, and what a person says of it.
    """
    return {
        "id": wording.id,
        "carrier": wording.carrier,
        "text": wording.text,
        "stage": wording.stage,
        "is_scan": wording.stage in SCAN_STAGES if wording.stage else None,
        "classified_at": instant(wording.classified_at),
        "classified_by": wording.classified_by,
        "first_seen_at": instant(wording.first_seen_at),
    }


def listed_wording_shape(listed: ListedWording) -> Shape:
    """
    The same with what hangs on it, as ``carriers wordings --json`` prints it.
    """
    return wording_shape(listed.wording) | {
        "last_seen_at": instant(listed.last_seen_at),
        "held_back": listed.held_back,
        "tracking_number": listed.tracking_number,
    }


def deadline_shape(deadline: Deadline) -> Shape:
    """
    ``calendar deadline --json``.
    """
    return {
        "deadline": instant(deadline.at),
        "effective_handover_day": deadline.effective_day.isoformat(),
        "centre": deadline.centre,
        "estimated": deadline.estimated,
        "days": [
            {"date": day.date.isoformat(), "open": day.open, "why": day.why}
            for day in deadline.days
        ],
    }


def centre_day_shape(calendar: WorkingCalendar, day: date) -> Shape:
    """
    One day of a centre, as ``calendar show --json`` prints it.
    """
    explained = calendar.explain(day)
    return {
        "date": day.isoformat(),
        "open": explained.open,
        "why": explained.why,
        "centre": calendar.centre,
        "estimated": calendar.is_estimated(day),
    }
