"""
The figures for Prometheus: what was done is counted where it is stored, and told without names.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.support.world import (
    SELLER,
    SHOP,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
)
from tracker.metrics import CONTENT_TYPE, exposition
from tracker.model import CarrierName, Outcome, ScanEvent, Stage
from tracker.settings import load_settings
from tracker.shapes import instant
from tracker.status.health import health_of
from tracker.status.liveness import DAEMON, ONCE, STALE_DAEMON, STALE_ONCE, VITAL
from tracker.status.summary import health_summary
from tracker.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import SqliteFiles
    from tests.support.world import World

DEPLOY = Path(__file__).parents[2] / "deploy"
NUMBER = ds_number(319365323)
OTHER = ds_number(319365324)
_NAME = re.compile(r"scan_tracker_\w+")

Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[World]:
    """
    A watcher of two parcels that nobody scanned, a little before their deadline.
    """
    clock = ScriptedClock(at("2026-11-17 23:50"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(
        tmp_path, monkeypatch, clock, crawls=crawls, database_url=database_url
    ) as opened:
        for number in (NUMBER, OTHER):
            opened.take(order(number, handed_over_at=at("2026-11-16 16:00")))
            crawls[CarrierName.SEKO].tell(number, "2026-11-16 00:00", ())
        yield opened


def told(world: World) -> str:
    """
    What Prometheus gets.
    """
    return exposition(world.store, world.settings, world.clock()).decode()


def samples(text: str) -> Samples:
    """
    Each sample by name and its labels' values, in the order of the labels' names.
    """
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_was_done_is_counted(world: World) -> None:
    """
    Looks by carrier and outcome, alerts by kind and cause, notices by channel and result.
    """
    world.inboxes.slack_status["lagos"] = 503
    world.run_until(at("2026-11-18 09:00"), timedelta(minutes=15))
    world.inboxes.slack_status["lagos"] = 200
    scan = ScanEvent(
        occurred_at=at("2026-11-18 08:00"),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=Stage.RECEIVED,
        is_scan=True,
        code=None,
        text="Parcel received",
        location=None,
    )
    crawl = world.watcher._crawls[CarrierName.SEKO]
    assert isinstance(crawl, ScriptedCrawl)
    crawl.tell(NUMBER, "2026-11-18 09:30", (scan,))
    world.run_until(at("2026-11-18 11:00"), timedelta(minutes=15))
    with world.store.begin() as tx:
        tx.parcels.look_soon([world.parcel(NUMBER).id], world.clock())
    world.tick()
    found = samples(told(world))
    for outcome in (Outcome.EVENTS, Outcome.NO_EVENTS):
        made = [
            look for one in (NUMBER, OTHER) for look in world.looks(one) if look.outcome is outcome
        ]
        assert found["scan_tracker_looks_total", ("seko", outcome.value)] == len(made) > 0
    assert found["scan_tracker_alerts_opened_total", ("urge_scan",)] == 2
    assert found["scan_tracker_alerts_closed_total", ("scanned", "urge_scan")] == 1
    assert found["scan_tracker_open_alerts", ("urge_scan",)] == 1
    sent = [row for alert in world.alerts() for row in alert.deliveries if row.sent_at is not None]
    for channel in ("email", "slack"):
        arrived = sum(row.channel == channel for row in sent)
        assert found["scan_tracker_deliveries_total", (channel, "sent")] == arrived > 0
        assert found["scan_tracker_delivery_seconds_count", (channel,)] == arrived
        assert found["scan_tracker_delivery_seconds_bucket", (channel, "+Inf")] == arrived
    assert found["scan_tracker_deliveries_total", ("slack", "retried")] >= 2
    assert (
        found["scan_tracker_delivery_seconds_bucket", ("email", "60")]
        < found["scan_tracker_delivery_seconds_count", ("email",)]
    ), "the night before the send window counts"


def test_what_is_now_is_told(world: World) -> None:
    """
    Due looks and their age, heartbeats and the outbox are as of the scrape.
    """
    world.clock.now += timedelta(minutes=20)
    before = samples(told(world))
    assert before["scan_tracker_due_looks", ("seko",)] == 2
    assert before["scan_tracker_due_looks", ("clevy",)] == 0
    assert before["scan_tracker_oldest_due_look_seconds", ("seko",)] == 20 * 60
    assert before["scan_tracker_oldest_due_look_seconds", ("clevy",)] == 0
    assert before["scan_tracker_watcher_ok", ()] == 0
    world.tick()
    world.clock.now += timedelta(seconds=90)
    after = samples(told(world))
    assert after["scan_tracker_oldest_due_look_seconds", ("seko",)] == 0
    assert after["scan_tracker_heartbeat_age_seconds", ("decide",)] == 90
    assert after["scan_tracker_heartbeat_ok", ("decide",)] == 1
    assert after["scan_tracker_carrier_good_rate", ("seko",)] == 1
    assert after["scan_tracker_outbox_pending", ()] == 4
    world.watcher.missed("decide", world.clock(), "OSError")
    broken = samples(told(world))
    assert broken["scan_tracker_heartbeat_ok", ("decide",)] == 0
    assert ("scan_tracker_heartbeat_ok", ("missed:decide",)) not in broken


def test_nothing_is_told_by_shop_number_or_recipient(world: World) -> None:
    """
    Who may read the figures learns nothing about anybody's parcels.
    """
    world.run_until(at("2026-11-18 09:00"), timedelta(minutes=15))
    text = told(world)
    assert "urge_scan" in text
    for private in (NUMBER, OTHER, SHOP, SELLER, "services/lagos", "127.0.0.1"):
        assert private not in text
    assert CONTENT_TYPE.startswith("text/plain")


def count_and_fail(store: Store) -> None:
    """
    A transaction that counts and then raises.
    """
    with store.begin() as tx:
        tx.counters.add("looks", "seko", "events", count=3)
        raise ZeroDivisionError


def test_a_transaction_that_fails_counts_nothing(store: Store) -> None:
    """
    A total grows with the thing counted or not at all.
    """
    with pytest.raises(ZeroDivisionError):
        count_and_fail(store)
    with store.begin(dry_run=True) as tx:
        tx.counters.add("looks", "seko", "events", count=3)
    with store.read() as tx:
        assert tx.counters.totals() == {}


ADD = """
import sys
from tracker.store import Store
store = Store(sys.argv[1])
for turn in range(50):
    with store.begin() as tx:
        for label in ("a", "b", "c") if turn % 2 else ("c", "b", "a"):
            tx.counters.add("looks", label, count=2)
"""


def test_totals_of_processes_that_count_at_once_add_up(database_url: str) -> None:
    """
    Three processes that count the same things in other orders lose none and never wait in a circle.
    """
    command = [sys.executable, "-c", ADD, database_url]
    running = [
        subprocess.Popen(command, env=os.environ.copy(), stderr=subprocess.PIPE) for _ in range(3)
    ]
    assert [(one.communicate(timeout=120)[1], one.returncode) for one in running] == [(b"", 0)] * 3
    store = Store(database_url)
    with store.read() as tx:
        assert tx.counters.totals() == {"looks": {(one,): 300 for one in "abc"}}
    store.close()


def _figure_names(text: str) -> set[str]:
    """
    The names that a query may use, of what the exposition declares.
    """
    names: set[str] = set()
    for family in text_string_to_metric_families(text):
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
        names |= {family.name + suffix for suffix in suffixes.get(family.type, ("",))}
    return names


@pytest.fixture
def known(sqlite_files: SqliteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """
    Every figure's name, as an empty store tells them.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRACKER_CONFIG", raising=False)
    store = open_store(sqlite_files.migrated())
    text = exposition(store, load_settings(), at("2026-11-18 10:00")).decode()
    store.close()
    return _figure_names(text)


def test_the_grafana_board_shows_figures_that_exist(known: set[str]) -> None:
    """
    Each figure that a panel asks for is told, and each one told is on the board.
    """
    board = json.loads((DEPLOY / "grafana" / "scan-tracker.json").read_text())
    asked = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in _NAME.findall(target["expr"])
    }
    assert asked <= known
    unseen = {name for name in known - asked if not name.endswith(("_count", "_sum"))}
    assert unseen == set()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_the_alert_rules_rest_on_figures_that_exist(known: set[str]) -> None:
    """
    The example for Prometheus is YAML of its form, and asks for nothing that is not told.
    """
    rules = yaml.safe_load((DEPLOY / "prometheus" / "scan-tracker.yml").read_text())
    listed = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len(listed) >= 5
    for rule in listed:
        assert {"alert", "expr", "labels", "annotations"} <= set(rule)
        asked = set(_NAME.findall(rule["expr"]))
        assert asked
        assert asked <= known
        assert rule["expr"].count("(") == rule["expr"].count(")")


def test_the_figures_are_documented(known: set[str]) -> None:
    """
    docs/server.md has each figure by the name that a query uses.
    """
    text = (DEPLOY.parent / "docs" / "server.md").read_text(encoding="utf-8")
    documented = set(_NAME.findall(text))
    told = {re.sub(r"_(bucket|count|sum)$", "", name) for name in known}
    assert told <= documented


def test_health_for_anybody_says_who_is_late_and_nothing_private(world: World) -> None:
    """
    Green needs every vital step fresh and well; no text of an error is in it.
    """
    unstarted, _ = health_summary(world.store, world.clock())
    assert not unstarted
    world.tick()
    ok, shape = health_summary(world.store, world.clock())
    assert ok
    assert shape["ok"] is True
    assert shape["steps"]["decide"] == {"age_seconds": 0, "ok": True}
    world.watcher.missed("deliver", world.clock() + timedelta(seconds=1), f"cannot tell {SELLER}")
    ok, shape = health_summary(world.store, world.clock() + timedelta(seconds=2))
    assert not ok
    assert shape["steps"]["deliver"] == {"age_seconds": 2, "ok": False}
    assert SELLER not in json.dumps(shape)


@pytest.mark.parametrize(("mode", "limit"), [(DAEMON, STALE_DAEMON), (ONCE, STALE_ONCE)])
def test_health_and_status_go_by_what_ran_last(world: World, mode: str, limit: timedelta) -> None:
    """
    A timer's round may be a day old, a daemon's step a quarter of an hour; both say the same.
    """
    for step in VITAL:
        with world.store.begin() as tx:
            tx.health.beat(step, world.clock(), ok=True, detail=mode)
    for late, well in ((timedelta(0), True), (timedelta(seconds=1), False)):
        now = world.clock() + limit + late
        assert health_summary(world.store, now)[0] is well
        told = health_of(world.settings, world.store, now).problems
        old = {f"{step} has not run since {instant(world.clock())}" for step in VITAL}
        assert {one for one in told if "has not run since" in one} == (set() if well else old)


def test_a_step_that_never_ran_is_told_by_both(world: World) -> None:
    """
    Whenever the answer for anybody is red, so is ``tracker status``.
    """
    with world.store.begin() as tx:
        tx.health.beat("decide", world.clock(), ok=True, detail=DAEMON)
    assert not health_summary(world.store, world.clock())[0]
    problems = health_of(world.settings, world.store, world.clock()).problems
    assert "deliver has never run" in problems


def test_health_without_a_database_is_an_answer() -> None:
    """
    A server that is down is red, and its address is not told.
    """
    store = Store("postgresql+psycopg://tracker:hush@127.0.0.1:1/parcels")
    ok, shape = health_summary(store, at("2026-11-18 10:00"))
    store.close()
    assert (ok, shape["database"]) == (False, False)
    assert "parcels" not in json.dumps(shape)
