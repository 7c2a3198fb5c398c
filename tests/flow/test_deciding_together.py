"""
Many parcels decided in one transaction: none spoils another, and a list takes them in at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from alerts.rounds import DECIDED_TOGETHER, Decider
from tests.support.builders import unreadable_event
from tests.support.plans import statements_of
from tracker.model import AlertKind, CarrierName, LookReport, Outcome, Service
from tracker.planning.deadlines import Deadlines
from tracker.planning.watching import settle_all
from tracker.polling.recording import Recorder
from tracker.settings import Settings
from tracker.store import Store
from tracker.store.alerts import carrier_subject
from tracker.store.parcels import ParcelDraft
from tracker.store.tables import events

CLEVY = CarrierName.CLEVY
HANDED_OVER = datetime(2026, 11, 16, 8, tzinfo=UTC)
LATE = datetime(2026, 11, 18, 4, tzinfo=UTC)
EVENING = LATE + timedelta(hours=8)
COUNT = DECIDED_TOGETHER + 3
SHOPS = ("Lagos Lights", "Nairobi Nets")
DEADLINES = Deadlines(Settings())


def _taken_in(store: Store, count: int = COUNT, *, start: int = 0) -> list[int]:
    """
    So many parcels, alternately of two shops, that are late at ``LATE``.
    """
    with store.begin() as tx:
        ids = [
            tx.parcels.add(
                DEADLINES.derived(
                    ParcelDraft(
                        tracking_number=f"UH{start + index:09d}KG",
                        order_number=f"order {start + index}",
                        shop=SHOPS[index % 2],
                        service=Service.POSTAL,
                        carrier=CLEVY,
                        created_at=HANDED_OVER - timedelta(days=1),
                        handed_over_at=HANDED_OVER,
                    )
                ),
                HANDED_OVER,
            )
            for index in range(count)
        ]
        settle_all(tx, dict.fromkeys(ids, HANDED_OVER), DEADLINES)
    return ids


def _looked_at(store: Store, ids: list[int], outcome: Outcome, at: datetime) -> None:
    with store.read() as tx:
        numbers = {one.id: one.tracking_number or "" for one in tx.parcels.matching(at)}
    Recorder(store, DEADLINES, lambda: at).record_all(
        {
            one: LookReport(
                tracking_number=numbers[one], carrier=CLEVY, outcome=outcome, looked_at=at
            )
            for one in ids
        }
    )


def _told(store: Store, kind: AlertKind) -> list[int]:
    with store.read() as tx:
        return sorted(one.parcel_ids[0] for one in tx.alerts.matching(state="all", kind=kind))


def test_one_parcel_that_cannot_be_decided_steps_aside_alone(store: Store) -> None:
    """
    Of those decided together all others get their alert, once, and the poisoned is put off (R10).
    """
    ids = _taken_in(store)
    _looked_at(store, ids, Outcome.NOT_FOUND, LATE)
    poisoned = ids[7]
    with store.begin() as tx:
        tx._connection.execute(insert(events).values(unreadable_event(poisoned)))
    result = Decider(store, DEADLINES).round(LATE)
    assert (result.decided, result.opened, result.put_off) == (COUNT - 1, COUNT - 1, 1)
    assert _told(store, AlertKind.RAISE_CLAIM) == [one for one in ids if one != poisoned]
    with store.read() as tx:
        assert [number for number, _ in tx.parcels.put_off_list()] == ["UH000000007KG"]


def test_a_parcel_that_another_worker_holds_keeps_nobody_else_waiting(postgres_url: str) -> None:
    """
    The others of the transaction are decided while it is held, and it is when it is free again.
    """
    store = Store(postgres_url)
    held, *others = _taken_in(store, 5)
    _looked_at(store, [held, *others], Outcome.NOT_FOUND, LATE)
    with ThreadPoolExecutor(1) as pool:
        with store.begin() as holder:
            holder.parcels.get(held, LATE, lock=True)
            round_ = pool.submit(Decider(store, DEADLINES).round, LATE)
            with pytest.raises(TimeoutError):
                round_.result(timeout=1)  # it waits for the held one, and has told the others
            assert _told(store, AlertKind.RAISE_CLAIM) == others
        assert round_.result(timeout=20).decided == 5
    assert _told(store, AlertKind.RAISE_CLAIM) == [held, *others]
    store.close()


def test_an_outage_is_one_list_however_many_parcels_it_hides(store: Store) -> None:
    """
    All that could not be checked join one alert, and it ends once when the last was seen (R4).
    """
    ids = _taken_in(store)
    _looked_at(store, ids, Outcome.UNREACHABLE, LATE)
    decider = Decider(store, DEADLINES)
    decider.round(LATE)
    _looked_at(store, ids, Outcome.UNREACHABLE, EVENING)
    assert decider.round(EVENING).decided == COUNT
    with store.read() as tx:
        (listing,) = tx.alerts.matching(kind=AlertKind.UNVERIFIED)
        assert listing.parcel_ids == tuple(ids)
        assert tx.alerts.shops_listed(listing.id) == set(SHOPS)
    seen_again, last = ids[:-1], ids[-1]
    _looked_at(store, seen_again, Outcome.NOT_FOUND, EVENING + timedelta(hours=1))
    decider.round(EVENING + timedelta(hours=1))
    with store.read() as tx:
        (listing,) = tx.alerts.matching(kind=AlertKind.UNVERIFIED)
        assert listing.parcel_ids == (last,)
    _looked_at(store, [last], Outcome.NOT_FOUND, EVENING + timedelta(hours=2))
    decider.round(EVENING + timedelta(hours=2))
    with store.read() as tx:
        assert tx.alerts.open_on(carrier_subject(CLEVY), AlertKind.UNVERIFIED) is None
    assert _told(store, AlertKind.RAISE_CLAIM) == ids


def test_who_joins_or_leaves_a_list_does_not_read_it(store: Store) -> None:
    """
    A list may be as long as the watch list: no decision about one parcel asks who stands on it.
    """
    early, late = _taken_in(store, 3), _taken_in(store, 3, start=500)
    decider = Decider(store, DEADLINES)
    for at in (LATE, EVENING):
        _looked_at(store, early, Outcome.UNREACHABLE, at)
        decider.round(at)
    _looked_at(store, late, Outcome.UNREACHABLE, LATE)
    decider.round(LATE)
    _looked_at(store, late, Outcome.UNREACHABLE, EVENING)
    with statements_of(store) as joining:
        assert decider.round(EVENING).decided == len(late)
    _looked_at(store, late, Outcome.NOT_FOUND, EVENING + timedelta(hours=1))
    with statements_of(store) as leaving:
        decider.round(EVENING + timedelta(hours=1))
    with store.read() as tx:
        (listing,) = tx.alerts.matching(kind=AlertKind.UNVERIFIED)
    assert listing.parcel_ids == tuple(early)
    for statements in (joining, leaving):
        assert any("alert_parcels" in one for one in statements)
        assert not [one for one in statements if "alert_parcels JOIN parcels" in one]
