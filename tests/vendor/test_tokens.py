"""
The rotating token: never lost while anybody can help it, one renewal at a time (domain.md 5.2).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import TRACKER
from tests.support.vendorcenter import SEED, item, order
from tests.support.world import ds_number
from tests.vendor.conftest import opened_desk, shops
from tracker.clock import utc_now
from tracker.settings import load_settings
from tracker.vendor.accounts import accounts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.vendorcenter import Exchange, VendorCenterServer
    from tests.vendor.conftest import Desk

NUMBER = ds_number(319365301)


@pytest.fixture(autouse=True)
def one_order(server: VendorCenterServer) -> None:
    """
    The API knows one order.
    """
    server.orders = [order("319365301", item(NUMBER))]


def test_the_heir_is_stored_before_the_access_is_used(any_desk: Desk) -> None:
    """
    When the first order is asked for, the database holds the living refresh token already.
    """
    stored: list[str] = []

    def note(exchange: Exchange) -> None:
        stored.append(any_desk.account().refresh_token)
        exchange.server.serve(exchange)

    any_desk.server.fail("/orders", note)
    assert any_desk.sync().problem is None
    assert stored == [any_desk.server.living] == ["REFRESH-1"]


def test_an_access_token_is_used_until_it_ends(any_desk: Desk) -> None:
    """
    Within its hour no renewal is made; a minute before its end one is.
    """
    any_desk.sync()
    any_desk.now += timedelta(minutes=58)
    any_desk.sync()
    assert any_desk.server.renewals == [SEED]
    any_desk.now += timedelta(minutes=1)
    any_desk.sync()
    assert any_desk.server.renewals == [SEED, "REFRESH-1"]
    assert any_desk.account().refresh_token == any_desk.server.living


def test_an_access_token_that_is_refused_is_renewed_once(any_desk: Desk) -> None:
    """
    HTTP 401 in the middle of a sync: one renewal, the same request again, nothing lost.
    """
    any_desk.sync()
    any_desk.server.access.clear()
    any_desk.now += timedelta(minutes=15)
    assert any_desk.sync().problem is None
    assert any_desk.server.renewals == [SEED, "REFRESH-1"]


def test_a_second_401_ends_the_sync(desk: Desk) -> None:
    """
    A fresh access token that is refused too is not renewed again and again.
    """
    desk.server.fail("/orders", *[lambda exchange: exchange.answer(401, {})] * 4)
    problem = desk.sync().problem
    assert problem is not None
    assert "HTTP 401" in problem
    assert len(desk.server.renewals) == 2


def test_a_dead_refresh_token_is_one_clear_sentence(any_desk: Desk) -> None:
    """
    ``invalid_grant``: what, where, what to do; and no token in it.
    """
    any_desk.server.living = "ANOTHER"
    problem = any_desk.sync().problem
    assert problem is not None
    assert problem.startswith("The refresh token of Lagos Lights is not valid any more")
    assert "Vendor Center > Settings > Applications" in problem
    assert SEED not in problem
    account = any_desk.account()
    assert (account.problem, account.refused_at) == (problem, any_desk.now)


def test_a_new_token_in_the_settings_replaces_a_dead_one(any_desk: Desk) -> None:
    """
    A person generated another token: the next sync begins its chain and the problem is over.
    """
    any_desk.server.living = "GENERATED-2"
    any_desk.sync()
    any_desk.configure(shops(token="GENERATED-2"))
    assert any_desk.sync().problem is None
    account = any_desk.account()
    assert (account.refresh_token, account.problem, account.refused_at) == (
        any_desk.server.living,
        None,
        None,
    )


def test_a_daemon_with_old_settings_does_not_bring_the_old_token_back(any_desk: Desk) -> None:
    """
    Once replaced, the token that a chain began with never replaces the living one again.
    """
    any_desk.sync()
    (old,) = accounts_of(load_settings())
    any_desk.server.living = "GENERATED-2"
    any_desk.configure(shops(token="GENERATED-2"))
    any_desk.now += timedelta(hours=2)
    any_desk.sync()
    any_desk.now += timedelta(hours=2)
    assert any_desk.syncing().sync(old).problem is None
    assert any_desk.server.refusals == 0
    assert any_desk.account().refresh_token == any_desk.server.living


def test_a_lost_answer_is_explained_when_the_token_is_dead(desk: Desk) -> None:
    """
    The server renewed and the connection broke: the next sync says when and why it was lost.
    """

    def renew_and_break(exchange: Exchange) -> None:
        _, document = exchange.server.renew(exchange.form)
        exchange.cut(document)

    desk.server.fail("/token", renew_and_break)
    first = desk.sync().problem
    desk.now += timedelta(minutes=15)
    second = desk.sync().problem
    assert first is not None
    assert "could not be renewed" in first
    assert second is not None
    assert "A renewal was cut off at 2026-11-24 06:00 UTC" in second


def test_a_server_that_is_down_costs_no_token(desk: Desk) -> None:
    """
    HTTP 500 on a renewal that did not happen: the next sync renews with the same token.
    """
    desk.server.fail("/token", lambda exchange: exchange.answer(500, {}))
    assert desk.sync().problem is not None
    assert desk.sync().problem is None
    assert desk.server.renewals == [SEED]
    assert desk.account().unsure_at is None


@pytest.mark.parametrize(
    "answer",
    [b"<html>maintenance</html>", {}, [], {"access_token": 7.5}, {"access_token": None}],
)
def test_an_answer_without_a_token_is_no_token(desk: Desk, answer: object) -> None:
    """
    A page or another document instead of tokens ends the sync and changes no token.
    """
    desk.server.fail("/token", lambda exchange: exchange.answer(200, answer))
    assert desk.sync().problem is not None
    assert desk.account().refresh_token == SEED
    assert desk.sync().problem is None


@pytest.mark.parametrize("expires_in", [None, "3600", -5, 1e300, True])
def test_an_odd_life_span_is_survived(desk: Desk, expires_in: object) -> None:
    """
    A life span that is none: the token is used for now, and renewed when it is refused.
    """
    desk.server.expires_in = expires_in
    assert desk.sync().problem is None


def test_a_server_that_does_not_rotate_is_fine(desk: Desk) -> None:
    """
    No new refresh token in the answer: the old one lives on.
    """
    desk.server.access.add("LASTING")
    desk.server.fail("/token", lambda exchange: exchange.answer(200, {"access_token": "LASTING"}))
    assert desk.sync().problem is None
    assert desk.account().refresh_token == SEED


def test_a_renewal_that_is_under_way_is_waited_for(any_desk: Desk) -> None:
    """
    Somebody else holds the lease: nobody renews, and what they stored is used.
    """
    (account,) = accounts_of(load_settings())
    client = account.client_id
    with any_desk.store.begin() as tx:
        tx.vendor.open(client, account.refresh_token, account.seed)
        tx.vendor.lease(client, "another", any_desk.now, timedelta(seconds=60))
    any_desk.server.access.add("THEIRS")

    def they_finish(seconds: float) -> None:
        if seconds == 0:
            return
        with any_desk.store.begin() as tx:
            tx.vendor.rotated(
                client,
                used=SEED,
                refresh_token="THEIR-HEIR",
                access_token="THEIRS",
                expires_at=any_desk.now + timedelta(hours=1),
                now=any_desk.now,
            )

    result = replace(any_desk.syncing(), pause=they_finish).sync(account)
    assert (result.problem, result.added) == (None, 1)
    assert any_desk.server.renewals == []
    assert any_desk.account().refresh_token == "THEIR-HEIR"


def test_a_lease_that_a_crash_left_ends_by_itself(any_desk: Desk) -> None:
    """
    After its time the token is renewed by the next one, who knows that an heir may be lost.
    """
    (account,) = accounts_of(load_settings())
    with any_desk.store.begin() as tx:
        tx.vendor.open(account.client_id, account.refresh_token, account.seed)
        tx.vendor.lease(account.client_id, "dead", any_desk.now, timedelta(seconds=60))
    any_desk.now += timedelta(seconds=60)
    any_desk.server.living = "LOST"
    problem = any_desk.sync().problem
    assert problem is not None
    assert "A renewal was cut off at 2026-11-24 06:01 UTC" in problem


# -- real processes --------------------------------------------------------------------------------


@pytest.fixture
def office(
    server: VendorCenterServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    databases: object,
    database_url: str,
) -> Iterator[Desk]:
    """
    A desk on each engine for processes of their own: time is real, and so is the pace.
    """
    made = opened_desk(database_url, server, tmp_path, monkeypatch)
    server.orders = [order("319365301", item(NUMBER), createdAt=_yesterday())]
    yield made
    made.store.close()


def _yesterday() -> str:
    return (utc_now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def start(*extra: str) -> subprocess.Popen[str]:
    """
    ``tracker orders sync`` in a process of its own.
    """
    return subprocess.Popen(
        [sys.executable, TRACKER, "orders", "sync", "--json", *extra],
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_sync_at_once_renew_one_after_the_other(office: Desk) -> None:
    """
    Three at once: every token was presented while it lived, and the living one is stored.
    """

    def slowly(exchange: Exchange) -> None:
        time.sleep(0.5)
        exchange.server.serve(exchange)

    office.server.fail("/token", slowly)
    running = [start() for _ in range(3)]
    told = [one.communicate(timeout=90) for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], told
    assert office.server.refusals == 0
    assert office.server.renewals == [SEED]
    assert office.account().refresh_token == office.server.living
    with office.store.read() as tx:
        assert tx.parcels.count() == 1


def test_a_crash_after_the_renewal_was_stored_costs_nothing(office: Desk) -> None:
    """
    Killed at its first use of the access: the next process goes on with the living token.
    """
    running: list[subprocess.Popen[str]] = []
    office.server.fail("/orders", lambda _: running[0].send_signal(signal.SIGKILL))
    running.append(start())
    running[0].communicate(timeout=60)
    assert running[0].returncode == -signal.SIGKILL
    after = start()
    told = after.communicate(timeout=60)
    assert after.returncode == 0, told
    assert office.server.refusals == 0
    assert office.account().refresh_token == office.server.living


def test_a_crash_before_the_renewal_was_stored_is_told(office: Desk) -> None:
    """
    Killed between the server's renewal and our commit: a person is told what happened.
    """
    running: list[subprocess.Popen[str]] = []

    def renew_and_kill(exchange: Exchange) -> None:
        exchange.server.renew(exchange.form)
        running[0].send_signal(signal.SIGKILL)
        running[0].wait(timeout=30)

    office.server.fail("/token", renew_and_kill)
    running.append(start())
    running[0].communicate(timeout=60)
    office.now = utc_now() + timedelta(days=1)  # the lease of the dead is over
    result = office.sync()
    assert result.problem is not None
    assert "A renewal was cut off at" in result.problem
