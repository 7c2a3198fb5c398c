"""
The promise P5: when the watcher itself stops, somebody outside learns of it.

A real watcher on a scripted clock, and an outside watchdog that really gets its pings over HTTP.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.world import (
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.daemon.deadman import ping
from tracker.daemon.rounds import run_once
from tracker.daemon.watcher import Watcher
from tracker.model import CarrierName, Outcome
from tracker.scheduler import Daemon
from tracker.status.health import health_of
from tracker.status.liveness import ONCE
from tracker.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.world import World

SECRET = "f3b0c442-98fc-1c14"
NUMBER = ds_number(319365323)
MINUTE = timedelta(minutes=1)


class Watchdog:
    """
    Somebody outside who keeps the pings; ``status`` is what each is answered.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.gate: threading.Event | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.root}/{SECRET}"

    def close(self) -> None:
        """
        Nobody listens any more.
        """
        if self.gate is not None:
            self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        watchdog = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                watchdog.asked.append(self.path)
                if watchdog.gate is not None:
                    watchdog.gate.wait()
                    return
                self.send_response(watchdog.status)
                self.send_header("Location", f"{watchdog.root}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """
                It says nothing.
                """

        return Handler


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    """
    An outside watchdog.
    """
    listening = Watchdog()
    yield listening
    listening.close()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watchdog: Watchdog) -> Iterator[World]:
    """
    A watcher that watches one parcel and has a watchdog.
    """
    clock = ScriptedClock(at("2026-11-18 10:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    extra = f'[deadman]\nurl = "{watchdog.url}"\n'
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, extra=extra) as opened:
        opened.take(order(NUMBER, handed_over_at=at("2026-11-16 16:00")))
        yield opened


def pass_minutes(world: World, minutes: int, *steps: Callable[[], object], each: int = 1) -> None:
    """
    The daemon's given steps tick every ``each`` minutes, then its ping.
    """
    for _ in range(0, minutes, each):
        world.clock.now += each * MINUTE
        for step in steps:
            step()
        world.watcher.ping()


def every_step(world: World) -> dict[str, Callable[[], object]]:
    """
    The steps that the promise names.
    """
    polls = {
        f"poll:{one}": lambda one=one: world.watcher.poll(one)  # type: ignore[misc]
        for one in CarrierName
    }
    return {**polls, "decide": world.watcher.decide, "deliver": world.watcher.deliver}


def warnings_of(world: World) -> tuple[str, ...]:
    """
    What ``tracker status`` warns of.
    """
    return health_of(world.settings, world.store, world.clock()).warnings


def problems_of(world: World) -> tuple[str, ...]:
    """
    What ``tracker status`` is red about.
    """
    return health_of(world.settings, world.store, world.clock()).problems


def test_p5_a_watcher_that_is_well_is_heard_of_every_minute(
    world: World, watchdog: Watchdog
) -> None:
    """
    Each ping asks exactly the configured address, and status is as green as without.
    """
    pass_minutes(world, 5, *every_step(world).values())
    assert watchdog.asked == [f"/{SECRET}"] * 5
    assert problems_of(world) == ()
    assert warnings_of(world) == ()


@pytest.mark.parametrize("dead", ["poll:seko", "poll:clevy", "decide", "deliver"])
def test_p5_a_dead_step_stops_the_ping(world: World, watchdog: Watchdog, dead: str) -> None:
    """
    When one step runs no more, the pings end a quarter of an hour later, and status says which.

    They begin again with the step.
    """
    steps = every_step(world)
    pass_minutes(world, 2, *steps.values())
    living = [step for name, step in steps.items() if name != dead]
    pass_minutes(world, 20, *living)
    assert len(watchdog.asked) == 2 + 15
    assert any(problem.startswith(f"{dead} has not run since") for problem in problems_of(world))
    assert any(f"held back, because {dead}" in warning for warning in warnings_of(world))
    pass_minutes(world, 1, *steps.values())
    assert len(watchdog.asked) == 2 + 15 + 1
    assert warnings_of(world) == ()


@pytest.mark.parametrize("never", ["poll:seko", "decide", "deliver"])
def test_p5_a_step_that_never_ran_holds_the_ping_back(
    world: World, watchdog: Watchdog, never: str
) -> None:
    """
    A daemon whose step dies at its first tick was never well.
    """
    pass_minutes(world, 3, *(step for name, step in every_step(world).items() if name != never))
    assert watchdog.asked == []
    assert f"dead-man's ping: daemon: held back, because {never} has never run" in warnings_of(
        world
    )


@pytest.mark.parametrize("step", ["poll:clevy", "decide", "deliver"])
def test_p5_a_failing_tick_stops_the_ping_at_once(
    world: World, watchdog: Watchdog, step: str
) -> None:
    """
    A tick that raised counts until the same step ran well again.
    """
    pass_minutes(world, 1, *every_step(world).values())
    world.watcher.missed(step, world.clock() + timedelta(seconds=1), "OSError")
    world.clock.now += timedelta(seconds=2)
    assert not world.watcher.ping()
    assert watchdog.asked == [f"/{SECRET}"]
    pass_minutes(world, 1, *every_step(world).values())
    assert watchdog.asked == [f"/{SECRET}"] * 2


def test_p5_an_unusable_database_stops_the_ping(world: World, watchdog: Watchdog) -> None:
    """
    A watcher that cannot read its own store tells nobody that it is well.
    """
    pass_minutes(world, 1, *every_step(world).values())
    world.store.close()
    database = Path(world.settings.database_url.removeprefix("sqlite:///"))
    for path in database.parent.glob(f"{database.name}*"):
        path.write_bytes(b"not a database any more" * 500)
    world.clock.now += MINUTE
    with pytest.raises(StoreError):
        world.watcher.ping()
    assert watchdog.asked == [f"/{SECRET}"]


def test_p5_a_full_outbox_stops_the_ping(world: World, watchdog: Watchdog) -> None:
    """
    When messages wait for more than an hour, the outside hears what the sellers do not.
    """
    world.inboxes.mail_down()
    world.inboxes.slack_status["lagos"] = 503
    pass_minutes(world, 60, *every_step(world).values(), each=5)
    assert len(watchdog.asked) == 12
    assert world.arrived == []
    pass_minutes(world, 30, *every_step(world).values(), each=5)
    assert len(watchdog.asked) == 13
    assert any("messages wait, the oldest since" in one for one in problems_of(world))
    world.inboxes.mail_up()


def test_p5_a_portal_that_is_down_does_not_pass_for_a_dead_watcher(
    world: World, watchdog: Watchdog
) -> None:
    """
    The operator hears of a carrier that is left alone for a while in other ways.

    Were the pings to stop for that, a death of the watcher meanwhile would go unnoticed.
    """
    crawl = world.watcher._crawls[CarrierName.SEKO]
    assert isinstance(crawl, ScriptedCrawl)
    crawl.outages.append((at("2026-11-18 09:00"), at("2026-11-19 09:00"), Outcome.BLOCKED))
    pass_minutes(world, 90, *every_step(world).values(), each=5)
    assert len(watchdog.asked) == 18
    assert any("left alone until" in problem for problem in problems_of(world))


def test_a_single_round_does_not_cover_for_a_dead_daemon(world: World, watchdog: Watchdog) -> None:
    """
    A round run by hand may be a day old for status; the daemon's own ping is not deceived by it.
    """
    by_hand = Watcher(
        world.settings, world.store, world.clock, mode=ONCE, crawls=world.watcher._crawls
    )
    run_once(by_hand, lambda _: None)
    assert watchdog.asked == [f"/{SECRET}"]
    pass_minutes(world, 16)
    assert len(watchdog.asked) == 1 + 15


@pytest.mark.parametrize(
    ("status", "told"),
    [(500, "HTTP 500"), (404, "HTTP 404"), (302, "HTTP 302, a redirect, which is not followed")],
)
def test_a_ping_that_fails_is_a_warning(
    world: World, watchdog: Watchdog, status: int, told: str
) -> None:
    """
    Only 2xx counts; nothing else is asked in its place, and the watcher itself is not red for it.
    """
    watchdog.status = status
    pass_minutes(world, 2, *every_step(world).values())
    assert watchdog.asked == [f"/{SECRET}"] * 2
    assert warnings_of(world) == (f"dead-man's ping: daemon: 127.0.0.1 answered {told}",)
    assert problems_of(world) == ()


def test_a_watchdog_that_is_down_or_silent_is_named_without_its_address(
    watchdog: Watchdog,
) -> None:
    """
    No answer in time, and no connection, are sentences; the secret path stands in neither.
    """
    watchdog.gate = threading.Event()
    assert ping(watchdog.url, seconds=0.2) == "127.0.0.1 did not answer in 0.2 seconds"
    watchdog.close()
    down = ping(watchdog.url)
    assert down is not None
    assert down.startswith("127.0.0.1 could not be reached (Connect")
    assert SECRET not in down


def test_without_a_watchdog_nothing_is_missed(world: World, watchdog: Watchdog) -> None:
    """
    When the setting is gone, its old heartbeat neither warns nor grows stale.
    """
    watchdog.status = 500
    pass_minutes(world, 1, *every_step(world).values())
    text = world._config.read_text().partition("[deadman]")[0]
    world._config.write_text(text)
    world.restart()
    pass_minutes(world, 30, *every_step(world).values())
    assert len(watchdog.asked) == 1
    assert problems_of(world) == warnings_of(world) == ()


def test_the_daemon_ticks_the_ping(world: World) -> None:
    """
    Its metronome has the step, a minute apart.
    """
    daemon = Daemon(world.watcher)
    daemon.start()
    try:
        job = daemon._scheduler.get_job("deadman")
        assert job is not None
        assert job.trigger.interval == MINUTE
    finally:
        daemon.stop()
