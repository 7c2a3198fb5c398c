"""
A day of 1,000,000 watched parcels by simulation, with the product's own rule for the next look.

The rule knows one parcel at a time, so that a sample of whole lives stands for them all: in a
steady state a day of the watch list holds each age in the share that it has of a life. Every look
is made when it is due and is a good one; the six-hour poller asks from the import until it has seen
the end, as ours does.
"""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.lives import Life, life
from benchmarks.measuring import Figure
from benchmarks.places import default_settings
from tracker.calendar import WorkingCalendar
from tracker.model import Outcome
from tracker.planning.cadence import DEFAULT, Watch, next_look_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

LIVES = 5_000
WATCHED = 1_000_000
POLLER = timedelta(hours=6)
MOST_REQUESTS = 1 / 3
DAY = timedelta(days=1)
_SEED = 20261102


@dataclass(frozen=True, slots=True)
class Watched:
    """
    What watching one life took: looks before and after the scan was known, and the delays.
    """

    before: int
    after: int
    delay: timedelta
    days: float
    polls: int
    poller_delay: timedelta


def simulation() -> Iterator[Figure]:
    """
    Requests, delays, and the pace that a day of a million parcels asks of a carrier.
    """
    calendar = WorkingCalendar("shenzhen")
    chance = random.Random(_SEED)
    lives = [watched(life(chance, number, calendar), calendar, chance) for number in range(LIVES)]
    days = sum(one.days for one in lives)
    ours = sum(one.before + one.after for one in lives) / days
    polls = sum(one.polls for one in lives) / days
    before = sum(one.before for one in lives) / days
    delay = _hours(one.delay for one in lives)
    half = DEFAULT.fast / 2 / timedelta(hours=1)
    yield Figure(
        name="simulation-requests",
        unit="looks a parcel and day",
        ours=ours,
        limit=polls,
        limit_is="polled every six hours",
        bound="a third",
        ok=ours <= MOST_REQUESTS * polls,
        note=f"{before:.2f} of them before the scan is known; {LIVES:,} lives of "
        f"{days / LIVES:.1f} days",
    )
    yield Figure(
        name="simulation-delay",
        unit="hours",
        ours=delay,
        limit=_hours(one.poller_delay for one in lives),
        limit_is="polled every six hours",
        bound=f"half of the pace before the scan, {half:.2f} hours",
        ok=delay <= half,
        note="median from the scan to knowing",
    )
    yield _pace(ours)


def _pace(looks: float) -> Figure:
    """
    How many looks a minute a day of the whole list takes, and what the default pace allows.
    """
    carriers = default_settings().carriers
    allowed = {
        name: one.requests_per_minute * one.batch_size
        for name, one in (("Seko", carriers.seko), ("Clevy", carriers.clevy))
    }
    told = ", ".join(f"{name} {rate}" for name, rate in allowed.items())
    return Figure(
        name="simulation-pace",
        unit="looks a minute",
        ours=looks * WATCHED / (DAY / timedelta(minutes=1)),
        note=f"for {WATCHED:,} watched parcels; a carrier's default pace allows: {told}",
    )


def watched(one: Life, calendar: WorkingCalendar, chance: random.Random) -> Watched:
    """
    The life as ours and as the poller see it.
    """
    watch = Watch(
        key=one.key,
        first_seen_at=one.imported_at,
        service=one.service,
        created_at=one.created_at,
        handed_over_at=one.handed_over_at,
        scan_deadline=calendar.deadline(one.handed_over_at).at,
    )
    now, before, after, known_at = one.imported_at, 0, 0, None
    while (due := next_look_at(watch, now, calendar)) is not None:
        now = max(due, now)
        watch = _looked(watch, one, now)
        before += known_at is None
        after += known_at is not None
        if known_at is None and watch.scanned:
            known_at = now
    assert known_at is not None
    phase = POLLER * chance.random()
    return Watched(
        before=before,
        after=after,
        delay=known_at - one.scanned_at,
        days=(now - one.imported_at) / DAY,
        polls=_polls(one.imported_at, one.ended_at) + 1,
        poller_delay=phase,
    )


def _looked(watch: Watch, one: Life, now: datetime) -> Watch:
    """
    The parcel after a good look now.
    """
    shown = [(at, stage) for at, stage in one.events if at <= now]
    looked = replace(watch, last_look_at=now, last_good_look_at=now, last_outcome=Outcome.EVENTS)
    if not shown:
        return looked
    stage = shown[-1][1]
    fresh = watch.last_look_at is None or shown[-1][0] > watch.last_look_at
    return replace(
        looked,
        scanned=True,
        first_scan_at=one.scanned_at,
        stage=stage,
        last_news_at=now if fresh else watch.last_news_at,
    )


def _polls(start: datetime, end: datetime) -> int:
    return int((end - start) / POLLER) + 1


def _hours(delays: Iterator[timedelta]) -> float:
    return statistics.median(one / timedelta(hours=1) for one in delays)
