"""
The urge that the tool mails to Seko's customer service itself: what asks for it, what came of it.

Pure. Off unless ``seko_service.mail_urges`` is on. When one goes out: ``alerts.urging``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.vocabulary import AlertKind, AlertState, CarrierName, DeliveryState

if TYPE_CHECKING:
    from tracker.model import Alert, Delivery, Parcel
    from tracker.settings import Settings

#: The channel of these mails in delivery rows: nobody who is told of alerts is reached by it.
SEKO_SERVICE = "seko_service"
#: Who marked an alert as urged when the mail was sent.
AUTHOR = "scan tracker"


class UrgeMail(StrEnum):
    """
    What becomes of the mail about an ``urge_scan``.
    """

    DRY_RUN = "dry_run"  # an address is set and the switch is off: it would be mailed
    WAITING = "waiting"  # for the send window, a fresh look, the day's one mail, or the server
    SENT = "sent"
    GIVEN_UP = "given_up"  # refused, or needed no more


def is_to_be_mailed(kind: AlertKind, parcel: Parcel) -> bool:
    """
    True for the urge of a parcel that Seko has by somebody's word, never by an assumption (R25).
    """
    return (
        kind is AlertKind.URGE_SCAN
        and parcel.carrier is CarrierName.SEKO
        and parcel.handed_over_at is not None
        and not parcel.handover_assumed
    )


def mail_of(alert: Alert) -> Delivery | None:
    """
    The newest mail to Seko about the alert.
    """
    return next((one for one in reversed(alert.deliveries) if one.channel == SEKO_SERVICE), None)


def urged_by_mail(alert: Alert) -> bool:
    """
    True if the mail is what marked the alert as urged, and no person did so before or after.
    """
    mail = mail_of(alert)
    return (
        mail is not None
        and mail.state is DeliveryState.SENT
        and mail.sent_at is not None
        and mail.sent_at == alert.acted_at
    )


def urge_mail_of(alert: Alert, parcel: Parcel, settings: Settings) -> UrgeMail | None:
    """
    What becomes of the mail; ``None`` where none is or was to be sent.
    """
    mail = mail_of(alert)
    if mail is not None:
        if mail.state is DeliveryState.SENT:
            return UrgeMail.SENT
        waits = mail.state in {DeliveryState.PENDING, DeliveryState.SENDING}
        return UrgeMail.WAITING if waits else UrgeMail.GIVEN_UP
    service = settings.seko_service
    dry = service.email is not None and not service.mail_urges
    asked = alert.state in {AlertState.OPEN, AlertState.ACKNOWLEDGED}
    return UrgeMail.DRY_RUN if dry and asked and is_to_be_mailed(alert.kind, parcel) else None
