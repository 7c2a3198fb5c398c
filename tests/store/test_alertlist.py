"""
An alert that covers many parcels tells the first cancellation among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.builders import NOON, add_parcel, after
from tracker.alertlist import listed
from tracker.model import AlertKind, SellerStatus
from tracker.planning.deadlines import Deadlines
from tracker.settings import Settings
from tracker.store.alerts import NewAlert

if TYPE_CHECKING:
    from tracker.model import Parcel
    from tracker.store import Store

MANY = 40


@pytest.mark.parametrize("many", [3, MANY])
def test_the_first_to_be_cancelled_is_told_however_many_are_covered(
    store: Store, many: int
) -> None:
    """
    What the platform calls shipped or delivered is not cancelled; of the rest the earliest counts.
    """
    ends = [(SellerStatus.SHIPPED, 1), (SellerStatus.READY_TO_SHIP, 50), (None, 30)]
    ends += [(SellerStatus.DELIVERED, 2)] * (many - 3)
    covered = [
        add_parcel(store, n, seller_status=status, auto_cancel_at=after(hours=hours))
        for n, (status, hours) in enumerate(ends)
    ]
    nothing = [add_parcel(store, MANY + n, auto_cancel_at=None) for n in range(many)]
    deadlines = Deadlines(Settings())
    with store.begin() as tx:
        for subject, parcel_ids in (("carrier:seko", covered), ("carrier:clevy", nothing)):
            new = NewAlert(
                kind=AlertKind.UNVERIFIED, subject=subject, occasion="now", reason="outage"
            )
            alert_id = tx.alerts.open(new, NOON)
            assert alert_id is not None
            for one in parcel_ids:
                tx.alerts.cover(alert_id, [one], NOON)
        found = tx.alerts.matching(state="open")
        first, second = listed(tx, deadlines, found, NOON)
    third = deadlines.working_days_left(parcel_at(store, covered[2]), NOON)
    assert (first.auto_cancel_at, first.working_days_left) == (after(hours=30), third)
    assert (second.auto_cancel_at, second.working_days_left) == (None, None)


def parcel_at(store: Store, parcel_id: int) -> Parcel:
    """
    The parcel as it stands.
    """
    with store.read() as tx:
        record = tx.parcels.get(parcel_id, NOON)
    assert record is not None
    return record.parcel
