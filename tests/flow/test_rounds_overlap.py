"""
One round is recorded while the next one is asked, and what it says of the carrier counts before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders import event, plan_look
from tracker.crawl import CarrierAccess
from tracker.model import CarrierName, LookReport, Outcome, Service
from tracker.planning.deadlines import Deadlines
from tracker.polling.leasing import OWN_CANARIES, REQUESTS_PER_CRAWL
from tracker.polling.poller import Poller
from tracker.settings import Settings
from tracker.store.parcels import ParcelDraft

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.model import ScanEvent
    from tracker.polling.poller import PollResult
    from tracker.store import Store

NOW = datetime(2026, 11, 18, 4, tzinfo=UTC)
CLEVY = CarrierName.CLEVY
ROUNDS = 3
#: Parcels of a crawl at one number a request: the canary's place is kept free.
A_ROUND = REQUESTS_PER_CRAWL - OWN_CANARIES
COUNT = ROUNDS * A_ROUND
PATIENCE = 20.0  # s until a test that hangs says so


@dataclass(slots=True)
class Carrier:
    """
    Answers every number alike, but for those whose scan it ``shows``.

    ``asking`` hears of each round before it is answered.
    """

    outcome: Outcome = Outcome.NO_EVENTS
    shows: dict[str, ScanEvent] = field(default_factory=dict)
    asking: Callable[[int], object] = lambda _: None
    rounds: list[tuple[str, ...]] = field(default_factory=list)

    def prepare(self, access: CarrierAccess) -> None:
        """
        Nothing has to start.
        """

    def run(self, access: CarrierAccess, numbers: Sequence[str], _: float) -> list[LookReport]:
        """
        One report per number.
        """
        self.rounds.append(tuple(numbers))
        self.asking(len(self.rounds))
        return [
            LookReport(
                tracking_number=number,
                carrier=access.carrier,
                outcome=Outcome.EVENTS if number in self.shows else self.outcome,
                events=(self.shows[number],) if number in self.shows else (),
                looked_at=NOW,
            )
            for number in numbers
        ]


def _poller(store: Store, carrier: Carrier, **facts: Any) -> Poller:
    access = CarrierAccess(
        carrier=CLEVY,
        url="http://127.0.0.1:9/",
        api_url="http://127.0.0.1:9/",
        username="practice",
        password="practice",
        batch_size=1,
    )
    with store.begin() as tx:
        for index in range(COUNT):
            draft = ParcelDraft(
                tracking_number=f"UH{index:09d}KG",
                order_number=f"order {index}",
                service=Service.POSTAL,
                carrier=CLEVY,
                created_at=NOW - timedelta(days=1),
                **facts,
            )
            plan_look(tx, tx.parcels.add(draft, NOW), NOW, CLEVY)
    crawls: Any = carrier
    return Poller(store, Deadlines(Settings()), {CLEVY: access}, {CLEVY: crawls}, lambda: NOW)


def _looks(store: Store) -> dict[str | None, int]:
    """
    How many looks are stored, by number.
    """
    with store.read() as tx:
        return {one.tracking_number: len(tx.looks.of(one.id)) for one in tx.parcels.matching(NOW)}


def test_the_next_round_is_asked_while_the_last_one_is_dealt_with(store: Store) -> None:
    """
    What follows a round may wait for the next one's question, which does not wait for it.
    """
    asked = Event()
    carrier = Carrier(asking=lambda at: asked.set() if at == ROUNDS else None)
    came: list[bool] = []

    def after(result: PollResult) -> None:
        assert result.asked == A_ROUND
        if len(came) == ROUNDS - 2:  # the round before the last
            came.append(asked.wait(PATIENCE))
        else:
            came.append(True)

    result = _poller(store, carrier).poll(CLEVY, after)
    assert came == [True] * ROUNDS
    assert (result.asked, result.failed) == (COUNT, 0)
    assert set(_looks(store).values()) == {1}
    assert len(set().union(*carrier.rounds)) == COUNT


def test_a_refusal_counts_before_anything_more_is_asked(store: Store) -> None:
    """
    A carrier that refuses is not asked again, although the refused looks are not recorded yet.
    """
    carrier = Carrier(outcome=Outcome.BLOCKED)
    result = _poller(store, carrier).poll(CLEVY)
    assert len(carrier.rounds) == 1
    assert (result.asked, result.failed, result.cooling) == (A_ROUND, A_ROUND, True)


def test_each_round_is_judged_before_the_next_is_asked(store: Store) -> None:
    """
    A good round is on record as the carrier's last good look when the next question goes out.
    """
    seen: list[bool] = []

    def asking(_: int) -> None:
        with store.read() as tx:
            seen.append(tx.health.carrier(CLEVY).last_good_look_at is not None)

    _poller(store, Carrier(asking=asking)).poll(CLEVY)
    assert seen == [False, True, True]


def test_a_round_that_accuses_waits_for_what_may_be_its_canary(store: Store) -> None:
    """
    The scan that the first round saw is recorded before the second one is asked, and asked along.

    Without it an empty answer about everybody would be taken for "not scanned" (R9).
    """
    canary = "UH000000003KG"
    carrier = Carrier(shows={canary: event(occurred_at=NOW - timedelta(hours=2))})
    _poller(store, carrier, scan_deadline=NOW - timedelta(hours=1)).poll(CLEVY)
    assert [canary in numbers for numbers in carrier.rounds] == [True] * ROUNDS
    # Its place is kept free in each crawl: it costs no request more.
    assert [len(numbers) for numbers in carrier.rounds] == [A_ROUND, *[REQUESTS_PER_CRAWL] * 2]


def test_what_follows_a_round_may_fail_without_losing_the_next(store: Store) -> None:
    """
    The round under way is recorded before the failure is raised, and every lease is given back.
    """

    def after(_: PollResult) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _poller(store, Carrier()).poll(CLEVY, after)
    assert sum(_looks(store).values()) == 2 * A_ROUND
    with store.begin() as tx:
        free = tx.parcels.claim_due(CLEVY, NOW, limit=99, owner="x", lease=timedelta(minutes=1))
    assert len(free) == A_ROUND


def test_an_interrupted_round_is_free_and_the_one_before_it_recorded(store: Store) -> None:
    """
    Ctrl-C in the second round leaves no lease and loses no look that was made.
    """

    def asking(at: int) -> None:
        if at == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _poller(store, Carrier(asking=asking)).poll(CLEVY)
    assert sum(_looks(store).values()) == A_ROUND
    with store.begin() as tx:
        free = tx.parcels.claim_due(CLEVY, NOW, limit=99, owner="x", lease=timedelta(minutes=1))
    assert len(free) == COUNT - A_ROUND
