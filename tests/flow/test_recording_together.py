"""
Looks stored in one transaction: one that cannot be stored spoils no other (promises.md R10).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.support.builders import plan_look
from tracker.crawl import CarrierAccess
from tracker.model import CarrierName, LookReport, Outcome, Service
from tracker.planning.deadlines import Deadlines
from tracker.polling.poller import Poller
from tracker.polling.recording import RECORDED_TOGETHER
from tracker.settings import Settings
from tracker.store import Store
from tracker.store.parcels import ParcelDraft

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 18, 4, tzinfo=UTC)
CLEVY = CarrierName.CLEVY
COUNT = RECORDED_TOGETHER + 3
POISONED = "UH000000001KG"


class _Crawls:
    """
    Answers every number; one answer holds what no column can.
    """

    def prepare(self, access: CarrierAccess) -> None:
        pass

    def run(self, access: CarrierAccess, numbers: Sequence[str], _: float) -> list[LookReport]:
        unstorable: Any = 5
        return [
            LookReport(
                tracking_number=number,
                carrier=access.carrier,
                outcome=Outcome.NO_EVENTS,
                looked_at=NOW,
                detail=unstorable if number == POISONED else None,
            )
            for number in numbers
        ]


def _poller(store: Store) -> Poller:
    access = CarrierAccess(
        carrier=CLEVY,
        url="http://127.0.0.1:9/",
        api_url="http://127.0.0.1:9/",
        username="practice",
        password="practice",
        batch_size=40,
    )
    crawls: Any = _Crawls()
    deadlines = Deadlines(Settings())
    return Poller(store, deadlines, {CLEVY: access}, {CLEVY: crawls}, lambda: NOW)


def _add_due(store: Store) -> None:
    with store.begin() as tx:
        for index in range(COUNT):
            draft = ParcelDraft(
                tracking_number=f"UH{index:09d}KG",
                order_number=f"order {index}",
                service=Service.POSTAL,
                carrier=CLEVY,
                created_at=NOW - timedelta(days=1),
            )
            plan_look(tx, tx.parcels.add(draft, NOW), NOW, CLEVY)


def test_one_look_that_cannot_be_stored_steps_aside_alone(store: Store) -> None:
    """
    Of a batch with one poisoned look every other look is stored once, and the poisoned put off.
    """
    _add_due(store)
    result = _poller(store).poll(CLEVY)
    with store.read() as tx:
        looks = {one.tracking_number: tx.looks.of(one.id) for one in tx.parcels.matching(NOW)}
        put_off = tx.parcels.put_off_list()
    assert (result.asked, result.put_off) == (COUNT - 1, 1)
    assert [number for number, _ in put_off] == [POISONED]
    assert {number: len(made) for number, made in looks.items()} == {
        number: 0 if number == POISONED else 1 for number in looks
    }


def test_a_row_that_cannot_be_read_steps_aside_alone(store: Store) -> None:
    """
    A text that no enum knows (a row of another version) costs nobody else a look (R10).
    """
    _add_due(store)
    with store.begin() as tx:
        unreadable, *others = [one.id for one in tx.parcels.matching(NOW)]
        tx.parcels._set(unreadable, service="by pigeon")
    result = _poller(store).poll(CLEVY)
    with store.read() as tx:
        put_off = [number for number, _ in tx.parcels.put_off_list()]
        looks = [len(tx.looks.of(one)) for one in others]
        assert tx.looks.of(unreadable) == ()
    assert put_off == ["UH000000000KG", POISONED]
    assert (result.put_off, sum(looks)) == (2, COUNT - 2)


def test_a_batch_does_not_wait_for_a_parcel_that_another_worker_holds(postgres_url: str) -> None:
    """
    A parcel locked by another transaction is left out of those that a batch may take.
    """
    store = Store(postgres_url)
    _add_due(store)
    with store.begin() as holder, store.begin() as batch:
        held, *others = [one.id for one in batch.parcels.matching(NOW)]
        holder.parcels.get(held, NOW, lock=True)
        assert batch.parcels.lock_free([held, *others]) == frozenset(others)
    store.close()
