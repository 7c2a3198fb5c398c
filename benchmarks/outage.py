"""
A portal that is down: late parcels join the list of what could not be checked, and leave it again.

Every parcel of a carrier may stand there within a day: the time for each of them must not grow with
the length of the list.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.rounds import ROUND_LIMIT, Decider
from benchmarks.measuring import Figure, seconds_of
from benchmarks.places import default_settings, overdue, temporary_store
from tracker.clock import utc_now
from tracker.model import CarrierName, LookReport, Outcome
from tracker.planning.deadlines import Deadlines
from tracker.planning.watching import settle_all
from tracker.polling.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tracker.store import Store

SIZES = (1_000, 10_000)
BOUND = 1.5
#: So long that the grace is over, whatever the day of the week on which this runs.
DOWN_FOR = timedelta(days=5)


def outage() -> Iterator[Figure]:
    """
    Milliseconds for each parcel to join the list, and to leave it with the alert that it hid.
    """
    (join, leave), (join_many, leave_many) = (_Outage.of(size) for size in SIZES)
    yield _figure("outage-join", join_many, join)
    yield _figure("outage-leave", leave_many, leave)


def _figure(name: str, ours: float, limit: float) -> Figure:
    return Figure(
        name=name,
        unit="ms",
        ours=1000 * ours,
        limit=1000 * limit,
        limit_is=f"with {SIZES[0]:,}",
        bound=f"{BOUND} times",
        ok=ours <= BOUND * limit,
        note=f"for each of {SIZES[1]:,} parcels on the list, SQLite",
    )


class _Outage:
    """
    So many late parcels of one carrier, in a store of their own.
    """

    def __init__(self, store: Store, size: int) -> None:
        self._store = store
        self._deadlines = Deadlines(default_settings())
        self._decider = Decider(store, self._deadlines)
        now = utc_now()
        with store.begin() as tx:
            drafts = [overdue(index, self._deadlines) for index in range(size)]
            self._numbers = {tx.parcels.add(one, now): one.tracking_number or "" for one in drafts}
            settle_all(tx, dict.fromkeys(self._numbers, now), self._deadlines)

    @classmethod
    def of(cls, size: int) -> tuple[float, float]:
        """
        The seconds that each of so many parcels takes to join the list, and to leave it.
        """
        with temporary_store() as store:
            one, began = cls(store, size), utc_now()
            one.seconds(Outcome.UNREACHABLE, began)
            back = began + DOWN_FOR
            join = one.seconds(Outcome.UNREACHABLE, back)
            with store.read() as tx:
                assert len(tx.parcels.unverified(back)) == size
            leave = one.seconds(Outcome.NOT_FOUND, back + timedelta(hours=1))
            with store.read() as tx:
                assert not tx.parcels.unverified(back)
        return join / size, leave / size

    def seconds(self, outcome: Outcome, at: datetime) -> float:
        """
        All are looked at; the seconds of the deciding rounds that follow.
        """
        looks = {
            parcel_id: LookReport(
                tracking_number=number, carrier=CarrierName.CLEVY, outcome=outcome, looked_at=at
            )
            for parcel_id, number in self._numbers.items()
        }
        Recorder(self._store, self._deadlines, lambda: at).record_all(looks)
        return seconds_of(lambda: self._decide(at))

    def _decide(self, at: datetime) -> None:
        while self._decider.round(at).decided == ROUND_LIMIT:
            pass
