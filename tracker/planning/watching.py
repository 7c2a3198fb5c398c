"""
After any change to a parcel: when to look at it next, and when to decide about it next.

Called in the transaction that made the change, so that no fact is ever stored without its
consequences being due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.model import CarrierName, Stage
from tracker.planning.cadence import Cadence, is_archived
from tracker.planning.clocks import clock_times
from tracker.planning.turns import next_turn, watch_of
from tracker.store.parcels import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.marks import CarrierMark
    from tracker.store.parcels import WatchRecord

#: A portal that cannot be asked and does not cool down is tried again after this.
_NOT_ASKED_FOR = timedelta(minutes=15)


def settle(tx: Transaction, parcel_id: int, deadlines: Deadlines, now: datetime) -> None:
    """
    The parcel's next look and next decision are stored; a parcel that is given up is archived.
    """
    settle_all(tx, {parcel_id: now}, deadlines)


def settle_all(
    tx: Transaction,
    when: Mapping[int, datetime],
    deadlines: Deadlines,
    *,
    known: Iterable[WatchRecord] | None = None,
    closed: Mapping[CarrierName, datetime] | None = None,
) -> None:
    """
    Each parcel is settled as of its own instant, as :func:`settle` does with one.

    ``known`` are the parcels as they stand then, where this transaction holds and knows them. A
    portal in ``closed`` is not planned for before its instant where there is another one.
    """
    deadlines.follow(tx)
    watched = [
        record
        for record in (tx.parcels.records(when) if known is None else known)
        if record.archived_at is None and record.superseded_at is None
    ]
    if not watched:
        return
    alerted = tx.parcels.with_open_alert(record.parcel.id for record in watched)
    latest = max(when[record.parcel.id] for record in watched)
    planner = _Planner.of(tx, deadlines, watched, closed or {}, latest)
    plans: dict[int, Plan] = {}
    for record in watched:
        parcel, now = record.parcel, when[record.parcel.id]
        if record.put_off_reason is not None:
            tx.parcels.put_back(parcel.id)
        if parcel.order_number is None:
            plans[parcel.id] = Plan(
                look_at=None, carrier=parcel.carrier, decide_at=record.decide_at
            )
        elif parcel.tracking_number is None:
            at = _decision_at(record, deadlines, now, alerted=parcel.id in alerted)
            plans[parcel.id] = Plan(look_at=None, carrier=parcel.carrier, decide_at=at)
        elif is_archived(watch_of(record), now, planner.cadence):
            tx.parcels.archive(parcel.id, now)
        else:
            plans[parcel.id] = planner.plan(record, now, alerted=parcel.id in alerted)
    tx.parcels.plan(plans)


def decide_anew(
    tx: Transaction, parcel_ids: Iterable[int], deadlines: Deadlines, now: datetime
) -> None:
    """
    A decision that the calendar has brought nearer is due then; the next look stays as planned.
    """
    when = dict.fromkeys(parcel_ids, now)
    alerted = tx.parcels.with_open_alert(when)
    due = {}
    for record in tx.parcels.records(when):
        at = _decision_at(record, deadlines, now, alerted=record.parcel.id in alerted)
        if at is not None and (record.decide_at is None or at < record.decide_at):
            due[record.parcel.id] = at
    tx.parcels.decide_all(due)


def pass_turns(tx: Transaction, carrier: CarrierName, deadlines: Deadlines, now: datetime) -> int:
    """
    Due parcels of two portals do not wait for this carrier, which cannot be asked now.

    Their next look goes to the other portal when its own time comes, and back to this one when its
    cool-down is over (without one: after a quarter of an hour). Returns how many there were.
    """
    due = tx.parcels.due_of_two(carrier, now)
    if due:
        until = max(_cool_until(tx, carrier, now) or now, now + _NOT_ASKED_FOR)
        settle_all(tx, dict.fromkeys(due, now), deadlines, closed={carrier: until})
    return len(due)


@dataclass(frozen=True, slots=True)
class _Planner:
    """
    Plans looks and decisions with what the store knows of carriers and portals.
    """

    deadlines: Deadlines
    cadence: Cadence
    marks: Mapping[int, Mapping[CarrierName, CarrierMark]]
    closed: Mapping[CarrierName, datetime]

    @classmethod
    def of(
        cls,
        tx: Transaction,
        deadlines: Deadlines,
        watched: Iterable[WatchRecord],
        closed: Mapping[CarrierName, datetime],
        now: datetime,
    ) -> _Planner:
        """
        Marks and cool-downs are read only if any of the parcels has two portals.
        """
        doubtful = [one.parcel.id for one in watched if one.parcel.second_carrier is not None]
        cooling = {name: _cool_until(tx, name, now) for name in CarrierName} if doubtful else {}
        return cls(
            deadlines=deadlines,
            cadence=Cadence(send_window=deadlines.settings.window),
            marks=tx.looks.marks(doubtful),
            closed={name: at for name, at in cooling.items() if at is not None} | dict(closed),
        )

    def plan(self, record: WatchRecord, now: datetime, *, alerted: bool) -> Plan:
        """
        The parcel's next look and next decision.
        """
        look_at, carrier = next_turn(
            record,
            now,
            self.deadlines.calendar_of(record.parcel),
            self.cadence,
            marks=self.marks.get(record.parcel.id, {}),
            closed=self.closed,
        )
        decide_at = _decision_at(record, self.deadlines, now, alerted=alerted)
        return Plan(look_at=look_at, carrier=carrier, decide_at=decide_at)


def _cool_until(tx: Transaction, carrier: CarrierName, now: datetime) -> datetime | None:
    state = tx.health.carrier(carrier)
    return state.cooldown_until if state.cools(now) else None


def _decision_at(
    record: WatchRecord, deadlines: Deadlines, now: datetime, *, alerted: bool
) -> datetime | None:
    parcel = record.parcel
    if alerted or record.unverified_since is not None or parcel.stage is Stage.LOST:
        return now
    instants = [*clock_times(record, deadlines).instants(), record.cancelled_seen_at]
    status = parcel.seller_status
    if not parcel.scanned and not (status is not None and status.ends_scan_watch):
        instants.append(deadlines.decision_at(parcel))
    if record.claimed_at is not None:
        instants.append(now)
    return min((one for one in instants if one is not None), default=None)
