"""
The late parcels of a carrier that could not be checked: one list, told to operator and shops (R4).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from alerts.lists import leave, the_one
from tracker.model import AlertKind
from tracker.store.alerts import NewAlert, carrier_subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.notices import Notices
    from alerts.tally import Tally
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

NO_PROOF = "no proof since the deadline"
_KIND = AlertKind.UNVERIFIED


class Unverified:
    """
    Keeps each carrier's list of unverified parcels, or that of parcels without a carrier.
    """

    def __init__(self, notices: Notices, tally: Tally) -> None:
        self._notices = notices
        self._tally = tally

    def join(self, tx: Transaction, records: Sequence[WatchRecord], now: datetime) -> None:
        """
        The parcels stand on their carriers' lists; the operator and their shops will hear of it.
        """
        tx.parcels.mark_unverified([one.parcel.id for one in records], now)
        joining: dict[str, list[WatchRecord]] = defaultdict(list)
        for one in records:
            joining[carrier_subject(one.parcel.carrier)].append(one)
        for subject in sorted(joining):
            self._join(tx, subject, joining[subject], now)

    def leave(self, tx: Transaction, records: Sequence[WatchRecord], now: datetime) -> None:
        """
        The parcels are unverified no more; a list that ends with them is told as over.
        """
        ids = [one.parcel.id for one in records]
        tx.parcels.mark_unverified(ids, None)
        for alert in leave(tx, _KIND, ids):
            self._tally.closed += self._notices.end(tx, alert.id, alert.carrier, now)

    def _join(
        self, tx: Transaction, subject: str, records: Sequence[WatchRecord], now: datetime
    ) -> None:
        new = NewAlert(
            kind=_KIND,
            subject=subject,
            occasion=now.isoformat(),
            reason=NO_PROOF,
            carrier=records[0].parcel.carrier,
        )
        alert_id, _ = the_one(tx, new, now, self._tally)
        tx.alerts.cover(alert_id, [one.parcel.id for one in records], now)
        # One notice lists them all: after a blindness that explains it is over (R4).
        self._notices.tell_operator_of(tx, alert_id, records[0], now)
        for record in _first_of_each_shop(records).values():
            self._notices.tell_shop(tx, alert_id, record, now)


def _first_of_each_shop(records: Sequence[WatchRecord]) -> dict[str | None, WatchRecord]:
    first: dict[str | None, WatchRecord] = {}
    for one in records:
        first.setdefault(one.parcel.shop, one)
    return first
