"""
What waits while a carrier is blind: news that its blindness explains, proofs that it puts in doubt.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.model import AlertKind, AlertState
from tracker.store.alerts import carrier_subject

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.subjects import Subjects
    from tracker.model import Alert, Delivery
    from tracker.settings import Settings
    from tracker.store import Transaction

#: A proof older than this is looked up again before a first notice (promises.md R3).
PROOF_MAX_AGE = timedelta(minutes=90)


def is_explained(tx: Transaction, delivery: Delivery, alert: Alert, settings: Settings) -> bool:
    """
    True for the operator's list of unverified parcels while their carrier is told as blind (R4).
    """
    return (
        delivery.shop is None
        and alert.state is not AlertState.CLOSED
        and alert.kind is AlertKind.UNVERIFIED
        and tx.alerts.is_open(carrier_subject(alert.carrier), AlertKind.CARRIER_BLIND)
        and not _speaks_for_a_shop(tx, delivery, settings)
    )


def is_mistrusted(subjects: Subjects, alert: Alert) -> bool:
    """
    True for a proved alert while no look at its carrier proves anything: a fresh one must, first.

    If none succeeds in time the proof, which was made before the doubt, is told with its age.
    """
    if alert.kind.is_operators or alert.proof is None:
        return False
    record = subjects.of(alert)
    return record is not None and subjects.mistrusted(record)


def is_stale(alert: Alert, now: datetime) -> bool:
    """
    True for an alert whose proof is too old to be told for the first time (promises.md R3).
    """
    return (
        not alert.kind.is_operators
        and alert.proof is not None
        and now - alert.proof.looked_at > PROOF_MAX_AGE
    )


def _speaks_for_a_shop(tx: Transaction, delivery: Delivery, settings: Settings) -> bool:
    """
    True if a shop whose parcels are listed has no recipients of its own: this is its line too.
    """
    address = (delivery.channel, delivery.recipient)
    return any(
        address == (one.channel, one.address)
        for shop in tx.alerts.shops_listed(delivery.alert_id)
        for one in settings.recipients_of(shop)
    )
