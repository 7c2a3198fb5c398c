"""
Which alerts of a parcel stand, and which were settled for good. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model import ClosedBecause

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from alerts.facts import AlertFact, Facts
    from tracker.model import AlertKind

#: Ended by facts that may turn back: the same alert may be needed again (P1). An alert that a
#: person ended, a scan ended or a higher rung replaced is settled for its deadline.
_MAY_REOPEN = frozenset(
    {
        ClosedBecause.DEADLINE_MOVED,
        ClosedBecause.NUMBER_CHANGED,
        ClosedBecause.RECOVERED,
        ClosedBecause.SELLER_STATUS,
    }
)


def stands(facts: Facts, kinds: Container[AlertKind]) -> bool:
    """
    True while an alert of one of the kinds is not closed.
    """
    return any(alert.stands and alert.kind in kinds for alert in facts.alerts)


def is_settled(facts: Facts, kind: AlertKind, deadline: datetime | None) -> bool:
    """
    True if the alert with this identity was closed and nothing opens it again.
    """
    return any(_is_final(facts, alert) for alert in _twins(facts, kind, deadline))


def closed_twin(facts: Facts, kind: AlertKind, deadline: datetime | None) -> int | None:
    """
    The id of the closed alert with this identity, to be taken up again.
    """
    return next((alert.id for alert in _twins(facts, kind, deadline)), None)


def _twins(facts: Facts, kind: AlertKind, deadline: datetime | None) -> tuple[AlertFact, ...]:
    """
    The closed alerts with this identity; the store's unique key allows at most one.
    """
    return tuple(
        alert
        for alert in facts.alerts
        if not alert.stands and alert.kind is kind and alert.deadline == deadline
    )


def _is_final(facts: Facts, alert: AlertFact) -> bool:
    """
    True for an alert that nothing opens again: "scanned" holds until that scan is taken back.
    """
    if alert.closed_because is ClosedBecause.SCANNED and not facts.scanned:
        return False
    return alert.closed_because not in _MAY_REOPEN
