"""
Alerts: opened once, closed once, and what the operator's alerts cover.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import (
    CLEVY,
    NOON,
    SEKO,
    add_parcel,
    after,
    event,
    new_alert,
    number,
    open_alert,
    report,
)
from tracker.model import AlertKind, AlertState, ClosedBecause, Outcome, Proof, SellerStatus
from tracker.store import Store, StoreError
from tracker.store.alerts import NewAlert, carrier_subject, occasion_of

if TYPE_CHECKING:
    from datetime import datetime

UNVERIFIED = NewAlert(
    kind=AlertKind.UNVERIFIED,
    subject=carrier_subject(SEKO),
    occasion=NOON.isoformat(),
    reason="no_proof",
    carrier=SEKO,
)


@pytest.mark.parametrize("deadline", [after(hours=-12), None])
def test_one_alert_for_a_parcel_a_kind_and_a_deadline(
    store: Store, deadline: datetime | None
) -> None:
    """
    A second opening gives nothing, while the first stands and after it closed, deadline or none.
    """
    parcel_id = add_parcel(store)
    new = new_alert(parcel_id, deadline=deadline)
    with store.begin() as tx:
        opened = tx.alerts.open(new, NOON)
        assert opened is not None
        assert tx.alerts.open(new, after(hours=1)) is None
        tx.alerts.close(opened, ClosedBecause.MANUAL, NOON)
        assert tx.alerts.open(new, after(hours=2)) is None
        assert [one.id for one in tx.alerts.on_parcel(parcel_id)] == [opened]


def test_a_new_deadline_is_a_new_occasion_once_the_old_alert_is_closed(store: Store) -> None:
    """
    Of one kind, one alert at a time stands on a parcel.
    """
    parcel_id = add_parcel(store)
    later = new_alert(parcel_id, deadline=after(hours=12))
    with store.begin() as tx:
        first = open_alert(tx, parcel_id)
        assert tx.alerts.open(later, NOON) is None
        tx.alerts.close(first, ClosedBecause.DEADLINE_MOVED, NOON)
        second = tx.alerts.open(later, NOON)
        assert [one.id for one in tx.alerts.on_parcel(parcel_id)] == [first, second]


def test_other_kinds_and_other_parcels_are_other_alerts(store: Store) -> None:
    """
    Nothing but subject, kind and occasion makes two alerts one.
    """
    one, two = add_parcel(store, 1), add_parcel(store, 2)
    with store.begin() as tx:
        open_alert(tx, one)
        open_alert(tx, two)
        open_alert(tx, one, kind=AlertKind.RAISE_CLAIM)
        assert len(tx.alerts.matching()) == 3


def test_an_occasion_is_the_instant_and_not_its_spelling() -> None:
    """
    One deadline read in two zones is one occasion; none is one too.
    """
    local = NOON.astimezone(timezone(timedelta(hours=8)))
    assert occasion_of(local) == occasion_of(NOON)
    assert occasion_of(None) != occasion_of(NOON)


@pytest.mark.parametrize("workers", [2, 4])
def test_racing_deciders_open_one_alert(database_url: str, workers: int) -> None:
    """
    Whoever comes second gets nothing and no error (promises.md R11).
    """
    setup = Store(database_url)
    ids = [add_parcel(setup, index) for index in range(8)]
    together = threading.Barrier(workers)

    def work(_: int) -> list[int]:
        own = Store(database_url)
        together.wait()
        opened = []
        for parcel_id in ids:
            with own.begin() as tx:
                if tx.alerts.open(new_alert(parcel_id, deadline=None), NOON) is not None:
                    opened.append(parcel_id)
        own.close()
        return opened

    with ThreadPoolExecutor(workers) as pool:
        opened = [one for share in pool.map(work, range(workers)) for one in share]
    with setup.read() as tx:
        assert len(tx.alerts.matching(state="all")) == 8
    setup.close()
    assert sorted(opened) == ids


def test_an_alert_is_closed_once_and_its_first_reason_stays(store: Store) -> None:
    """
    Closing a closed alert changes nothing and says so.
    """
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        alert_id = open_alert(tx, parcel_id)
        assert tx.alerts.close(alert_id, ClosedBecause.SCANNED, after(hours=1))
        assert not tx.alerts.close(alert_id, ClosedBecause.MANUAL, after(hours=2))
        assert not tx.alerts.set_state(alert_id, AlertState.ACTED, NOON, case_id="12345678")
        tx.alerts.prove(alert_id, 99)
        closed = tx.alerts.get(alert_id)
    assert closed is not None
    assert (closed.state, closed.closed_because) == (AlertState.CLOSED, ClosedBecause.SCANNED)
    assert (closed.closed_at, closed.acted_at, closed.case_id) == (after(hours=1), None, None)
    assert (closed.reason, closed.proof) == ("no_events", None)


def test_a_closed_alert_can_be_opened_again_with_its_history(store: Store) -> None:
    """
    Reopening gives the alert its new proof and reason; an open one is left alone.
    """
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        look_id = tx.looks.record(parcel_id, report()).look_id
        alert_id = open_alert(tx, parcel_id)
        tx.alerts.reopen(alert_id, "ignored", look_id)
        tx.alerts.close(alert_id, ClosedBecause.DEADLINE_MOVED, NOON)
        tx.alerts.reopen(alert_id, "not_found", look_id)
        alert = tx.alerts.get(alert_id)
    assert alert is not None
    assert (alert.state, alert.closed_at, alert.closed_because) == (AlertState.OPEN, None, None)
    assert alert.reason == "not_found"
    assert alert.proof == Proof(looked_at=NOON, outcome=Outcome.NO_EVENTS, look_id=look_id)
    assert alert.opened_at == NOON


def test_reopening_beside_an_open_alert_of_its_kind_is_refused(store: Store) -> None:
    """
    Not even an error in the rules can put two open alerts of one kind on one parcel.
    """
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        old = open_alert(tx, parcel_id)
        tx.alerts.close(old, ClosedBecause.DEADLINE_MOVED, NOON)
        open_alert(tx, parcel_id, deadline=after(hours=12))
    with pytest.raises(StoreError, match=r"(?i)unique"), store.begin() as tx:
        tx.alerts.reopen(old, "not_found", None)


def test_what_a_person_did_is_kept(store: Store) -> None:
    """
    Acting on an alert notes when and the case; it stays open for everybody else.
    """
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        alert_id = open_alert(tx, parcel_id)
        assert tx.alerts.set_state(alert_id, AlertState.ACKNOWLEDGED, after(hours=1))
        assert tx.alerts.set_state(alert_id, AlertState.ACTED, after(hours=2), case_id="12345678")
        (alert,) = tx.alerts.matching()
    assert (alert.state, alert.acted_at, alert.case_id) == (
        AlertState.ACTED,
        after(hours=2),
        "12345678",
    )


def test_an_open_alert_rests_on_its_newest_proof(store: Store) -> None:
    """
    The proof names the look, its instant and its outcome.
    """
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        alert_id = open_alert(tx, parcel_id)
        unknown = report(outcome=Outcome.NOT_FOUND, looked_at=after(hours=1))
        look_id = tx.looks.record(parcel_id, unknown).look_id
        tx.alerts.prove(alert_id, look_id)
        alert = tx.alerts.get(alert_id)
    assert alert is not None
    assert alert.proof == Proof(
        looked_at=after(hours=1), outcome=Outcome.NOT_FOUND, look_id=look_id
    )


def test_an_alert_tells_whom_it_is_about(store: Store) -> None:
    """
    A parcel's alert carries its number, order and shop; the operator's carries a list.
    """
    one, two = add_parcel(store, 1), add_parcel(store, 2, shop="Kenya Kitchen")
    with store.begin() as tx:
        own = tx.alerts.get(open_alert(tx, one))
        listing = tx.alerts.open(UNVERIFIED, NOON)
        assert listing is not None
        tx.alerts.cover(listing, [two, one], NOON)
        whole = tx.alerts.get(listing)
        assert tx.alerts.shops_listed(listing) == {"Lagos Lights", "Kenya Kitchen"}
        assert tx.alerts.listed_of(listing, "Kenya Kitchen") == {two}
        assert [alert.id for alert in tx.alerts.covering(one)] == [listing]
        assert [alert.id for alert in tx.alerts.on_parcel(two)] == []
    assert own is not None
    assert (own.parcel_ids, own.tracking_numbers) == ((one,), (number(1),))
    assert (own.order_number, own.shop, own.carrier) == ("319365001", "Lagos Lights", SEKO)
    assert whole is not None
    assert (whole.parcel_ids, whole.tracking_numbers) == ((one, two), (number(1), number(2)))
    assert (whole.order_number, whole.shop, whole.deadline) == (None, None, None)


def test_an_operators_alert_lists_each_parcel_once(store: Store) -> None:
    """
    Covering it again changes nothing; uncovering takes it off; growth is seen.
    """
    one, two = add_parcel(store, 1), add_parcel(store, 2)
    with store.begin() as tx:
        alert_id = tx.alerts.open(UNVERIFIED, NOON)
        assert alert_id is not None
        assert not tx.alerts.lists_any(alert_id)
        tx.alerts.cover(alert_id, [one], NOON)
        tx.alerts.cover(alert_id, [one], after(hours=1))
        assert not tx.alerts.grown_since(alert_id, NOON)
        tx.alerts.cover(alert_id, [one, two], after(hours=1))
        assert tx.alerts.grown_since(alert_id, NOON)
        assert tx.alerts.lists_with([one, two], UNVERIFIED.kind) == {
            one: (UNVERIFIED.subject,),
            two: (UNVERIFIED.subject,),
        }
        tx.alerts.uncover(alert_id, [one])
        tx.alerts.uncover(alert_id, [one])
        assert tx.alerts.lists_with([one], UNVERIFIED.kind) == {}
        assert tx.alerts.lists_any(alert_id)
        alert = tx.alerts.get(alert_id)
    assert alert is not None
    assert alert.parcel_ids == (two,)


def test_alerts_can_be_picked_by_state_shop_and_kind(store: Store) -> None:
    """
    "open" is everything that is not closed.
    """
    one, two = add_parcel(store, 1), add_parcel(store, 2, shop="Kenya Kitchen")
    with store.begin() as tx:
        closed = open_alert(tx, one)
        acted = open_alert(tx, two, shop="Kenya Kitchen")
        claim = open_alert(tx, one, kind=AlertKind.RAISE_CLAIM)
        tx.alerts.close(closed, ClosedBecause.HIGHER_RUNG, NOON)
        tx.alerts.set_state(acted, AlertState.ACTED, NOON)
        found = {
            "open": [one.id for one in tx.alerts.matching()],
            "closed": [one.id for one in tx.alerts.matching(state="closed")],
            "all": [one.id for one in tx.alerts.matching(state="all")],
            "shop": [one.id for one in tx.alerts.matching(shop="Kenya Kitchen")],
            "kind": [one.id for one in tx.alerts.matching(kind=AlertKind.RAISE_CLAIM)],
        }
    assert found == {
        "open": [acted, claim],
        "closed": [closed],
        "all": [closed, acted, claim],
        "shop": [acted],
        "kind": [claim],
    }


def test_a_list_cannot_be_closed_while_it_grows(postgres_url: str) -> None:
    """
    A worker that found the operator's alert keeps others from it until it has written its parcel.

    Else one could close it as empty while another puts a parcel on it, told to nobody.
    """
    one, two = Store(postgres_url), Store(postgres_url)
    old, new = add_parcel(one, 1), add_parcel(one, 2)
    with one.begin() as tx:
        alert_id = tx.alerts.open(UNVERIFIED, NOON)
        assert alert_id is not None
        tx.alerts.cover(alert_id, [old], NOON)

    def recover() -> tuple[int, ...]:
        with two.begin() as tx:
            alert = tx.alerts.open_on(UNVERIFIED.subject, UNVERIFIED.kind)
            assert alert is not None
            listing = tx.alerts.get(alert.id)
            assert listing is not None
            return listing.parcel_ids

    with ThreadPoolExecutor(1) as pool:
        with one.begin() as tx:
            assert tx.alerts.open_on(UNVERIFIED.subject, UNVERIFIED.kind) is not None
            listed = pool.submit(recover)
            with pytest.raises(TimeoutError):
                listed.result(timeout=0.5)  # it waits for this transaction
            tx.alerts.cover(alert_id, [new], NOON)
        assert listed.result() == (old, new)
    one.close()
    two.close()


def test_an_unknown_wording_is_told_of_once(store: Store) -> None:
    """
    However often and in whatever spelling a carrier shows it; another carrier's is another one.
    """
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        assert tx.wordings.note(SEKO, "Blub blub.", parcel_id, NOON)
        assert not tx.wordings.note(SEKO, "BLUB  blub", parcel_id, NOON)
        assert tx.wordings.note(CLEVY, "Blub blub.", parcel_id, NOON)
        first, second = tx.wordings.new()
        assert (first.carrier, first.text, first.parcel_id) == (SEKO, "Blub blub.", parcel_id)
        assert tx.wordings.alerted(first.id, NOON)
        assert not tx.wordings.alerted(first.id, NOON)
        assert tx.wordings.new() == (second,)


LATELY = {"since": after(days=-7), "enough": 1}


def test_a_late_centre_is_counted(store: Store) -> None:
    """
    Of the live parcels that were due last at the centre, so many are unscanned.
    """
    ids = [add_parcel(store, index) for index in range(4)]
    add_parcel(store, 5, scan_deadline=after(hours=1))
    add_parcel(store, 6, centre="ningbo")
    with store.begin() as tx:
        tx.looks.record(ids[0], report(event()))
        tx.parcels.archive(ids[1], NOON)
        assert tx.alerts.late_in_centre("shenzhen", NOON, **LATELY) == (2, 3)
        assert tx.alerts.late_in_centre("xiamen", NOON, **LATELY) == (0, 0)


def test_what_was_due_long_ago_hides_no_late_centre(store: Store) -> None:
    """
    Deadlines count from the latest on until they hold enough parcels, none older than asked for.
    """
    for index, days in enumerate((0, 0, -1, -2, -8)):
        parcel_id = add_parcel(store, index, scan_deadline=after(days=days))
        if days:
            with store.begin() as tx:
                tx.looks.record(parcel_id, report(event(), tracking_number=number(index)))
    since = after(days=-7)
    with store.read() as tx:
        found = [
            tx.alerts.late_in_centre("shenzhen", NOON, since=since, enough=enough)
            for enough in (1, 2, 3, 99)
        ]
    assert found == [(2, 2), (2, 2), (2, 3), (2, 4)]


def test_what_says_nothing_about_the_centre_is_not_counted(store: Store) -> None:
    """
    An assumed hand-over and a cancelled order are left out; a shipped one was scanned.
    """
    add_parcel(store, 1, handover_assumed=True)
    add_parcel(store, 2, seller_status=SellerStatus.CANCELED)
    add_parcel(store, 3, seller_status=SellerStatus.SHIPPED)
    add_parcel(store, 4, seller_status=SellerStatus.READY_TO_SHIP)
    with store.read() as tx:
        assert tx.alerts.late_in_centre("shenzhen", NOON, **LATELY) == (1, 2)
