"""
The watch list: what goes in comes out, one live parcel for a number, and leases.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.builders import (
    CLEVY,
    NOON,
    SEKO,
    add_parcel,
    after,
    announced,
    draft,
    event,
    new_alert,
    number,
    plan_look,
    report,
)
from tracker.model import (
    AlertState,
    ClosedBecause,
    Outcome,
    ParcelState,
    ReadyToShipSource,
    SellerStatus,
    Service,
)
from tracker.store import Store, StoreError, Transaction
from tracker.store.parcels import PUT_OFF, ParcelDraft, PlacedItem

LEASE = timedelta(minutes=10)
FULL = ParcelDraft(
    tracking_number="UH123456785KG",
    order_number="319365001",
    shop="Läden & 商店",
    country="NG",
    service=Service.POSTAL,
    carrier=CLEVY,
    second_carrier=SEKO,
    station="NG-JG-Seko-HongKong-Seko-Station" * 9,
    centre="hongkong",
    seller_status=SellerStatus.UNKNOWN,
    seller_status_text="en route 'to' \"Lagos\"" * 9,
    seller_status_at=after(hours=-1),
    cancelled_seen_at=after(hours=-2),
    created_at=after(days=-4),
    ready_to_ship_at=after(days=-3),
    ready_to_ship_source=ReadyToShipSource.STATUS_CHANGE,
    handed_over_at=after(days=-2),
    handover_assumed=True,
    courier="SF Express " * 20,
    waybill="SF" + "1" * 150,
    sku="SKU" * 100,
    scan_deadline=after(hours=-12),
    auto_cancel_at=after(days=3),
    calendar_estimated=True,
    archived_at=after(days=9),
)


def _claim(store: Store, now: datetime = NOON, *, limit: int = 10, owner: str = "a") -> list[int]:
    with store.begin() as tx:
        claimed = tx.parcels.claim_due(SEKO, now, limit=limit, owner=owner, lease=LEASE)
    return [one.parcel_id for one in claimed]


def _due(store: Store, index: int, at: datetime = NOON, **facts: Any) -> int:
    parcel_id = add_parcel(store, index, **facts)
    with store.begin() as tx:
        plan_look(tx, parcel_id, at, facts.get("carrier", SEKO))
    return parcel_id


def test_the_full_draft_leaves_no_field_at_its_default() -> None:
    """
    The round trip below covers every field: a new one must be added to it.
    """
    empty = ParcelDraft(tracking_number=None, order_number=None)
    assert [f.name for f in fields(FULL) if getattr(FULL, f.name) == getattr(empty, f.name)] == []


def test_every_field_of_a_draft_comes_back(store: Store) -> None:
    """
    What an import knows of a parcel is given back as it was, however long its texts are.
    """
    with store.begin() as tx:
        parcel_id = tx.parcels.add(FULL, NOON)
        assert tx.parcels.draft(parcel_id) == FULL


def test_a_changed_draft_replaces_every_field(store: Store) -> None:
    """
    A change writes each field, so that a fact can also be taken back.
    """
    empty = ParcelDraft(tracking_number=None, order_number="1")
    with store.begin() as tx:
        parcel_id = tx.parcels.add(FULL, NOON)
        tx.parcels.change(parcel_id, empty)
        assert tx.parcels.draft(parcel_id) == empty


def test_a_change_keeps_what_was_learned_by_looking(store: Store) -> None:
    """
    An import does not touch scan, stage, looks and dates of looking.
    """
    parcel_id = _due(store, 1)
    with store.begin() as tx:
        tx.looks.record(parcel_id, report(event()))
        before = tx.parcels.get(parcel_id, NOON)
        tx.parcels.change(parcel_id, draft(courier="SF Express"))
        changed = tx.parcels.get(parcel_id, NOON)
    assert before is not None
    assert changed is not None
    assert changed == replace(before, parcel=replace(before.parcel, courier="SF Express"))
    assert changed.parcel.scanned


def test_a_parcel_is_found_by_number_order_and_id(store: Store) -> None:
    """
    A stored parcel is found under everything it is known by, and a strange one is not.
    """
    parcel_id = add_parcel(store)
    with store.read() as tx:
        record = tx.parcels.get(parcel_id, NOON)
        assert record is not None
        assert tx.parcels.by_number(number(), NOON) == (record,)
        assert tx.parcels.by_order("319365001", NOON) == (record,)
        assert tx.parcels.live(number(), NOON) == record
        assert tx.parcels.get(parcel_id + 1, NOON) is None
        assert tx.parcels.live("JG-NJS-1-1", NOON) is None


def test_two_live_parcels_cannot_bear_one_number(store: Store) -> None:
    """
    A second live parcel with the number is refused, and the transaction leaves nothing.
    """
    add_parcel(store)
    with pytest.raises(StoreError, match=r"(?i)unique"), store.begin() as tx:
        tx.parcels.add(draft(order_number="2"), NOON)
    with store.read() as tx:
        assert tx.parcels.count() == 1


@pytest.mark.parametrize("end", ["supersede", "archive"])
def test_a_number_may_be_used_again_after_its_parcel_ended(store: Store, end: str) -> None:
    """
    S10 numbers return after a year: the old parcel is kept and the live one comes first.
    """
    old = add_parcel(store)
    with store.begin() as tx:
        getattr(tx.parcels, end)(old, NOON)
        new = tx.parcels.add(draft(order_number="2"), NOON)
        found = tx.parcels.by_number(number(), NOON)
        live = tx.parcels.live(number(), NOON)
    assert [one.parcel.id for one in found] == [new, old]
    assert live is not None
    assert live.parcel.id == new


def test_entries_without_a_number_do_not_exclude_each_other(store: Store) -> None:
    """
    Any number of parcels may wait for their number.
    """
    ids = [add_parcel(store, i, tracking_number=None, order_number="7") for i in range(3)]
    with store.begin() as tx:
        tx.parcels.remove(ids[0])
        assert [one.parcel.id for one in tx.parcels.by_order("7", NOON)] == ids[1:]


def test_a_superseded_parcel_is_decided_once_more_and_not_looked_at(store: Store) -> None:
    """
    Its alerts have to be closed, so that a decision is due; restoring it makes it live again.
    """
    parcel_id = _due(store, 1)
    with store.begin() as tx:
        tx.parcels.supersede(parcel_id, NOON)
        assert tx.parcels.to_decide(NOON, 10) == (parcel_id,)
        ended = tx.parcels.get(parcel_id, NOON)
        tx.parcels.restore(parcel_id)
        restored = tx.parcels.live(number(), NOON)
    assert ended is not None
    assert (ended.parcel.state, ended.parcel.next_look_at) == (ParcelState.SUPERSEDED, None)
    assert restored is not None
    assert restored.parcel.state is ParcelState.OVERDUE


def test_an_archived_parcel_is_looked_at_no_more_and_decided_once(store: Store) -> None:
    """
    An archived parcel is kept; one last decision takes it off the lists it stands on.
    """
    parcel_id = _due(store, 1)
    with store.begin() as tx:
        tx.parcels.archive(parcel_id, NOON)
        assert tx.parcels.to_decide(after(days=1), 10) == (parcel_id,)
        assert tx.parcels.unscanned_live() == ()
        archived = tx.parcels.get(parcel_id, NOON)
    assert archived is not None
    assert archived.parcel.state is ParcelState.ARCHIVED
    assert _claim(store, after(days=1)) == []


def test_an_item_lies_in_the_parcel_it_was_placed_in_last(store: Store) -> None:
    """
    Placing an item again moves it; items are told apart by order and key.
    """
    one, two = add_parcel(store, 1), add_parcel(store, 2)
    first, other = ("A", "id:1"), ("B", "id:1")
    with store.begin() as tx:
        assert tx.parcels.items_of(["A", "B"]) == {}
        tx.parcels.place_items({})
        tx.parcels.place_items({first: PlacedItem(parcel_id=one, sku="sku")})
        tx.parcels.place_items(
            {
                first: PlacedItem(parcel_id=two, sku="other"),
                other: PlacedItem(parcel_id=two, sku=None),
            }
        )
        assert tx.parcels.items_of(["A"]) == {first: PlacedItem(parcel_id=two, sku="other")}
        assert set(tx.parcels.items_of(["A", "B", "C"])) == {first, other}
        assert (tx.parcels.item_count(one), tx.parcels.item_count(two)) == (0, 2)


def test_a_removed_placeholder_takes_its_items_along(store: Store) -> None:
    """
    No item belongs to a parcel that is gone.
    """
    parcel_id = add_parcel(store, tracking_number=None)
    with store.begin() as tx:
        tx.parcels.place_items({("A", "id:1"): PlacedItem(parcel_id=parcel_id, sku=None)})
        tx.parcels.remove(parcel_id)
        assert tx.parcels.items_of(["A"]) == {}


def test_a_thousand_parcels_are_written_and_read_in_bulk(store: Store) -> None:
    """
    More than fits into one statement comes back whole, in the order of the drafts.
    """
    drafts = [draft(index) for index in range(1, 1201)]
    with store.begin() as tx:
        ids = tx.parcels.add_all(drafts, NOON)
        stored = tx.parcels.drafts(ids)
        assert [stored[one] for one in ids] == drafts
        borne = tx.parcels.by_numbers([one.tracking_number or "" for one in drafts], NOON)
        assert [borne[one.tracking_number or ""][0].parcel.id for one in drafts] == list(ids)
        tx.parcels.status_seen(ids, after(hours=1))
        assert {tx.parcels.draft(one).seller_status_at for one in ids[::400]} == {after(hours=1)}
        assert len(tuple(tx.parcels.records(dict.fromkeys(ids, NOON)))) == len(ids)
        assert tx.parcels.add_all([], NOON) == ()


SHIPPED, CANCELED = SellerStatus.SHIPPED, SellerStatus.CANCELED
LATE = after(hours=-1)
STATES = [
    # facts, scanned, unverified -> state; each row differs from one above it by one fact
    ({"scan_deadline": after(hours=1)}, False, False, ParcelState.WAITING),
    ({"scan_deadline": None}, False, False, ParcelState.WAITING),
    ({"scan_deadline": NOON}, False, False, ParcelState.OVERDUE),
    ({"scan_deadline": LATE}, False, False, ParcelState.OVERDUE),
    ({"scan_deadline": LATE}, False, True, ParcelState.UNVERIFIED),
    ({"scan_deadline": after(hours=1)}, False, True, ParcelState.WAITING),
    ({"scan_deadline": LATE}, True, True, ParcelState.SCANNED),
    ({"carrier": None}, False, True, ParcelState.NO_CARRIER),
    ({"carrier": None}, True, False, ParcelState.SCANNED),
    ({"tracking_number": None, "carrier": None}, False, False, ParcelState.NO_NUMBER),
    ({"seller_status": SHIPPED}, False, True, ParcelState.ENDED),
    ({"seller_status": SHIPPED}, True, False, ParcelState.ENDED),
    ({"seller_status": SHIPPED, "tracking_number": None}, False, False, ParcelState.ENDED),
    ({"seller_status": CANCELED}, False, False, ParcelState.OVERDUE),
    ({"seller_status": CANCELED, "handover_assumed": True}, False, False, ParcelState.ENDED),
    ({"seller_status": CANCELED, "handed_over_at": None}, False, False, ParcelState.ENDED),
    ({"seller_status": SellerStatus.PENDING}, False, False, ParcelState.OVERDUE),
    ({"seller_status": SHIPPED, "archived_at": LATE}, True, True, ParcelState.ARCHIVED),
]


def test_a_parcel_has_the_first_state_that_holds(store: Store) -> None:
    """
    The state follows from the facts at the instant of reading (contract.md, orders list).
    """
    with store.begin() as tx:
        for index, (facts, scanned, unverified, _) in enumerate(STATES):
            parcel_id = tx.parcels.add(draft(index, **facts), NOON)
            if scanned:
                tx.looks.record(parcel_id, report(event()))
            if unverified:
                tx.parcels.mark_unverified([parcel_id], NOON)
        expected = [state for *_, state in STATES]
        assert [one.state for one in tx.parcels.matching(NOON)] == expected
        for state in ParcelState:
            found = list(tx.parcels.matching(NOON, state=state))
            assert len(found) == expected.count(state)


def test_the_watch_list_can_be_narrowed(store: Store) -> None:
    """
    Shop and centre each leave only their own parcels.
    """
    first = add_parcel(store, 1)
    second = add_parcel(store, 2, shop="Kenya Kitchen", centre="ningbo")
    with store.read() as tx:
        assert [one.id for one in tx.parcels.matching(NOON, shop="Lagos Lights")] == [first]
        assert [one.id for one in tx.parcels.matching(NOON, centre="ningbo")] == [second]
        assert list(tx.parcels.matching(NOON, shop="Lagos Lights", centre="ningbo")) == []
        assert tx.parcels.shops() == ("Kenya Kitchen", "Lagos Lights")


# -- leases ------------------------------------------------------------------------------------


def test_due_parcels_are_claimed_longest_waiting_first(store: Store) -> None:
    """
    A claim takes what is due of the carrier, oldest first, and not more than asked.
    """
    late = _due(store, 1, after(hours=-1))
    latest = _due(store, 2, after(hours=-2))
    now = _due(store, 3, NOON)
    _due(store, 4, after(seconds=1))
    _due(store, 5, carrier=CLEVY)
    add_parcel(store, 6)
    assert _claim(store, limit=2) == [latest, late]
    assert _claim(store, limit=2, owner="b") == [now]


def test_a_lease_holds_until_it_expires(store: Store) -> None:
    """
    Nobody gets a leased parcel before the lease is over, not even its owner; then anybody does.
    """
    parcel_id = _due(store, 1)
    assert _claim(store) == [parcel_id]
    assert _claim(store, NOON + LEASE - timedelta(microseconds=1)) == []
    assert _claim(store, NOON + LEASE, owner="b") == [parcel_id]


def test_a_lease_is_given_back_only_by_its_owner(store: Store) -> None:
    """
    A worker whose lease ran out cannot give back the next one's.
    """
    parcel_id = _due(store, 1)
    _claim(store, owner="a")
    with store.begin() as tx:
        tx.parcels.release([parcel_id], "b")
    assert _claim(store, owner="b") == []
    with store.begin() as tx:
        tx.parcels.release([parcel_id], "a")
    assert _claim(store, owner="b") == [parcel_id]


def test_a_parcel_that_throws_steps_aside_for_an_hour(store: Store) -> None:
    """
    It is not looked at for an hour, its lease is free, and the reason is kept until it is well.

    Deciding goes on: a parcel that cannot be looked at must still become unverified (P1).
    """
    parcel_id = _due(store, 1)
    _claim(store)
    with store.begin() as tx:
        tx.parcels.decide_at(parcel_id, NOON)
        tx.parcels.put_off(parcel_id, NOON, "ValueError")
    almost = NOON + PUT_OFF - timedelta(microseconds=1)
    with store.read() as tx:
        assert tx.parcels.to_decide(almost, 10) == (parcel_id,)
        assert tx.parcels.put_off_list() == ((number(), "ValueError"),)
    assert _claim(store, almost) == []
    assert _claim(store, NOON + PUT_OFF) == [parcel_id]
    with store.begin() as tx:
        tx.parcels.put_back(parcel_id)
        assert tx.parcels.put_off_list() == ()


def test_a_decision_that_throws_waits_an_hour_and_the_looks_go_on(store: Store) -> None:
    """
    A parcel that cannot be decided is decided again in an hour and is looked at meanwhile.
    """
    parcel_id = _due(store, 1)
    with store.begin() as tx:
        tx.parcels.put_off_decision(parcel_id, NOON, "KeyError")
        assert tx.parcels.to_decide(NOON, 10) == ()
        assert tx.parcels.to_decide(NOON + PUT_OFF, 10) == (parcel_id,)
        assert tx.parcels.put_off_list() == ((number(), "KeyError"),)
    assert _claim(store) == [parcel_id]


def test_a_look_can_be_asked_for_at_once(store: Store) -> None:
    """
    A later look is due now, a due one keeps its place in the queue, and no look stays no look.
    """
    waiting = _due(store, 1, after(hours=-1))
    later = _due(store, 2, after(hours=1))
    never = add_parcel(store, 3)
    with store.begin() as tx:
        tx.parcels.look_soon([waiting, later, never], NOON)
        tx.parcels.look_soon([], NOON)
        assert tx.parcels.due_count(SEKO, NOON) == 2
    assert _claim(store) == [waiting, later]


@pytest.mark.parametrize("workers", [2, 4])
def test_racing_workers_claim_each_parcel_once(database_url: str, workers: int) -> None:
    """
    Workers with connections of their own share out the due parcels, and none is claimed twice.
    """
    setup = Store(database_url)
    with setup.begin() as tx:
        ids = [tx.parcels.add(draft(index), NOON) for index in range(60)]
        for parcel_id in ids:
            plan_look(tx, parcel_id, NOON)

    def work(owner: str) -> list[int]:
        own = Store(database_url)
        taken: list[int] = []
        while batch := _claim(own, limit=3, owner=owner):
            taken += batch
        own.close()
        return taken

    with ThreadPoolExecutor(workers) as pool:
        shares = list(pool.map(work, [f"worker-{n}" for n in range(workers)]))
    setup.close()
    assert sorted(one for share in shares for one in share) == ids


def test_a_parcel_that_is_being_changed_is_not_asked_to_look_soon(postgres_url: str) -> None:
    """
    A deliverer that wants a fresh look does not wait for a decider that holds the parcel's row.
    """
    one, two = Store(postgres_url), Store(postgres_url)
    held, free = _due(one, 1, after(hours=1)), _due(one, 2, after(hours=1))
    with one.begin() as deciding, two.begin() as delivering:
        deciding.parcels.get(held, NOON, lock=True)
        delivering.parcels.look_soon([held, free], NOON)
        assert delivering.parcels.due_count(SEKO, NOON) == 1
    one.close()
    two.close()


# -- deciding ----------------------------------------------------------------------------------


def test_decisions_come_longest_waiting_first(store: Store) -> None:
    """
    A decision is due at its instant, and never where none is set.
    """
    first, second, third = (add_parcel(store, index) for index in range(3))
    add_parcel(store, 3)
    with store.begin() as tx:
        tx.parcels.decide_at(first, NOON)
        tx.parcels.decide_at(second, after(hours=-1))
        tx.parcels.decide_at(third, after(seconds=1))
        assert tx.parcels.to_decide(NOON, 10) == (second, first)
        assert tx.parcels.to_decide(NOON, 1) == (second,)
        tx.parcels.decide_at(second, None)
        assert tx.parcels.to_decide(NOON, 10) == (first,)


def _unverified_since(tx: Transaction, parcel_id: int) -> datetime | None:
    record = tx.parcels.get(parcel_id, NOON)
    return record.unverified_since if record else None


def test_marks_are_set_one_by_one(store: Store) -> None:
    """
    Setting one mark leaves the others; only the unverified mark can be taken off.
    """
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        tx.parcels.mark(parcel_id, urged_at=NOON)
        tx.parcels.mark_unverified([parcel_id], after(hours=1))
        tx.parcels.mark(parcel_id, claimed_at=after(hours=2))
        tx.parcels.mark(parcel_id)
        assert _unverified_since(tx, parcel_id) == after(hours=1)
        tx.parcels.mark_unverified([parcel_id], None)
        assert _unverified_since(tx, parcel_id) is None
        record = tx.parcels.get(parcel_id, NOON)
    assert record is not None
    assert (record.urged_at, record.claimed_at) == (NOON, after(hours=2))


LOOKS = [
    ((), True),
    ((report(looked_at=after(hours=-13)),), True),  # good, and before the deadline
    ((report(looked_at=after(hours=-12)),), False),
    ((report(looked_at=after(hours=-1)),), False),
    ((report(announced()),), False),
    ((report(outcome=Outcome.NOT_FOUND),), False),
    ((report(outcome=Outcome.BLOCKED),), True),
    ((report(outcome=Outcome.UNREADABLE), report(outcome=Outcome.MISSING)), True),
    ((report(outcome=Outcome.BLOCKED), report()), False),
]


def test_a_late_parcel_waits_for_a_good_look_after_its_deadline(store: Store) -> None:
    """
    Only a good look at or after the deadline ends the wait for a verdict (promises.md R3).
    """
    ids = [_due(store, index, shop=f"shop {index}") for index in range(len(LOOKS))]
    with store.begin() as tx:
        for parcel_id, (looked, _) in zip(ids, LOOKS, strict=True):
            for one in looked:
                tx.looks.record(parcel_id, one)
        waiting = [one for one, (_, waits) in zip(ids, LOOKS, strict=True) if waits]
        assert list(tx.parcels.overdue_without_good_look(NOON)) == waiting
        for index, (_, waits) in enumerate(LOOKS):
            assert tx.parcels.awaits_verdict(f"shop {index}", NOON) is waits
        assert not tx.parcels.awaits_verdict(None, NOON)


QUIET = [
    {"scan_deadline": after(seconds=1)},
    {"scan_deadline": None},
    {"archived_at": NOON},
]


@pytest.mark.parametrize("facts", QUIET)
def test_a_parcel_that_is_not_late_waits_for_no_verdict(
    store: Store, facts: dict[str, Any]
) -> None:
    """
    Before its deadline, without one, or archived, a parcel holds up no message.
    """
    _due(store, 1, **facts)
    with store.read() as tx:
        assert tx.parcels.overdue_without_good_look(NOON) == ()
        assert not tx.parcels.awaits_verdict("Lagos Lights", NOON)


def test_no_verdict_is_awaited_of_the_unverified_the_assumed_and_the_poisoned(
    store: Store,
) -> None:
    """
    What is told as unverified, only assumed, or put off holds up the shop's message no longer.
    """
    told, poisoned = _due(store, 1), _due(store, 2)
    _due(store, 3, handover_assumed=True)
    with store.begin() as tx:
        assert tx.parcels.awaits_verdict("Lagos Lights", NOON)
        tx.parcels.mark_unverified([told], NOON)
        assert tx.parcels.awaits_verdict("Lagos Lights", NOON)
        tx.parcels.put_off(poisoned, NOON, "ValueError")
        assert not tx.parcels.awaits_verdict("Lagos Lights", NOON)
        assert len(tx.parcels.overdue_without_good_look(NOON)) == 3


def test_a_scanned_parcel_is_not_counted_again(store: Store) -> None:
    """
    Deadlines follow the calendar only for live unscanned parcels of an order.
    """
    unscanned, scanned = add_parcel(store, 1), add_parcel(store, 2)
    add_parcel(store, 3, order_number=None)
    with store.begin() as tx:
        tx.looks.record(scanned, report(event()))
        assert tx.parcels.unscanned_live() == (unscanned,)


def test_an_open_alert_on_a_parcel_is_seen_until_it_is_closed(store: Store) -> None:
    """
    Alerts of other parcels, and closed ones, do not count.
    """
    parcel_id, other = add_parcel(store, 1), add_parcel(store, 2)
    with store.begin() as tx:
        alert_id = tx.alerts.open(new_alert(parcel_id), NOON)
        assert alert_id is not None
        assert tx.parcels.with_open_alert([parcel_id, other]) == {parcel_id}
        tx.alerts.set_state(alert_id, AlertState.ACTED, NOON)
        assert tx.parcels.with_open_alert([parcel_id]) == {parcel_id}
        tx.alerts.close(alert_id, ClosedBecause.MANUAL, NOON)
        assert tx.parcels.with_open_alert([parcel_id]) == frozenset()
