"""
A shop that is told by a chat service and by a program of its own, through the whole watcher.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from werkzeug import Request, Response

from alerts.proving import prove_channels
from tests.support.world import (
    OPERATOR,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.daemon.watcher import Watcher
from tracker.model import CarrierName, DeliveryState, UsageError
from tracker.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_httpserver import HTTPServer

    from tests.support.world import World

NUMBER = ds_number(319365301)
SHOP = "Kano Kitchen"
TOKEN = "SeCrEtToKeN"


class Receivers:
    """
    A chat service at ``/chat`` and a program at ``/program``, which may refuse.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.status = 200
        self.got: list[tuple[str, str]] = []
        server.expect_request("/chat").respond_with_handler(self._chat)
        server.expect_request("/program").respond_with_handler(self._program)

    def _chat(self, request: Request) -> Response:
        return self._taken("chat", json.loads(request.get_data())["title"])

    def _program(self, request: Request) -> Response:
        sent = json.loads(request.get_data())
        said = [f"{one['kind']} {one['notice']}" for one in sent["data"]["alerts"]]
        return self._taken("program", said[0] if said else sent["type"])

    def _taken(self, who: str, what: str) -> Response:
        if self.status == 200:
            self.got.append((who, what))
        return Response(status=self.status)


@pytest.fixture
def receivers(httpserver: HTTPServer) -> Receivers:
    """
    Both take what comes until told otherwise.
    """
    return Receivers(httpserver)


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer, receivers: Receivers
) -> Iterator[World]:
    """
    One parcel of that shop, late since midnight.
    """
    monkeypatch.setattr("alerts.deliver.JITTER", 0)
    clock = ScriptedClock(at("2026-11-17 23:50"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    crawls[CarrierName.SEKO].tell(NUMBER, "2026-11-01 00:00", ())
    extra = f"""
[[shops]]
name = "{SHOP}"
apprise = ["json://user:{TOKEN}@127.0.0.1:{httpserver.port}/chat"]
webhook = {{ url = "{httpserver.url_for("/program")}", secret = "{"A" * 43}=" }}
"""
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, extra=extra) as opened:
        opened.take(order(NUMBER, shop=SHOP, handed_over_at=at("2026-11-16 16:00")))
        yield opened


def _morning(world: World, until: str = "2026-11-18 08:40") -> None:
    world.run_until(at("2026-11-18 08:00"), timedelta(hours=1))
    world.run_until(at(until), timedelta(minutes=10))


def _states(world: World) -> dict[str, DeliveryState]:
    (alert,) = world.alerts()
    return {one.channel: one.state for one in alert.deliveries}


def test_both_are_told_once(world: World, receivers: Receivers) -> None:
    """
    Chat and program each get the one alert, and the database holds neither password nor secret.
    """
    _morning(world)
    assert sorted(who for who, _ in receivers.got) == ["chat", "program"]
    assert ("program", "urge_scan first") in receivers.got
    (alert,) = world.alerts()
    stored = " ".join(one.recipient for one in alert.deliveries)
    assert TOKEN not in stored
    assert "A" * 43 not in stored


def test_what_refuses_is_parked_told_otherwise_and_revived(
    world: World, receivers: Receivers
) -> None:
    """
    With both gone (410) the operator reads it by mail; after the repair ``alerts test`` revives it.
    """
    receivers.status = 410
    _morning(world)
    assert _states(world) == {
        "apprise": DeliveryState.REFUSED,
        "webhook": DeliveryState.REFUSED,
        "email": DeliveryState.SENT,
    }
    assert [(one.channel, one.recipient) for one in world.arrived] == [("email", OPERATOR)]
    receivers.status = 200
    proofs = list(prove_channels(world.settings, world.store, world.clock, shop=SHOP))
    assert [(one.channel, one.arrived) for one in proofs] == [("apprise", True), ("webhook", True)]
    world.run_until(at("2026-11-18 10:00"), timedelta(minutes=10))
    told = [what for who, what in receivers.got if who == "program"]
    assert told == ["alerts.test", "urge_scan first"]
    assert [who for who, _ in receivers.got].count("chat") == 2
    assert DeliveryState.REFUSED not in _states(world).values()


def test_trouble_that_passes_delays_only(world: World, receivers: Receivers) -> None:
    """
    With both in trouble (503) nobody else is bothered, and each is told once when it is over.
    """
    receivers.status = 503
    _morning(world, "2026-11-18 09:00")
    receivers.status = 200
    world.run_until(at("2026-11-18 12:00"), timedelta(minutes=10))
    assert sorted(who for who, _ in receivers.got) == ["chat", "program"]
    assert world.arrived == []


def test_a_bad_url_stops_the_start(world: World) -> None:
    """
    The watcher does not start with an Apprise URL of no service; the sentence does not show it.
    """
    path = world._config
    path.write_text(path.read_text().replace("json://", "no-such-service://"))
    with pytest.raises(UsageError, match="no-such-service:// address in apprise of shop") as caught:
        Watcher(load_settings(), world.store, world.clock, crawls=world.watcher._crawls)
    assert TOKEN not in str(caught.value)
