"""
The daemon's step: who is due, who is left alone, and how a stop ends it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.support.vendorcenter import item, order
from tests.support.world import ds_number
from tests.vendor.conftest import shops
from tracker.planning.deadlines import Deadlines
from tracker.settings import load_settings
from tracker.vendor.due import due_accounts, pausing, sync_problems
from tracker.vendor.errors import Stopped
from tracker.vendor.step import sync_due

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.vendorcenter import Exchange
    from tests.vendor.conftest import Desk

NUMBER = ds_number(319365301)


def tick(desk: Desk, stopping: Callable[[], bool] = lambda: False) -> tuple[str, ...]:
    """
    One tick of the daemon.
    """
    deadlines = Deadlines(load_settings())
    return sync_due(desk.store, deadlines, lambda: desk.now, stopping)


def test_a_sync_is_due_every_quarter_of_an_hour(any_desk: Desk) -> None:
    """
    Ticks in between ask nothing.
    """
    tick(any_desk)
    asked = len(any_desk.server.exchanges)
    any_desk.now += timedelta(minutes=14)
    tick(any_desk)
    assert len(any_desk.server.exchanges) == asked
    any_desk.now += timedelta(minutes=1)
    tick(any_desk)
    assert len(any_desk.server.exchanges) > asked


def test_one_process_of_several_gets_a_due_sync(any_desk: Desk) -> None:
    """
    The account is claimed: the second one that asks finds nothing due.
    """
    settings = load_settings()
    first = list(due_accounts(settings, any_desk.store, any_desk.now))
    second = list(due_accounts(settings, any_desk.store, any_desk.now))
    assert (len(first), second) == (1, [])


def test_a_dead_token_is_told_once_and_not_tried_again(any_desk: Desk) -> None:
    """
    The daemon leaves the account alone until a person gave another token; status stays red.
    """
    any_desk.server.living = "GENERATED-2"
    (problem,) = tick(any_desk)
    assert "is not valid any more" in problem
    any_desk.now += timedelta(hours=1)
    assert tick(any_desk) == ()
    assert any_desk.server.refusals == 1
    with any_desk.store.read() as tx:
        assert list(sync_problems(load_settings(), tx)) == [problem]
    any_desk.configure(shops(token="GENERATED-2"))
    with any_desk.store.read() as tx:
        assert list(sync_problems(load_settings(), tx)) == []
    assert tick(any_desk) == ()
    assert any_desk.account().problem is None


def test_an_account_that_breaks_off_does_not_hold_up_the_next(desk: Desk) -> None:
    """
    A stored row that cannot be read ends one account's sync, with its problem; the other goes on.
    """
    desk.server.orders = [order("319365301", item(NUMBER))]
    tick(desk)
    with desk.store.begin() as tx:
        tx._connection.execute(text("UPDATE parcels SET service = 'by balloon'"))
    desk.configure(shops() + shops(client="client-2").replace("Lagos", "Accra"))
    desk.now += timedelta(minutes=15)
    desk.server.orders[0]["updatedAt"] = "2026-11-24T06:10:00+00:00"
    broken, refused = tick(desk)
    assert "orders of Lagos Lights: the sync broke off (ValueError)" in broken
    assert "orders of Accra Lights: The refresh token" in refused
    assert desk.account().problem is not None


def test_an_api_that_recovers_ends_the_problem(desk: Desk) -> None:
    """
    What failed a quarter of an hour ago is forgotten with the next good sync.
    """
    desk.server.fail("/orders", lambda exchange: exchange.answer(403, {}))
    (problem,) = tick(desk)
    assert "VC - Order Viewer" in problem
    desk.now += timedelta(minutes=15)
    assert tick(desk) == ()
    with desk.store.read() as tx:
        assert list(sync_problems(load_settings(), tx)) == []


def test_a_stop_in_the_middle_loses_nothing(desk: Desk) -> None:
    """
    The page that came is kept, nothing counts as synced, and the next sync goes on.
    """
    stopping = False

    def stop(exchange: Exchange) -> None:
        nonlocal stopping
        stopping = True
        exchange.server.serve(exchange)

    desk.server.page_size = 1
    desk.server.orders = [order(f"31936530{n}", item(ds_number(n))) for n in (1, 2)]
    desk.server.fail("/orders/items", stop)
    assert tick(desk, lambda: stopping) == ()
    with desk.store.read() as tx:
        assert tx.parcels.count() == 1
    assert desk.account().synced_until is None
    stopping = False
    desk.now += timedelta(minutes=15)
    assert tick(desk) == ()
    with desk.store.read() as tx:
        assert tx.parcels.count() == 2


def test_a_pause_ends_when_we_stop() -> None:
    """
    Nobody waits for a Retry-After when the daemon is being stopped.
    """
    with pytest.raises(Stopped):
        pausing(lambda: True)(3600)
    pausing(lambda: False)(0.01)
