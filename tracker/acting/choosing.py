"""
Which alerts a person means, as they stand at the moment of marking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.model import Alert
    from tracker.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    The open alerts among those that were named, in that order, and what came of the others.
    """

    alerts: tuple[Alert, ...]
    closed: tuple[Alert, ...]
    unknown: tuple[int, ...]


def choose(tx: Transaction, ids: Iterable[int], *, hold: bool = True) -> Choice:
    """
    The named alerts, each once; with ``hold`` their parcels stand still until the transaction ends.

    Deciders lock a parcel before they touch its alerts: what is open here stays open meanwhile.
    """
    named = tuple(dict.fromkeys(ids))
    found = tx.alerts.several(named)
    if hold:
        tx.parcels.hold(
            parcel_id
            for alert in found.values()
            if not alert.kind.is_operators
            for parcel_id in alert.parcel_ids
        )
        found = tx.alerts.several(named)
    known = [found[one] for one in named if one in found]
    return Choice(
        alerts=tuple(alert for alert in known if alert.closed_at is None),
        closed=tuple(alert for alert in known if alert.closed_at is not None),
        unknown=tuple(one for one in named if one not in found),
    )
