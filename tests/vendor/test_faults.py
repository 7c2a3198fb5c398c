"""
An API that misbehaves on the wire: what is asked again, what ends a sync, what is kept.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.vendorcenter import VendorCenterServer, item, order
from tests.support.world import ds_number
from tracker.model import UsageError
from tracker.settings import load_settings
from tracker.vendor.wire import MOST_BYTES

if TYPE_CHECKING:
    from tests.support.vendorcenter import Exchange
    from tests.vendor.conftest import Desk

NUMBER = ds_number(319365301)


def cut(exchange: Exchange) -> None:
    """
    The connection ends in the middle of the answer.
    """
    exchange.cut({"orders": [{"id": "x" * 200}]})


def drop(exchange: Exchange) -> None:
    """
    The connection ends without an answer.
    """
    exchange.handler.close_connection = True


def truncated(exchange: Exchange) -> None:
    """
    A whole answer that holds half a document.
    """
    exchange.answer(200, b'{"orders": [{"id": "uu')


def server_error(exchange: Exchange) -> None:
    """
    HTTP 502.
    """
    exchange.answer(502, b"bad gateway")


@pytest.mark.parametrize("path", ["/orders", "/orders/items"])
@pytest.mark.parametrize("fault", [cut, drop, truncated, server_error])
def test_a_broken_answer_is_asked_again(desk: Desk, path: str, fault: Any) -> None:
    """
    Up to three broken answers in a row cost time and nothing else.
    """
    desk.server.orders = [order("319365301", item(NUMBER))]
    desk.server.fail(path, fault, fault, fault)
    result = desk.sync()
    assert (result.problem, result.added) == (None, 1)
    assert desk.paused > 3


@pytest.mark.parametrize("fault", [cut, truncated, server_error])
def test_an_api_that_stays_broken_ends_the_sync(desk: Desk, fault: Any) -> None:
    """
    After four tries the sync ends with a sentence, and nothing counts as synced.
    """
    desk.server.fail("/orders", *[fault] * 4)
    result = desk.sync()
    assert result.problem is not None
    assert "127.0.0.1" in result.problem
    assert "token" not in result.problem
    account = desk.account()
    assert (account.synced_until, account.problem) == (None, result.problem)
    assert len(desk.server.asked("/orders")) == 4


def test_what_came_before_a_failure_is_kept(any_desk: Desk) -> None:
    """
    The first page is on the watch list; the next sync starts over and takes the rest.
    """
    server = any_desk.server
    server.page_size = 1
    server.orders = [order(f"31936530{n}", item(ds_number(n))) for n in (1, 2)]
    server.fail("/orders", server.serve, server.serve, *[server_error] * 4)
    first = any_desk.sync()
    assert (first.added, first.problem is not None) == (1, True)
    second = any_desk.sync()
    assert (second.added, second.unchanged, second.problem) == (1, 1, None)
    assert any_desk.account().problem is None


def test_429_is_obeyed(desk: Desk) -> None:
    """
    Nobody asks before the time that Retry-After names, in seconds.
    """
    limited = {"Retry-After": "7"}
    desk.server.fail("/orders", lambda exchange: exchange.answer(429, {}, limited))
    assert desk.sync().problem is None
    slot = desk.account().next_slot_at
    assert slot is not None
    assert slot >= desk.now + timedelta(seconds=7)
    assert desk.paused >= 7


def test_429_without_a_time_is_asked_again(desk: Desk) -> None:
    """
    A server that does not say how long is given a growing pause.
    """
    desk.server.fail("/orders", *[lambda exchange: exchange.answer(429, {})] * 3)
    assert desk.sync().problem is None
    assert desk.paused > 3


def test_429_for_long_ends_the_sync_and_holds_for_the_next(desk: Desk) -> None:
    """
    An hour is not waited for: the sync ends, and another within the hour asks nothing.
    """
    limited = {"Retry-After": "3600"}
    desk.server.fail("/orders", lambda exchange: exchange.answer(429, {}, limited))
    first = desk.sync()
    assert first.problem is not None
    assert "until 2026-11-24 07:00:00 UTC" in first.problem
    asked = len(desk.server.exchanges)
    desk.now += timedelta(minutes=30)
    assert desk.sync().problem is not None
    assert len(desk.server.exchanges) == asked
    desk.now += timedelta(minutes=31)
    assert desk.sync().problem is None


def test_requests_go_one_at_a_time(desk: Desk) -> None:
    """
    Each request takes a slot of its own, so that several processes share one pace.
    """
    desk.sync()
    requests = len(desk.server.asked("/orders")) + len(desk.server.asked("/orders/items"))
    slot = desk.account().next_slot_at
    assert slot == desk.now + requests * timedelta(seconds=0.1)


def test_an_answer_that_dribbles_is_left(desk: Desk) -> None:
    """
    A byte now and then does not hold the sync up beyond its time limit.
    """
    config = desk.config.read_text().replace("timeout_seconds = 5", "timeout_seconds = 0.5")
    desk.config.write_text(config)

    def dribble(exchange: Exchange) -> None:
        exchange.handler.send_response(200)
        exchange.handler.send_header("Content-Length", "1000")
        exchange.handler.end_headers()
        for _ in range(20):
            exchange.handler.wfile.write(b" ")
            exchange.handler.wfile.flush()
            time.sleep(0.1)
        exchange.handler.close_connection = True

    desk.server.fail("/orders", *[dribble] * 4)
    problem = desk.sync().problem
    assert problem is not None
    assert "did not finish its answer in 0.5 seconds" in problem


def test_a_silent_server_is_left(desk: Desk) -> None:
    """
    No answer at all ends each try at the time limit.
    """
    config = desk.config.read_text().replace("timeout_seconds = 5", "timeout_seconds = 0.2")
    desk.config.write_text(config)
    desk.server.fail("/orders", *[lambda _: time.sleep(1)] * 4)
    problem = desk.sync().problem
    assert problem is not None
    assert "ReadTimeout" in problem


def test_a_flood_is_left(desk: Desk) -> None:
    """
    An answer without end is not taken into memory.
    """

    def flood(exchange: Exchange) -> None:
        exchange.handler.send_response(200)
        exchange.handler.send_header("Content-Length", str(MOST_BYTES * 4))
        exchange.handler.end_headers()
        piece = b" " * 1024 * 1024
        try:
            for _ in range(64):
                exchange.handler.wfile.write(piece)
        except OSError:
            exchange.handler.close_connection = True  # we hung up, as we should

    desk.server.fail("/orders", flood)
    problem = desk.sync().problem
    assert problem is not None
    assert "more than 16 MB" in problem


def test_a_redirect_is_not_followed(desk: Desk) -> None:
    """
    Neither the access token nor the refresh token goes to another host.
    """
    with VendorCenterServer() as elsewhere:
        away = {"Location": f"{elsewhere.url}/orders"}
        desk.server.fail("/orders", lambda exchange: exchange.answer(302, {}, away))
        problem = desk.sync().problem
        desk.server.access.clear()
        desk.server.fail("/token", lambda exchange: exchange.answer(307, {}, away))
        again = desk.sync().problem
        assert elsewhere.exchanges == []
    assert problem is not None
    assert again is not None
    assert "redirects elsewhere" in problem
    assert "redirects elsewhere" in again


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "HTTP 400"), (403, "VC - Order Viewer"), (404, "api_url"), (418, "HTTP 418")],
)
def test_a_refusal_says_what_to_do(desk: Desk, status: int, words: str) -> None:
    """
    A refusal is not asked again, and its sentence names the next step.
    """
    desk.server.fail("/orders", lambda exchange: exchange.answer(status, {"secret": "BODY"}))
    problem = desk.sync().problem
    assert problem is not None
    assert words in problem
    assert "BODY" not in problem
    assert len(desk.server.asked("/orders")) == 1


@pytest.mark.parametrize("document", [[], {}, {"orders": None}, {"orders": {}}, None, 7])
def test_another_document_is_never_no_orders(desk: Desk, document: object) -> None:
    """
    An answer without a list of orders is an error, not an empty watch (promises.md R6).
    """
    desk.server.fail("/orders", lambda exchange: exchange.answer(200, document))
    assert desk.sync().problem == "The Vendor Center API answered without a list of orders."
    assert desk.account().synced_until is None


def test_nobody_listens(desk: Desk) -> None:
    """
    A host that cannot be reached is told by its name.
    """
    text = desk.config.read_text().replace(desk.server.url, "http://127.0.0.1:9")
    desk.config.write_text(text)
    problem = desk.sync().problem
    assert problem is not None
    assert "127.0.0.1 could not be reached (ConnectError)" in problem
    assert desk.account().unsure_at is None


@pytest.mark.parametrize("key", ["api_url", "token_url"])
@pytest.mark.parametrize("address", ["http://vendor.example", "ftp://x", "http://127.0.0.1.x.org"])
def test_a_token_never_travels_in_the_clear(desk: Desk, key: str, address: str) -> None:
    """
    Plain http is accepted for this machine only.
    """
    desk.config.write_text(f'[vendor_center]\n{key} = "{address}"\n')
    with pytest.raises(UsageError, match="must be an https"):
        load_settings()


def test_read_only(desk: Desk) -> None:
    """
    Nothing but the two reads and the renewal is ever asked.
    """
    desk.server.orders = [order("319365301", item(NUMBER))]
    desk.sync()
    asked = {(one.method, one.path) for one in desk.server.exchanges}
    assert asked == {("POST", "/token"), ("GET", "/orders"), ("GET", "/orders/items")}
