"""
What people did stays on record: with the parcel, with its alert, and by whose name.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.support.builders import NOON, add_parcel, open_alert
from tracker.acting.marking import Marker
from tracker.model import Act
from tracker.orders.handovers import Handover, hand_over
from tracker.orders.sightings import Teller, Telling
from tracker.planning.deadlines import Deadlines
from tracker.settings import Settings

if TYPE_CHECKING:
    from tracker.store import Store


def test_every_act_is_kept_with_its_author(store: Store) -> None:
    """
    In the order of doing; a command has no author, and only what people did is listed.
    """
    deadlines = Deadlines(Settings())
    first, second = add_parcel(store, 1), add_parcel(store, 2)
    later = NOON + timedelta(days=1)
    with store.begin() as tx:
        alert_id = open_alert(tx, first)
        marker = Marker(tx, deadlines, NOON, author="Li")
        alert = tx.alerts.several([alert_id])[alert_id]
        marker.acknowledge(alert)
        marker.urge(alert)
        Marker(tx, deadlines, later).snooze(alert, later, "Wang")
        number = alert.tracking_numbers[0]
        Teller(tx=tx, deadlines=deadlines, now=later).tell(
            Telling(tracking_number=number, at=NOON, source="Seko's chat")
        )
        hand_over(tx, deadlines, {second: Handover(at=NOON)}, later, author="Li")
    with store.read() as tx:
        done = [(one.act, one.author, one.alert_id, one.detail) for one in tx.acts.of(first)]
        assert done == [
            (Act.ACKNOWLEDGED, "Li", alert_id, None),
            (Act.URGED, "Li", alert_id, None),
            (Act.SNOOZED, "Wang", alert_id, None),
            (Act.SAW_SCAN, None, None, "Seko's chat"),
        ]
        assert tx.acts.of(first)[2].speaks_of == later
        assert [(one.act, one.author, one.speaks_of) for one in tx.acts.of(second)] == [
            (Act.HANDED_OVER, "Li", NOON)
        ]
        assert tx.acts.latest([alert_id])[alert_id].act is Act.SNOOZED
