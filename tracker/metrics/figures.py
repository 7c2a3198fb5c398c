"""
The figures by name: what each one means and where it comes from.

A name, once told, stays: dashboards and alert rules are written against it (docs/server.md).
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)

import tracker
from tracker.model import CarrierName
from tracker.status.health import health_of
from tracker.status.liveness import failing, steps_of
from tracker.store import counters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from prometheus_client import Metric

    from tracker.model import AlertKind
    from tracker.settings import Settings
    from tracker.status.carrierhealth import CarrierHealth
    from tracker.status.health import Health
    from tracker.store import Store

PREFIX = "scan_tracker_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    What was read of the store at one instant.
    """

    health: Health
    totals: Mapping[str, Mapping[tuple[str, ...], int]]
    due: Mapping[CarrierName, int]
    oldest_due: Mapping[CarrierName, datetime | None]
    open_alerts: Mapping[AlertKind, int]


def read_figures(store: Store, settings: Settings, now: datetime) -> Figures:
    """
    The figures as of ``now``.
    """
    with store.read() as tx:
        totals = tx.counters.totals()
        due = {one: tx.parcels.due_count(one, now) for one in CarrierName}
        oldest_due = {one: tx.parcels.oldest_due(one, now) for one in CarrierName}
        open_alerts = tx.alerts.open_by_kind()
    return Figures(
        health=health_of(settings, store, now),
        totals=totals,
        due=due,
        oldest_due=oldest_due,
        open_alerts=open_alerts,
    )


def families_of(figures: Figures) -> Iterator[Metric]:
    """
    Each figure with its samples, in the order of docs/server.md; also those without any yet.
    """
    build = InfoMetricFamily(f"{PREFIX}build", "The running version.")
    build.add_metric([], {"version": tracker.__version__, "python": platform.python_version()})
    yield build
    yield _gauge("watcher_ok", "1 while `tracker status` is green.", (), {(): figures.health.ok})
    yield from _totals(figures)
    yield _delays(figures)
    yield from _waiting(figures)
    yield from _heartbeats(figures.health)
    yield from _carriers(figures.health)


def _totals(figures: Figures) -> Iterator[Metric]:
    told = (
        ("looks", counters.LOOKS, ("carrier", "outcome"), "Looks recorded."),
        ("alerts_opened", counters.OPENED, ("kind",), "Alerts opened."),
        ("alerts_closed", counters.CLOSED, ("kind", "cause"), "Alerts closed."),
        ("deliveries", counters.DELIVERIES, ("channel", "outcome"), "Notices tried, by result."),
    )
    for name, total, labels, meaning in told:
        family = CounterMetricFamily(PREFIX + name, meaning, labels=labels)
        for values, count in sorted(figures.totals.get(total, {}).items()):
            family.add_metric(values, count)
        yield family


def _delays(figures: Figures) -> Metric:
    """
    Seconds from the decision to tell somebody until the notice arrived, by channel.
    """
    family = HistogramMetricFamily(
        f"{PREFIX}delivery_seconds",
        "From the decision to tell somebody until the notice arrived, the send window's wait too.",
        labels=("channel",),
    )
    counted = figures.totals.get(counters.DELAYS, {})
    sums = figures.totals.get(counters.DELAY_SUMS, {})
    for channel in sorted({channel for channel, _ in counted}):
        buckets, upto = [], 0
        for bound in (*map(str, counters.DELAY_BOUNDS), counters.BEYOND):
            upto += counted.get((channel, bound), 0)
            buckets.append((bound, upto))
        family.add_metric([channel], buckets, sums.get((channel,), 0))
    return family


def _waiting(figures: Figures) -> Iterator[Metric]:
    now, outbox = figures.health.now, figures.health.outbox
    yield _gauge("due_looks", "Looks that are due.", ("carrier",), _by_one(figures.due))
    yield _gauge(
        "oldest_due_look_seconds",
        "For how long the longest-waiting look is due; 0 when none is.",
        ("carrier",),
        {
            (carrier,): 0 if since is None else (now - since).total_seconds()
            for carrier, since in figures.oldest_due.items()
        },
    )
    yield _gauge("open_alerts", "Alerts that are open.", ("kind",), _by_one(figures.open_alerts))
    yield _gauge("outbox_pending", "Notices that wait.", (), {(): outbox.pending})
    yield _gauge(
        "outbox_oldest_pending_seconds",
        "For how long the oldest notice waits; 0 when none does.",
        (),
        {(): outbox.oldest_waiting_seconds(now) or 0},
    )
    yield _gauge("outbox_refused", "Notices that are parked.", (), {(): outbox.refused})


def _heartbeats(health: Health) -> Iterator[Metric]:
    steps, bad = steps_of(health.beats), failing(health.beats)
    yield _gauge(
        "heartbeat_age_seconds",
        "Since the step last ran.",
        ("step",),
        {(beat.name,): max(0.0, (health.now - beat.at).total_seconds()) for beat in steps},
    )
    yield _gauge(
        "heartbeat_ok",
        "1 when the step's latest tick went well.",
        ("step",),
        {(beat.name,): beat.name not in bad for beat in steps},
    )


def _carriers(health: Health) -> Iterator[Metric]:
    known = {(one.state.name.value,): one for one in health.carriers}
    yield _gauge(
        "carrier_ok",
        "0 while most looks at the carrier's portal fail.",
        ("carrier",),
        {labels: one.state.state != "bad" for labels, one in known.items()},
    )
    yield _gauge(
        "carrier_doubted",
        "1 while no look at the carrier's portal proves anything.",
        ("carrier",),
        {labels: one.state.mistrust is not None for labels, one in known.items()},
    )
    yield _gauge(
        "carrier_good_rate",
        "Share of good ones among the latest looks.",
        ("carrier",),
        {labels: one.good_rate for labels, one in known.items() if one.good_rate is not None},
    )
    yield _gauge(
        "carrier_cool_down_seconds",
        "For how long the carrier is still left alone.",
        ("carrier",),
        {labels: _cools(one, health.now) for labels, one in known.items()},
    )
    yield _gauge(
        "carrier_last_good_look_timestamp_seconds",
        "When the carrier's portal was last read well, in Unix time.",
        ("carrier",),
        {
            labels: one.state.last_good_look_at.timestamp()
            for labels, one in known.items()
            if one.state.last_good_look_at is not None
        },
    )


def _cools(carrier: CarrierHealth, now: datetime) -> float:
    until = carrier.state.cooldown_until
    return 0 if until is None else max(0.0, (until - now).total_seconds())


def _by_one(values: Mapping[CarrierName, int] | Mapping[AlertKind, int]) -> dict[tuple[str], int]:
    return {(key.value,): value for key, value in values.items()}


def _gauge(
    name: str,
    meaning: str,
    labels: tuple[str, ...],
    values: Mapping[Any, float],  # by the labels' values, a tuple of texts
) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, meaning, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family
