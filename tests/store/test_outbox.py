"""
The outbox: what travels together, who may send it, and what a mark may change.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders import NOON, add_parcel, after, draft, open_alert
from tracker.model import AlertKind, ClosedBecause, DeliveryState
from tracker.store import Store

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.store import Transaction
    from tracker.store.picking import Picked

SPACING = timedelta(hours=1)
LEASE = timedelta(minutes=5)
MAIL = ("email", "seller@shop.example")
CHAT = ("slack", "https://hooks.example/1")
SHOP = "Lagos Lights"


def _alert(store: Store, index: int = 1) -> int:
    parcel_id = add_parcel(store, index)
    with store.begin() as tx:
        return open_alert(tx, parcel_id)


def _add(store: Store, alert_id: int, **facts: Any) -> int:
    known: dict[str, Any] = {
        "shop": SHOP,
        "recipients": [MAIL],
        "notice": "first",
        "now": NOON,
        "not_before": NOON,
    }
    with store.begin() as tx:
        return tx.outbox.add(alert_id, **(known | facts))


def _freeze(tx: Transaction, picked: Picked, now: datetime, owner: str) -> int:
    return tx.outbox.freeze(
        picked,
        reference=picked.reference or f"<{picked.deliveries[0].id}@test>",
        lines=[{"delivery_id": one.id} for one in picked.deliveries],
        delivery_ids=[one.id for one in picked.deliveries],
        now=now,
        owner=owner,
        lease=LEASE,
    )


def hourly(_: str, last: datetime) -> datetime:
    """
    A recipient is free again an hour after the last message.
    """
    return last + SPACING


def _claim(
    store: Store, now: datetime = NOON, owner: str = "a", spacing: timedelta = SPACING
) -> tuple[Picked, int] | None:
    with store.begin() as tx:
        picked = tx.outbox.pick(now, free_again=lambda _, last: last + spacing)
        return None if picked is None else (picked, _freeze(tx, picked, now, owner))


def _claimed(
    store: Store, now: datetime = NOON, owner: str = "a", spacing: timedelta = SPACING
) -> tuple[Picked, int]:
    claim = _claim(store, now, owner, spacing)
    assert claim is not None
    return claim


def _alerts_of(picked: Picked) -> list[int]:
    return [one.alert_id for one in picked.deliveries]


def _states(store: Store, alert_id: int) -> dict[str, DeliveryState]:
    with store.read() as tx:
        alert = tx.alerts.get(alert_id)
    assert alert is not None
    return {f"{one.channel} {one.notice}": one.state for one in alert.deliveries}


# -- adding and picking ------------------------------------------------------------------------


def test_a_notice_goes_to_each_recipient_once(store: Store) -> None:
    """
    The same alert, channel, recipient and notice is one delivery, however often it is added.
    """
    alert_id = _alert(store)
    assert _add(store, alert_id, recipients=[MAIL, CHAT, MAIL]) == 2
    assert _add(store, alert_id, recipients=[MAIL, CHAT]) == 0
    assert _add(store, alert_id, notice="reminder-2026-11-19") == 1
    assert len(_states(store, alert_id)) == 3


def test_nothing_is_due_before_its_time(store: Store) -> None:
    """
    A delivery waits for its send window.
    """
    _add(store, _alert(store), not_before=after(hours=1))
    assert _claim(store, after(minutes=59)) is None
    assert _claim(store, after(hours=1)) is not None


def test_a_shops_openings_to_one_recipient_travel_together(store: Store) -> None:
    """
    All due first notices and reminders of a shop and recipient are one message, in order.
    """
    ids = [_alert(store, index) for index in range(3)]
    _add(store, ids[2])
    _add(store, ids[0], notice="reminder-2026-11-18")
    _add(store, ids[1], not_before=after(seconds=1))
    picked, _ = _claimed(store)
    assert _alerts_of(picked) == [ids[2], ids[0]]
    assert (picked.shop, picked.channel, picked.recipient) == (SHOP, *MAIL)
    assert (picked.closing, picked.message_id, picked.crashed) == (False, None, False)


APART: list[dict[str, Any]] = [
    {"shop": "Kenya Kitchen"},
    {"shop": None},
    {"recipients": [CHAT]},
    {"recipients": [("email", "other@shop.example")]},
    {"notice": "resolved"},
    {"notice": "withdrawn"},
]


@pytest.mark.parametrize("facts", APART)
def test_other_shops_recipients_channels_and_closings_travel_apart(
    store: Store, facts: dict[str, Any]
) -> None:
    """
    They are messages of their own, and none of them waits for the other.
    """
    one, two = _alert(store, 1), _alert(store, 2)
    _add(store, one)
    _add(store, two, **facts)
    first, second = _claimed(store)[0], _claimed(store)[0]
    assert [_alerts_of(first), _alerts_of(second)] == [[one], [two]]
    assert second.closing == (facts.get("notice") in {"resolved", "withdrawn"})
    assert _claim(store) is None


def test_a_new_message_waits_an_hour_after_the_last_of_its_sort(store: Store) -> None:
    """
    A second opening waits out the hour; an all-clear does not wait behind an alarm (R15).
    """
    one, two = _alert(store, 1), _alert(store, 2)
    _add(store, one)
    _, message_id = _claimed(store)
    with store.begin() as tx:
        tx.outbox.sent(message_id, "a", NOON)
    soon = after(minutes=1)
    _add(store, two)
    _add(store, one, notice="resolved")
    closing, message_id = _claimed(store, soon)
    assert closing.closing
    with store.begin() as tx:
        tx.outbox.sent(message_id, "a", soon)
    assert _claim(store, soon) is None
    assert _claim(store, NOON + SPACING - timedelta(seconds=1)) is None
    late, _ = _claimed(store, NOON + SPACING)
    assert _alerts_of(late) == [two]


def test_a_second_attempt_does_not_wait_for_the_hour(store: Store) -> None:
    """
    A claimed message goes out again at its own time, and what came since stays out of it.
    """
    one, two = _alert(store, 1), _alert(store, 2)
    _add(store, one)
    first, message_id = _claimed(store)
    with store.begin() as tx:
        assert tx.outbox.retry(message_id, "a", after(minutes=2), "421 try later") == 1
    _add(store, two)
    assert _claim(store, after(minutes=1)) is None
    again, same = _claimed(store, after(minutes=2), "b")
    assert (same, again.message_id, again.reference) == (
        message_id,
        message_id,
        f"<{first.deliveries[0].id}@test>",
    )
    assert list(again.lines) == [{"delivery_id": first.deliveries[0].id}]
    assert (_alerts_of(again), again.crashed) == ([one], False)
    assert again.deliveries[0].attempts == 1
    assert again.deliveries[0].last_error == "421 try later"


def test_a_claim_without_an_answer_is_taken_again_as_a_possible_repeat(store: Store) -> None:
    """
    While the lease holds nobody gets it; afterwards it is the same message, marked as crashed.
    """
    alert_id = _alert(store)
    _add(store, alert_id)
    _, message_id = _claimed(store)
    assert _claim(store, NOON + LEASE - timedelta(seconds=1), "b") is None
    again, same = _claimed(store, NOON + LEASE, "b")
    assert (same, again.crashed, again.lines) == (
        message_id,
        True,
        ({"delivery_id": again.deliveries[0].id},),
    )


def test_what_another_deliverer_holds_stays_out_of_a_claim(store: Store) -> None:
    """
    Of a message whose rows have come apart, only what is free is sent, and not as a repeat.
    """
    one, two = _alert(store, 1), _alert(store, 2)
    _add(store, one)
    _add(store, two)
    first, message_id = _claimed(store)
    with store.begin() as tx:
        tx.outbox.retry(message_id, "a", after(minutes=1), "later")
        tx.outbox.postpone([first.deliveries[1].id], after(minutes=2))
    with store.begin() as tx:
        half = tx.outbox.pick(after(minutes=1), free_again=hourly)
        assert half is not None
        tx.outbox.postpone([half.deliveries[1].id], after(minutes=2))
        tx.outbox.freeze(
            half,
            reference="",
            lines=[],
            delivery_ids=[half.deliveries[0].id],
            now=after(minutes=1),
            owner="a",
            lease=LEASE,
        )
    rest, _ = _claimed(store, after(minutes=2), "b")
    assert (_alerts_of(rest), rest.crashed) == ([two], False)


def test_a_delivery_that_waits_for_a_look_says_since_when(store: Store) -> None:
    """
    The first instant of waiting is kept however often it is put off.
    """
    alert_id = _alert(store)
    _add(store, alert_id)
    with store.begin() as tx:
        picked = tx.outbox.pick(NOON, free_again=hourly)
        assert picked is not None
        ids = [one.id for one in picked.deliveries]
        tx.outbox.postpone(ids, after(minutes=10), recheck_since=NOON)
        assert tx.outbox.due_first_notices(NOON) == ()
        assert tx.outbox.due_first_notices(after(minutes=10)) == (alert_id,)
        tx.outbox.postpone(ids, after(minutes=20))
    late, _ = _claimed(store, after(minutes=20))
    assert (late.recheck_since, _alerts_of(late)) == (NOON, [alert_id])
    with store.read() as tx:
        assert tx.outbox.due_first_notices(after(days=1)) == ()


# -- marks -------------------------------------------------------------------------------------


def test_a_sent_message_is_not_sent_again(store: Store) -> None:
    """
    Sent is final for each of its deliveries.
    """
    one, two = _alert(store, 1), _alert(store, 2)
    _add(store, one)
    _add(store, two)
    _, message_id = _claimed(store)
    with store.begin() as tx:
        assert tx.outbox.sent(message_id, "a", after(seconds=9)) == 2
        assert [one.sent_at for one in tx.outbox.told(one)] == [after(seconds=9)]
        assert tx.outbox.state().pending == 0
    assert _claim(store, after(days=9)) is None


MARKS = ["sent", "retry", "refused"]


def _mark(tx: Transaction, mark: str, message_id: int, owner: str) -> int:
    if mark == "sent":
        return tx.outbox.sent(message_id, owner, NOON)
    if mark == "retry":
        return tx.outbox.retry(message_id, owner, NOON, "why")
    return tx.outbox.refused(message_id, owner, "why")


@pytest.mark.parametrize("mark", MARKS)
def test_a_deliverer_whose_lease_was_taken_marks_nothing(store: Store, mark: str) -> None:
    """
    Only the owner of the lease may say what came of a message (promises.md R11).
    """
    alert_id = _alert(store)
    _add(store, alert_id)
    _claimed(store, owner="slow")
    _, message_id = _claimed(store, NOON + LEASE, "quick")
    with store.begin() as tx:
        assert _mark(tx, mark, message_id, "slow") == 0
    assert _states(store, alert_id) == {"email first": DeliveryState.SENDING}
    with store.begin() as tx:
        assert _mark(tx, mark, message_id, "quick") == 1
        assert _mark(tx, mark, message_id, "quick") == 0


def test_a_refused_delivery_is_parked_and_revived(store: Store) -> None:
    """
    Parked is neither due nor lost; once its recipient is repaired the same message is due again.
    """
    alert_id = _alert(store)
    _add(store, alert_id)
    _, message_id = _claimed(store)
    with store.begin() as tx:
        tx.outbox.refused(message_id, "a", "404 no_service")
        assert tx.outbox.refused_alerts() == (alert_id,)
        assert tx.outbox.refused_recipients() == ((*MAIL, "404 no_service", 1),)
    assert _claim(store, after(days=9)) is None
    with store.begin() as tx:
        assert tx.outbox.revive(*CHAT, after(days=9)) == 0
        assert tx.outbox.revive(*MAIL, after(days=9)) == 1
        assert tx.outbox.refused_alerts() == ()
    again, same = _claimed(store, after(days=9))
    assert (same, again.crashed, again.deliveries[0].attempts) == (message_id, False, 0)


def test_what_ended_while_it_was_parked_is_not_revived(store: Store) -> None:
    """
    The opening of a closed alert stays parked; the news of its end is due.
    """
    alert_id = _alert(store)
    _add(store, alert_id)
    _add(store, alert_id, notice="resolved")
    for _ in range(2):
        _, message_id = _claimed(store)
        with store.begin() as tx:
            tx.outbox.refused(message_id, "a", "410")
    with store.begin() as tx:
        tx.alerts.close(alert_id, ClosedBecause.SCANNED, NOON)
        assert tx.outbox.refused_alerts() == ()
        assert tx.outbox.revive(*MAIL, NOON) == 1
    assert _states(store, alert_id) == {
        "email first": DeliveryState.REFUSED,
        "email resolved": DeliveryState.PENDING,
    }


def test_superseding_spares_what_is_under_way_or_done(store: Store) -> None:
    """
    Only unclaimed deliveries are taken back; whoever may have been told counts as told.
    """
    alert_id = _alert(store)
    _add(store, alert_id, recipients=[MAIL])
    _claimed(store)
    _add(store, alert_id, recipients=[CHAT])
    with store.begin() as tx:
        assert tx.outbox.supersede(alert_id) == 1
        assert [one.channel for one in tx.outbox.told(alert_id)] == ["email"]
    assert _states(store, alert_id) == {
        "email first": DeliveryState.SENDING,
        "slack first": DeliveryState.SUPERSEDED,
    }


def test_a_superseded_first_notice_can_be_due_again(store: Store) -> None:
    """
    A deadline that moves back makes the alert news for whoever was not told; nothing else returns.
    """
    alert_id = _alert(store)
    _add(store, alert_id)
    _add(store, alert_id, notice="reminder-2026-11-18")
    with store.begin() as tx:
        tx.outbox.supersede(alert_id)
        tx.outbox.again(alert_id, NOON)
    assert _states(store, alert_id) == {
        "email first": DeliveryState.PENDING,
        "email reminder-2026-11-18": DeliveryState.SUPERSEDED,
    }
    picked, _ = _claimed(store)
    assert picked.message_id is None


def test_dropped_deliveries_are_superseded(store: Store) -> None:
    """
    What is no longer true is taken out at the last moment, and the rest goes.
    """
    one, two = _alert(store, 1), _alert(store, 2)
    _add(store, one)
    _add(store, two)
    with store.begin() as tx:
        picked = tx.outbox.pick(NOON, free_again=hourly)
        assert picked is not None
        tx.outbox.drop([picked.deliveries[0].id])
        tx.outbox.drop([])
    rest, _ = _claimed(store)
    assert _alerts_of(rest) == [two]
    assert _states(store, one) == {"email first": DeliveryState.SUPERSEDED}


def test_however_many_deliveries_wait_they_can_be_put_off_and_dropped(store: Store) -> None:
    """
    More than a database takes as parameters of one statement: a shop of an agency after an outage.
    """
    alert_id = _alert(store)
    _add(store, alert_id)
    with store.begin() as tx:
        many = [*range(10_000, 80_000), tx.alerts.deliveries(alert_id)[0].id]
        tx.outbox.postpone(many, after(hours=1))
        assert tx.outbox.pick(NOON, free_again=hourly) is None
        tx.outbox.put_back(many, NOON)
        assert tx.outbox.pick(NOON, free_again=hourly) is not None
        tx.outbox.drop(many)
        assert tx.outbox.pick(NOON, free_again=hourly) is None


def test_the_outbox_says_how_full_it_is(store: Store) -> None:
    """
    Waiting, the longest-waiting instant and parked, of all recipients.
    """
    with store.read() as tx:
        empty = tx.outbox.state()
    assert (empty.pending, empty.oldest_pending_at, empty.refused) == (0, None, 0)
    alert_id = _alert(store)
    _add(store, alert_id, recipients=[MAIL], not_before=after(hours=-1))
    _add(store, alert_id, recipients=[CHAT])
    _add(store, alert_id, recipients=[("email", "op@example.org")], not_before=after(hours=-2))
    _, message_id = _claimed(store)
    with store.begin() as tx:
        tx.outbox.refused(message_id, "a", "404")
    _claimed(store)
    with store.read() as tx:
        state = tx.outbox.state()
    # The one that is being tried waits since it was made, not since its next attempt.
    assert (state.pending, state.oldest_pending_at, state.refused) == (2, NOON, 1)


def test_the_history_shows_the_newest_first(store: Store) -> None:
    """
    Every alert's deliveries with kind and reference, narrowed by shop, channel and state.
    """
    first, second = _alert(store), _alert(store, 2)
    _add(store, first, recipients=[MAIL])
    _claimed(store)
    _add(store, second, recipients=[CHAT], shop="Nairobi Home", not_before=after(hours=2))
    with store.read() as tx:
        newest, oldest = tx.outbox.history(limit=10)
        assert [one.delivery.alert_id for one in (newest, oldest)] == [second, first]
        assert (newest.kind, newest.reference) == (AlertKind.URGE_SCAN, None)
        assert (newest.created_at, newest.next_attempt_at) == (NOON, after(hours=2))
        assert oldest.reference == f"<{oldest.delivery.id}@test>"
        assert tx.outbox.history(limit=1) == (newest,)
        assert tx.outbox.history(shop=SHOP, limit=10) == (oldest,)
        assert tx.outbox.history(channel="slack", limit=10) == (newest,)
        assert tx.outbox.history(state=DeliveryState.SENDING, limit=10) == (oldest,)
        assert tx.outbox.history(shop=SHOP, channel="slack", limit=10) == ()


def test_a_delivery_whose_sender_died_counts_as_told(store: Store) -> None:
    """
    What may have been sent is not sent again when its alert has ended, and its end can be told.
    """
    alert_id = _alert(store)
    _add(store, alert_id)
    _claimed(store)
    with store.begin() as tx:
        (delivery,) = tx.outbox.told(alert_id)
        tx.outbox.assume_sent([delivery.id])
        (told,) = tx.outbox.told(alert_id)
    assert (told.state, told.sent_at) == (DeliveryState.SENT, None)
    assert "may have arrived" in (told.last_error or "")


# -- races -------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [2, 4])
def test_racing_deliverers_send_each_delivery_once(database_url: str, workers: int) -> None:
    """
    Each due delivery is claimed by one deliverer, and one recipient's go in one message (P3, R15).
    """
    setup = Store(database_url)
    with setup.begin() as tx:
        parcels = [tx.parcels.add(draft(index), NOON) for index in range(10)]
        alerts = [open_alert(tx, parcel_id) for parcel_id in parcels]
    people = [("email", f"{n}@shop.example") for n in range(2)]
    for alert_id in alerts:
        _add(setup, alert_id, recipients=people)

    together = threading.Barrier(workers)

    def work(owner: str) -> list[Picked]:
        own = Store(database_url)
        taken = []
        together.wait()
        while claim := _claim(own, owner=owner):
            taken.append(claim[0])
            with own.begin() as tx:
                assert tx.outbox.sent(claim[1], owner, NOON) == len(claim[0].deliveries)
        own.close()
        return taken

    with ThreadPoolExecutor(workers) as pool:
        shares = list(pool.map(work, [f"worker-{n}" for n in range(workers)]))
    setup.close()
    sent = [one for share in shares for one in share]
    assert sorted((one.channel, one.recipient) for one in sent) == people
    assert [_alerts_of(one) for one in sent] == [alerts] * 2
